import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Testing

/// The exit statuses 65 to 74 of contract section 3, each with what must not have happened.
struct ExitStatusTests {
  // MARK: 65, 66

  @Test func `65: a bad plan is refused whole, with every problem named`() async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1")
      try stage.folder.file(
        "plan.csv",
        """
        project_id,scaling_group_id,min_instance_number,max_instance_number
        \(Stage.project),g-1,1,9
        \(Stage.project),g-2,5,2
        \(Stage.project),../g-3,1,
        """)
      let diagnostics = """
        plan.csv:3:40: error: max_instance_number: 2 is below min_instance_number (5)
        plan.csv:4:34: error: scaling_group_id: "../g-3" is no id: it may have letters, digits, '-', '_' and '.' only

        """
      for arguments in [["load", "plan.csv"], stage.running("plan.csv")] {
        let result = try await stage.fleetplan(arguments)
        #expect(result.ending == .exit(65))
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(diagnostics), "\(result.errors)")
        #expect(result.errors.hasSuffix("fleetplan: error: plan.csv: 2 errors: nothing was loaded\n"))
      }
      #expect(try await stage.fleetplan("history").output == "no plans\n\nno runs\n")
      #expect(stage.journal.isEmpty)
    }
  }

  @Test func `65: another plan than the reviewed one is not run`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let result = try await stage.fleetplan(
        stage.running("plan.csv", "--expect-sha256", String(repeating: "0", count: 64)))
      #expect(result.ending == .exit(65))
      #expect(result.errors.contains("plan.csv: its SHA-256 is "))
      #expect(stage.journal.isEmpty)
      #expect(try await stage.fleetplan("history", "--json").json()["runs"]?.arrayValue?.isEmpty == true)
    }
  }

  @Test(arguments: [
    (["load", "nowhere.csv"], "nowhere.csv"), (["check", "nowhere.csv"], "nowhere.csv"),
    (["run", "--plan", "9", "--yes", "--endpoint", "http://127.0.0.1:9"], "no plan 9"), (["status", "9"], "no run 9"),
    (["report", "9"], "no run 9"), (["resume", "9", "--yes"], "no run 9"), (["rollback", "9", "--yes"], "no run 9"),
    (["abandon", "9"], "no run 9"), (["status"], "no runs yet"), (["rollback", "--yes"], "no run that could be"),
  ])
  func `66: what is named is not there`(arguments: [String], words: String) async throws {
    let folder = try TemporaryFolder()
    try folder.file("plan.csv", "scaling_group_id,cool_down_time\ng-1,60\n")
    #expect(
      try await FleetplanProcess(["load", "plan.csv", "--project", "p"], folder: folder).wait().ending == .exit(0))
    let result = try await FleetplanProcess(arguments, folder: folder).wait()
    #expect(result.ending == .exit(66), "\(result.errors)")
    #expect(result.errors.contains(words))
  }

  @Test(arguments: ["status", "report", "history", "resume", "rollback", "abandon", "tune"])
  func `66: who only looks, or goes on, makes no ledger`(command: String) async throws {
    let folder = try TemporaryFolder()
    let more = ["resume": ["--yes"], "rollback": ["--yes"], "abandon": ["1"], "tune": ["--rate", "1"]]
    let result = try await FleetplanProcess([command] + (more[command] ?? []), folder: folder).wait()
    #expect(result.ending == .exit(66), "\(result.errors)")
    #expect(result.errors.contains("no such ledger; `load` or `run` makes one, `--ledger PATH` names another"))
    #expect(try folder.names.filter { !$0.hasPrefix(".") } == [])
  }

  // MARK: 69

  @Test func `69: where nothing answers nothing was changed, and the run can be resumed`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      await stage.server.suspend()
      let result = try await stage.fleetplan(stage.running("plan.csv", "--json", "--wait-endpoint", "1h"))
      #expect(result.ending == .exit(69))
      #expect(result.errors.contains("stopped: the endpoint cannot be reached; nothing was changed: "))
      let document = try result.json()
      #expect(document["state"]?.stringValue == "stopped")
      #expect(document["stop_reason"]?.stringValue == "never_connected")
      #expect(document.count("unfinished") == 2)
      #expect(document["requests"]?["put"]?.integerValue == 0)
      try await stage.server.resume()
      #expect(stage.journal.isEmpty)
      #expect(try await stage.fleetplan("resume", "--yes").ending == .exit(0))
      #expect(stage.value("g-1", .coolDownTime) == .integer(60))
    }
  }

  // MARK: 73, 74

  @Test(arguments: [
    ["load", "plan.csv", "--project", "p", "--ledger", "nowhere/ledger.sqlite"],
    ["run", "plan.csv", "--project", "p", "--yes", "--endpoint", "http://127.0.0.1:9", "--ledger", "nowhere/l.sqlite"],
    ["report", "--output", "nowhere/report.txt"], ["report", "--format", "csv", "--output", "nowhere/report.csv"],
  ])
  func `73: what cannot be made is named`(arguments: [String]) async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      #expect(try await stage.fleetplan(stage.running("plan.csv")).ending == .exit(0))
      let result = try await stage.fleetplan(arguments)
      #expect(result.ending == .exit(73), "\(result.errors)")
      #expect(result.errors.contains("nowhere/"))
      #expect(result.errors.contains("No such file or directory"))
      #expect(!stage.folder.exists("nowhere"))
    }
  }

  enum Foreign: String, CaseIterable, Sendable {
    case text, anotherProgram, newer, tooShort

    func make(in folder: TemporaryFolder) async throws {
      let path = folder.path("ledger.sqlite")
      switch self {
      case .text: try folder.file("ledger.sqlite", "These are my notes of last year.\n")
      case .tooShort: try folder.file("ledger.sqlite", "SQLite format 3\0")
      case .anotherProgram:
        let database = try DatabaseQueue(path: path)
        try await database.write { try $0.execute(sql: "CREATE TABLE note (text TEXT); PRAGMA application_id = 7") }
        try database.close()
      case .newer:
        try folder.file("plan.csv", "scaling_group_id,cool_down_time\ng-1,60\n")
        let made = try await FleetplanProcess(
          ["load", "plan.csv", "--project", "p", "--ledger", "ledger.sqlite"], folder: folder
        ).wait()
        #expect(made.ending == .exit(0))
        let database = try DatabaseQueue(path: path)
        try await database.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        try await database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        try database.close()
      }
    }

    var words: String {
      switch self {
      case .text: "not a ledger: no SQLite database; it was left as it is"
      case .tooShort: "the ledger is damaged"
      case .anotherProgram: "not a ledger: an SQLite database of another program (application_id 7)"
      case .newer: "the ledger has version 99, this program knows versions up to 3: use a newer fleetplan"
      }
    }
  }

  @Test(arguments: Foreign.allCases)
  func `74: a file that is no ledger of ours is refused, and not a byte of it changes`(foreign: Foreign) async throws {
    let folder = try TemporaryFolder()
    try await foreign.make(in: folder)
    try folder.file("plan.csv", "scaling_group_id,cool_down_time\ng-1,60\n")
    let before = (try folder.bytes("ledger.sqlite"), try folder.names.filter { !$0.hasPrefix(".") })
    for arguments in [
      ["load", "plan.csv", "--project", "p"], ["run", "plan.csv", "--project", "p", "--yes"], ["resume", "--yes"],
      ["rollback", "--yes"], ["abandon", "1"], ["status"], ["report"], ["history"], ["tune", "--rate", "1"],
    ] {
      let result = try await FleetplanProcess(arguments + ["--ledger", "ledger.sqlite"], folder: folder).wait()
      #expect(result.ending == .exit(74), "\(arguments): \(result.errors)")
      #expect(result.errors.contains(foreign.words), "\(arguments): \(result.errors)")
      #expect(try folder.bytes("ledger.sqlite") == before.0, "\(arguments)")
    }
    #expect(try folder.names.filter { !$0.hasPrefix(".") && !$0.hasSuffix(".lock") } == before.1)
  }
}
