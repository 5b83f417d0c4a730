import AutoScaling
import AutoScalingSimulator
import Foundation
import JSONText
import Testing

/// What `--json` writes: one document, with the keys and values of contract section 3.
struct DocumentTests {
  private static let runKeys = [
    "run_id", "plan_id", "kind", "state", "stop_reason", "changes", "requests", "started_at", "finished_at",
    "elapsed_seconds", "failures",
  ]
  private static let countKeys = [
    "total", "succeeded", "unchanged", "failed", "blocked", "conflicted", "abandoned", "unfinished",
  ]

  /// Three that succeed, one that is unnecessary, one whose group is missing.
  private static let plan = """
    project_id,scaling_group_id,cool_down_time,comment
    \(Stage.project),g-1,60,
    \(Stage.project),g-2,60,
    \(Stage.project),g-gone,60,"went away, they say"
    \(Stage.project),g-3,300,
    \(Stage.project),g-1,90,

    """

  private static func checkTime(_ node: JSONNode?, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(
      node?.stringValue?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil,
      sourceLocation: sourceLocation)
  }

  @Test func `check tells what is wrong with a plan`() async throws {
    let folder = try TemporaryFolder()
    try folder.file("bad.csv", "scaling_group_id,min_instance_number,max_instance_number\ng-1,5,2\ng-2,,many\n")
    let arguments = ["check", "bad.csv", "--project", Stage.project]
    let result = try await FleetplanProcess(arguments + ["--json"], folder: folder).wait()
    #expect(result.ending == .exit(65))
    let document = try result.json()
    #expect(document.names == ["valid", "changes", "diagnostics"])
    #expect(document["valid"]?.boolValue == false)
    let diagnostics = try #require(document["diagnostics"]?.arrayValue)
    let expected = [
      (2, 7, "max_instance_number", "2 is below min_instance_number (5)"),
      (3, 6, "max_instance_number", "\"many\" is not a whole number: write digits only, such as 300"),
    ]
    #expect(diagnostics.count == expected.count)
    for (diagnostic, (line, column, field, message)) in zip(diagnostics, expected) {
      #expect(diagnostic.names == ["file", "line", "column", "severity", "field", "message"])
      #expect(diagnostic["file"]?.stringValue == "bad.csv")
      #expect(diagnostic["line"]?.integerValue == line)
      #expect(diagnostic["column"]?.integerValue == column)
      #expect(diagnostic["severity"]?.stringValue == "error")
      #expect(diagnostic["field"]?.stringValue == field)
      #expect(diagnostic["message"]?.stringValue == message)
    }
    // The same for people and their editors.
    let text = try await FleetplanProcess(arguments, folder: folder).wait()
    #expect(text.ending == .exit(65))
    #expect(text.output.isEmpty)
    #expect(
      text.errors == expected.map { "bad.csv:\($0):\($1): error: \($2): \($3)\n" }.joined() + "bad.csv: 2 errors\n")
  }

  @Test func `load tells the plan, and twice the same is one plan`() async throws {
    let folder = try TemporaryFolder()
    try folder.file("plan.csv", Self.plan)
    let first = try await FleetplanProcess(["load", "plan.csv", "--json"], folder: folder).wait()
    #expect(first.ending == .exit(0))
    let document = try first.json()
    #expect(document.names == ["plan_id", "name", "sha256", "changes", "groups", "projects", "warnings"])
    #expect(document["plan_id"]?.integerValue == 1)
    #expect(document["name"]?.stringValue == "plan.csv")
    // As `sha256sum` has it.
    #expect(
      document["sha256"]?.stringValue == "df5f2790ccd9f28c76ebb7267b03bf32ee721462840c5abcd2794051e57be6c2")
    #expect(document["changes"]?.integerValue == 5)
    #expect(document["groups"]?.integerValue == 4)
    #expect(document["projects"]?.integerValue == 1)
    #expect(document["warnings"]?.arrayValue?.count == 1)
    let second = try await FleetplanProcess(["load", "plan.csv", "--json"], folder: folder).wait()
    #expect(second.ending == .exit(0))
    #expect(second.output == first.output)
    #expect(second.errors.contains("plan 1 is in the ledger already"))
    // Another default project may mean other groups: another plan.
    let other = try await FleetplanProcess(["load", "plan.csv", "--json", "--project", "p"], folder: folder).wait()
    #expect(try other.json()["plan_id"]?.integerValue == 2)
    #expect(try other.json()["sha256"] == document["sha256"])
    let history = try await FleetplanProcess(["history", "--json"], folder: folder).wait()
    #expect(try history.json()["plans"]?.arrayValue?.count == 2)
    // One file is the whole ledger, for its owner alone.
    #expect(try folder.names.filter { !$0.hasPrefix(".") } == ["fleetplan.sqlite", "plan.csv"])
    let mode = try FileManager.default.attributesOfItem(atPath: folder.path("fleetplan.sqlite"))[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func `run, resume, status and report tell the same of a run`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2", "g-3"] { stage.addGroup(group) }
      try stage.folder.file("plan.csv", Self.plan)
      let run = try await stage.fleetplan(
        stage.running("plan.csv", "--json", "--verbose", "--reason", "CHG-1", "--max-failures", "5"))
      #expect(run.ending == .exit(1))
      let document = try run.json()
      #expect(document.names == Self.runKeys)
      #expect(document["run_id"]?.integerValue == 1)
      #expect(document["plan_id"]?.integerValue == 1)
      #expect(document["kind"]?.stringValue == "apply")
      #expect(document["state"]?.stringValue == "completed")
      #expect(document["stop_reason"]?.isNull == true)
      #expect(document["changes"]?.names == Self.countKeys)
      #expect(document["changes"]?.objectValue?.map(\.node.integerValue) == [5, 3, 1, 1, 0, 0, 0, 0])
      #expect(document["requests"]?.names == ["get", "put", "retries"])
      #expect(document["requests"]?.objectValue?.map(\.node.integerValue) == [5, 3, 0])
      Self.checkTime(document["started_at"])
      Self.checkTime(document["finished_at"])
      guard case .number? = document["elapsed_seconds"]?.value else {
        Issue.record("elapsed_seconds is \(document["elapsed_seconds"]?.kindName ?? "missing")")
        return
      }
      let failures = try #require(document["failures"]?.arrayValue)
      #expect(failures.count == 1)
      let failure = try #require(failures.first)
      #expect(
        failure.names == [
          "change", "line", "project_id", "scaling_group_id", "state", "http_status", "error_code", "message",
        ])
      #expect(failure["change"]?.integerValue == 3)
      #expect(failure["line"]?.integerValue == 4)
      #expect(failure["project_id"]?.stringValue == Stage.project)
      #expect(failure["scaling_group_id"]?.stringValue == "g-gone")
      #expect(failure["state"]?.stringValue == "failed")
      #expect(failure["http_status"]?.integerValue == 400)
      #expect(failure["error_code"]?.stringValue == "AS.2007")
      #expect(failure["message"]?.stringValue == "The AS group does not exist.")

      let requests = stage.journal.count
      for arguments in [["status"], ["status", "1"], ["report"], ["report", "1"], ["resume"], ["resume", "1"]] {
        let again = try await stage.fleetplan(arguments + ["--json"])
        #expect(again.output == run.output, "\(arguments)")
        #expect(again.ending == .exit(arguments[0] == "resume" ? 1 : 0), "\(arguments)")
      }
      #expect(try await stage.fleetplan("report", "--format", "json").output == run.output)
      #expect(stage.journal.count == requests)
    }
  }

  @Test func `rollback and history tell of both runs`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2", "g-3"] { stage.addGroup(group) }
      try stage.folder.file("plan.csv", Self.plan)
      try await stage.fleetplan(stage.running("plan.csv", "--max-failures", "5"))
      let rollback = try await stage.fleetplan(["rollback", "--yes", "--json"] + Stage.quick)
      #expect(rollback.ending == .exit(0))
      let document = try rollback.json()
      #expect(document.names == Self.runKeys)
      #expect(document["run_id"]?.integerValue == 2)
      #expect(document["plan_id"]?.integerValue == 1)
      #expect(document["kind"]?.stringValue == "rollback")
      #expect(document["changes"]?.objectValue?.map(\.node.integerValue) == [3, 3, 0, 0, 0, 0, 0, 0])

      let history = try await stage.fleetplan("history", "--json").json()
      #expect(history.names == ["plans", "runs"])
      let plans = try #require(history["plans"]?.arrayValue)
      #expect(plans.map { $0["plan_id"]?.integerValue } == [1])
      #expect(plans.first?["changes"]?.integerValue == 5)
      let runs = try #require(history["runs"]?.arrayValue)
      #expect(runs.allSatisfy { $0.names == Self.runKeys.dropLast() })
      #expect(Set(runs.map { $0["kind"]?.stringValue }) == ["apply", "rollback"])
      #expect(Set(runs.map { $0["run_id"]?.integerValue }) == [1, 2])
      #expect(runs.allSatisfy { $0["state"]?.stringValue == "completed" })
    }
  }

  @Test func `logs and progress stay on standard error, as lines of JSON where that is asked for`() async throws {
    try await Stage.with(groups: 3) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      // Loaded before: a plan's diagnostics are lines for editors in any case.
      #expect(try await stage.fleetplan("load", "plan.csv").ending == .exit(0))
      let run = try await stage.fleetplan(
        ["run", "--plan", "1", "--yes", "--json", "--log-format", "json"] + stage.connection + Stage.quick)
      #expect(run.ending == .exit(0))
      #expect(try run.json().count("succeeded") == 6)
      let lines = run.errors.split(separator: "\n")
      let messages = try lines.map { try JSONParser.parse(String($0)) }
        .map { $0["message"]?.stringValue ?? "none" }
      #expect(messages.first == "ledger: \(stage.ledger)")
      #expect(messages.last == "ledger: \(stage.ledger)")
      // Quiet is quiet.
      let quiet = try await stage.fleetplan(["rollback", "--yes", "--quiet", "--json"] + Stage.quick)
      #expect(quiet.ending == .exit(0))
      #expect(quiet.errors.isEmpty)
    }
  }
}
