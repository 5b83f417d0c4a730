import AutoScaling
import AutoScalingSimulator
import Foundation
import JSONText
import Testing

/// From the live groups to a plan, through a spreadsheet, and back to the groups.
struct GroupsCommandTests {
  /// Writes the live groups to a file.
  @discardableResult
  private static func list(
    _ stage: Stage, to file: String = "fleet.csv", _ more: String...
  ) async throws -> FleetplanProcess.Result {
    try await stage.fleetplan(
      ["groups", "--project", Stage.project, "--output", file, "--rate", "0"] + stage.connection + more)
  }

  private static func addGroups(_ stage: Stage) {
    for number in 1...12 {
      stage.addGroup(
        "web-\(number)",
        GroupModification([
          .availableZones: .strings(["eu-de-01", "eu-de-02"]), .deletePublicIP: .boolean(true),
          .deleteVolume: .boolean(number == 9),
          .networks: .networks([Network(id: "n-1"), Network(id: "n-2", ipv6Enable: true)]),
          .description: number % 2 == 0 ? .null : .string("Größe \(number), \"fest\""),
        ]))
    }
  }

  @Test(arguments: Spreadsheet.Program.all)
  func `only the edited cell is sent, though a policy has moved another value`(
    program: Spreadsheet.Program
  ) async throws {
    try await Stage.with { stage in
      Self.addGroups(stage)
      #expect(try await Self.list(stage).ending == .exit(0))
      var sheet = Spreadsheet(try stage.folder.text("fleet.csv"), in: program)
      let row = try #require(sheet.row(where: "scaling_group_id", is: "web-7"))
      #expect(sheet[row, "cool_down_time"] == "300")
      sheet[row, "cool_down_time"] = "600"
      try stage.folder.file("edited.csv", sheet.saved)
      let check = try await stage.fleetplan("check", "edited.csv")
      #expect(check.ending == .exit(0))
      #expect(
        check.errors
          == "edited.csv: valid: 1 change to 1 group in 1 project; 11 more change nothing and are skipped\n")

      stage.change("web-7", GroupModification([.desireInstanceNumber: .integer(4)]))
      stage.change("web-8", GroupModification([.desireInstanceNumber: .integer(5)]))
      let before = stage.values
      let run = try await stage.fleetplan(stage.running("edited.csv"))
      #expect(run.ending == .exit(0), "\(run.errors)")
      #expect(stage.puts.map(\.modification) == [GroupModification([.coolDownTime: .integer(600)])])
      #expect(stage.puts.map(\.groupID) == ["web-7"])
      var after = before
      after[stage.reference("web-7")]?[.coolDownTime] = .integer(600)
      #expect(stage.values == after)
    }
  }

  @Test func `an edited cell whose field somebody else has changed is a conflict`() async throws {
    try await Stage.with { stage in
      Self.addGroups(stage)
      try await Self.list(stage)
      var sheet = Spreadsheet(try stage.folder.text("fleet.csv"), in: .germanExcel)
      for (group, text) in [("web-1", "klein"), ("web-2", "mittel"), ("web-4", "groß")] {
        let row = try #require(sheet.row(where: "scaling_group_id", is: group))
        sheet[row, "description"] = text
      }
      try stage.folder.file("edited.csv", sheet.saved)
      stage.change("web-1", GroupModification([.description: .string("taken")]))
      // It was not set before: that is expected, too.
      stage.change("web-2", GroupModification([.description: .string("taken")]))
      let run = try await stage.fleetplan(stage.running("edited.csv"))
      #expect(run.ending == .exit(1))
      #expect(try stage.states() == ["conflicted": 2, "succeeded": 1])
      #expect(stage.value("web-4", .description) == .string("groß"))
      #expect(stage.value("web-1", .description) == .string("taken"))
    }
  }

  @Test func `an emptied cell leaves its field as it is`() async throws {
    try await Stage.with { stage in
      Self.addGroups(stage)
      try await Self.list(stage)
      var sheet = Spreadsheet(try stage.folder.text("fleet.csv"), in: .libreOffice)
      let row = try #require(sheet.row(where: "scaling_group_id", is: "web-3"))
      sheet[row, "max_instance_number"] = "9"
      sheet[row, "description"] = ""
      try stage.folder.file("edited.csv", sheet.saved)
      #expect(try await stage.fleetplan(stage.running("edited.csv")).ending == .exit(0))
      #expect(stage.puts.map(\.modification) == [GroupModification([.maxInstanceNumber: .integer(9)])])
    }
  }

  @Test func `one value for all groups needs no spreadsheet`() async throws {
    try await Stage.with { stage in
      Self.addGroups(stage)
      stage.addGroup("db-1")
      stage.change("web-3", GroupModification([.coolDownTime: .integer(60)]))
      let listed = try await Self.list(
        stage, to: "plan.csv", "--name", "web-*", "--set", "cool_down_time=60", "--set", "delete_volume=true")
      #expect(
        listed.errors
          == "rate unlimited: as fast as the service answers\n"
          + "plan.csv: 13 groups in 1 project, 1 request; 12 of them chosen; none holds what is to be set already\n"
      )
      let lines = try stage.folder.text("plan.csv").split(separator: "\n")
      #expect(
        lines[0]
          == "project_id,scaling_group_id,scaling_group_name,cool_down_time,delete_volume,expect:cool_down_time,"
          + "expect:delete_volume,expect:scaling_group_name")
      #expect(lines.count == 13)
      let run = try await stage.fleetplan(stage.running("plan.csv"))
      #expect(run.ending == .exit(0), "\(run.errors)")
      let whole = GroupModification([.coolDownTime: .integer(60), .deleteVolume: .boolean(true)])
      #expect(stage.puts.count == 12)
      for put in stage.puts {
        // What a group holds already is not sent.
        let held: GroupField? = put.groupID == "web-3" ? .coolDownTime : put.groupID == "web-9" ? .deleteVolume : nil
        #expect(put.modification == whole.filter { $0 != held })
      }
      #expect(stage.value("db-1", .coolDownTime) == .integer(300))
      let again = try await Self.list(stage, to: "again.csv", "--set", "cool_down_time=60", "--name", "web-*")
      #expect(again.errors.contains("; 12 hold what is to be set already\n"))
    }
  }

  @Test func `the JSON document is a plan, too`() async throws {
    try await Stage.with { stage in
      Self.addGroups(stage)
      let listed = try await stage.fleetplan(
        ["groups", "--project", Stage.project, "--json", "--fields", "max_instance_number,networks"] + stage.connection)
      #expect(listed.ending == .exit(0))
      let document = try listed.json()
      #expect(document.names == ["changes"])
      let changes = try #require(document["changes"]?.arrayValue)
      #expect(changes.count == 12)
      let names = ["scaling_group_name", "max_instance_number", "networks"]
      #expect(changes.allSatisfy { $0.names == ["project_id", "scaling_group_id"] + names + ["expect"] })
      #expect(changes.allSatisfy { $0["expect"]?.names == names })
      try stage.folder.file("same.json", listed.output)
      let same = try await stage.fleetplan("check", "same.json")
      #expect(same.errors.hasSuffix("0 changes to 0 groups in 0 projects; 12 more change nothing and are skipped\n"))
      // Only the first of the two: the second is what is expected.
      let edited = listed.output.replacing(
        #""web-5","max_instance_number":5"#, with: #""web-5","max_instance_number":6"#, maxReplacements: 1)
      try stage.folder.file("edited.json", edited)
      #expect(try await stage.fleetplan(stage.running("edited.json")).ending == .exit(0))
      #expect(stage.puts.map(\.modification) == [GroupModification([.maxInstanceNumber: .integer(6)])])
    }
  }

  @Test func `a plan without expected values writes back what the groups held`() async throws {
    try await Stage.with { stage in
      Self.addGroups(stage)
      let listed = try await Self.list(stage, to: "before.csv", "--no-expect")
      #expect(listed.ending == .exit(0))
      let before = stage.values
      for number in [2, 5] {
        stage.change(
          "web-\(number)", GroupModification([.coolDownTime: .integer(77), .maxInstanceNumber: .integer(8)]))
      }
      let run = try await stage.fleetplan(stage.running("before.csv"))
      #expect(run.ending == .exit(0))
      #expect(stage.values == before)
      #expect(stage.puts.count == 2)
    }
  }

  // MARK: Looking

  @Test func `250 groups of two projects cost four requests, no ledger and no PUT`() async throws {
    try await Stage.with(groups: 250, { $0.projects = 2 }) { stage in
      let projects = stage.server.projects.flatMap { ["--project", $0] }
      let before = stage.values
      let result = try await stage.fleetplan(
        ["groups", "--fields", "cool_down_time"] + projects + projects + stage.connection)
      #expect(result.ending == .exit(0))
      #expect(result.errors == "250 groups in 2 projects, 4 requests\n")
      let ids = result.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] }
      #expect(ids.sorted() == stage.server.cloud.references.map { $0.groupID[...] }.sorted())
      #expect(stage.journal.map(\.kind) == Array(repeating: .list, count: 4))
      #expect(stage.values == before)
      #expect(try stage.folder.names.filter { !$0.hasPrefix(".") }.isEmpty)
    }
  }

  @Test func `names and statuses choose`() async throws {
    try await Stage.with { stage in
      for id in ["web-1", "web-2", "web-10", "Web-3", "api-1"] { stage.addGroup(id) }
      stage.addGroup("web-4", status: "PAUSED")
      stage.addGroup("api-2", status: "ERROR")
      for (arguments, expected) in [
        (["--name", "web-?"], ["web-1", "web-2", "web-4"]),
        (["--name", "[Ww]eb-*", "--status", "inservice"], ["Web-3", "web-1", "web-10", "web-2"]),
        (["--name", "web-1", "--name", "*-2"], ["api-2", "web-1", "web-2"]),
        (["--status", "Paused,ERROR"], ["api-2", "web-4"]),
        (["--name", "eb"], []),
      ] {
        let result = try await stage.fleetplan(
          ["groups", "--project", Stage.project, "--json", "--fields", "cool_down_time"] + stage.connection + arguments)
        #expect(result.ending == .exit(0))
        let changes = try #require(try result.json()["changes"]?.arrayValue)
        #expect(changes.compactMap { $0["scaling_group_id"]?.stringValue }.sorted() == expected, "\(arguments)")
      }
    }
  }

  @Test func `the project can come from the environment`() async throws {
    try await Stage.with { stage in
      stage.addGroup("web-1")
      for variable in ["OS_PROJECT_ID", "OS_TENANT_ID"] {
        let result = try await stage.fleetplan(
          ["groups", "--fields", "cool_down_time"] + stage.connection, environment: [variable: Stage.project])
        #expect(result.output.contains("\(Stage.project),web-1,web-1,300,300,web-1\n"))
      }
      let none = try await stage.fleetplan(["groups"] + stage.connection)
      #expect(none.ending == .exit(64))
      let ways = "name it with --project, in OS_PROJECT_ID, or as project_id of the cloud in clouds.yaml\n"
      #expect(none.errors == "fleetplan: error: which project? \(ways)")
      let named = try await stage.fleetplan(["groups"] + stage.connection, environment: ["OS_PROJECT_NAME": "eu-de"])
      #expect(named.ending == .exit(78))
      #expect(named.errors.hasSuffix("without a password, with which IAM tells it: \(ways)"))
    }
  }

  @Test func `an existing file is kept, and half a plan is not left behind`() async throws {
    try await Stage.with { stage in
      stage.addGroup("web-1")
      try stage.folder.file("fleet.csv", "precious")
      let refused = try await Self.list(stage)
      #expect(refused.ending == .exit(73))
      #expect(try stage.folder.text("fleet.csv") == "precious")
      #expect(stage.journal.isEmpty)
      // The second project is none of the service's.
      let failed = try await stage.fleetplan(
        ["groups", "--project", Stage.project, "--project", "other", "--output", "new.csv"] + stage.connection)
      #expect(failed.ending == .exit(69))
      #expect(failed.errors.contains("project other: its groups cannot be listed: HTTP 400 AS.0008"))
      #expect(try stage.folder.names.filter { !$0.hasPrefix(".") } == ["fleet.csv"])
    }
  }

  @Test func `what was written before a list failed is said not to be the whole list`() async throws {
    try await Stage.with(groups: 300) { stage in
      let projects = ["--project", stage.server.projects[0], "--project", "other"]
      for (more, isPart) in [([], true), (["--name", "no-group"], false)] {
        let failed = try await stage.fleetplan(["groups"] + projects + stage.connection + more)
        #expect(failed.ending == .exit(69))
        #expect(failed.output.isEmpty != isPart)
        #expect(failed.errors.hasSuffix(". What was written to standard output is not the whole list\n") == isPart)
      }
    }
  }

  @Test func `with a password, projects find their endpoints and tokens, and keep to the rate`() async throws {
    try await Stage.with(groups: 250, { ($0.projects, $0.authentication) = (2, .token) }) { stage in
      let result = try await stage.fleetplan(
        ["groups", "--fields", "cool_down_time"] + stage.server.projects.flatMap { ["--project", $0] },
        environment: [
          "OS_AUTH_URL": stage.server.endpoint + "/v3", "OS_USERNAME": SimulatorOptions.sampleUserName,
          "OS_PASSWORD": SimulatorOptions.samplePassword, "OS_USER_DOMAIN_NAME": SimulatorOptions.sampleDomainName,
        ])
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(result.output.split(separator: "\n").count == 251)
      #expect(stage.journal.count { $0.kind == .list } == 4)
      #expect(stage.journal.allSatisfy { $0.status == 200 || $0.status == 201 })
      #expect(stage.journal.maximumReceived(within: .seconds(1)) <= 11)
    }
  }

  @Test func `refused credentials cost one request and end with 77`() async throws {
    try await Stage.with(groups: 300, { $0.authentication = .token }) { stage in
      let result = try await stage.fleetplan(
        ["groups", "--project", stage.server.projects[0]] + stage.connection, environment: ["OS_TOKEN": "wrong"])
      #expect(result.ending == .exit(77))
      #expect(result.output.isEmpty)
      #expect(stage.journal.count == 1)
    }
  }

  @Test func `a reader that goes away ends it quietly`() async throws {
    try await Stage.with(groups: 400) { stage in
      let process = try stage.start(
        ["groups", "--project", stage.server.projects[0]] + stage.connection, streams: .closed)
      let result = try await process.wait()
      #expect(result.ending == .exit(0))
    }
  }
}
