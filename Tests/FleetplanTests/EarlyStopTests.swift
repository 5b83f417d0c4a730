import AutoScaling
import AutoScalingSimulator
import Foundation
import JSONText
import Testing

/// The exit statuses 75 to 78 of contract section 3: a run that stops early, or may not begin.
struct EarlyStopTests {
  @Test func `75: an unfinished run that shares a group is in the way`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let stopped = try await stage.fleetplan(stage.running("plan.csv", "--waves", "1,100%", "--confirm-waves"))
      #expect(stopped.ending == .exit(76))
      try stage.folder.file(
        "other.csv", "project_id,scaling_group_id,cool_down_time\n\(Stage.project),g-2,90\n\(Stage.project),g-3,90\n")
      stage.addGroup("g-3")
      let requests = stage.journal.count
      let refused = try await stage.fleetplan(stage.running("other.csv"))
      #expect(refused.ending == .exit(75))
      #expect(
        refused.errors.contains(
          "run 1 (apply of plan.csv) is unfinished and shares the group \(stage.reference("g-2")) with this plan: "
            + "`fleetplan resume 1` goes on with it, `fleetplan abandon 1` ends it, --again runs all the same. "
            + "Nothing was changed"))
      #expect(stage.journal.count == requests)
      #expect(try await stage.fleetplan(stage.running("other.csv", "--again")).ending == .exit(0))
      #expect(stage.value("g-2", .coolDownTime) == .integer(90))
      #expect(try await stage.fleetplan("resume", "1", "--yes").ending == .exit(0))
    }
  }

  // MARK: 76

  @Test func `76: too many failures stop the run, and a person goes on with it`() async throws {
    try await Stage.with { stage in
      let groups = (1...12).map { "g-\($0)" }
      for group in groups where group != "g-2" { stage.addGroup(group) }
      try stage.folder.file(
        "plan.csv",
        "project_id,scaling_group_id,cool_down_time\n" + groups.map { "\(Stage.project),\($0),60\n" }.joined())
      let result = try await stage.fleetplan(
        stage.running("plan.csv", "--max-failures", "0", "--concurrency", "8", "--json"))
      #expect(result.ending == .exit(76))
      #expect(result.errors.contains("1 of 2 finished changes failed (--max-failures 0)"))
      let document = try result.json()
      #expect(document["state"]?.stringValue == "stopped")
      #expect(document["stop_reason"]?.stringValue == "max_failures")
      // Never more in flight than may still fail.
      #expect(document["changes"]?.objectValue?.map(\.node.integerValue) == [12, 1, 0, 1, 0, 0, 0, 10])
      #expect(stage.puts.count == 1)
      let resumed = try await stage.fleetplan("resume", "--yes", "--json")
      #expect(resumed.ending == .exit(1))
      #expect(resumed.errors.contains("--max-failures counts anew: earlier failures are not in it"))
      #expect(try resumed.json().count("succeeded") == 11)
    }
  }

  @Test func `76: no more instances go than --max-removed allows`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2"] {
        stage.addGroup(group, GroupModification([.desireInstanceNumber: .integer(3)]))
      }
      try stage.folder.file(
        "plan.csv",
        "project_id,scaling_group_id,desire_instance_number\n\(Stage.project),g-1,1\n\(Stage.project),g-2,1\n")
      let result = try await stage.fleetplan(
        stage.running("plan.csv", "--max-removed", "3", "--concurrency", "1", "--json"))
      #expect(result.ending == .exit(76))
      #expect(try result.json()["stop_reason"]?.stringValue == "max_removed")
      #expect(stage.value("g-1", .desireInstanceNumber) == .integer(1))
      #expect(stage.value("g-2", .desireInstanceNumber) == .integer(3))
      #expect(try stage.states() == ["succeeded": 1, "pending": 1])
      #expect(try await stage.fleetplan("resume", "--yes", "--max-removed", "4").ending == .exit(0))
      #expect(stage.value("g-2", .desireInstanceNumber) == .integer(1))
    }
  }

  @Test func `76: after a wave a person is asked`() async throws {
    try await Stage.with(groups: 10) { stage in
      let plan = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),77\n" }.joined()
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + plan)
      let first = try await stage.fleetplan(
        stage.running("plan.csv", "--waves", "1,30%,100%", "--confirm-waves", "--json"))
      #expect(first.ending == .exit(76))
      #expect(try first.json()["stop_reason"]?.stringValue == "wave_confirmation")
      #expect(stage.journal.count == 2)
      let second = try await stage.fleetplan("resume", "--yes")
      #expect(second.ending == .exit(76))
      #expect(second.errors.contains("wave 2 of 3 has ended: 3 changes"))
      #expect(stage.journal.count == 6)
      #expect(try await stage.fleetplan("resume", "--yes").ending == .exit(0))
      #expect(stage.journal.count == 20)
    }
  }

  // MARK: 77, 78

  private static let token = "gAAAAABm-a-token-that-must-never-be-written-down"

  @Test func `77: refused credentials cost one request, and nothing was changed`() async throws {
    try await Stage.with({ $0.authentication = .token }) { stage in
      try stage.addTwoGroupPlan()
      let before = stage.values
      let environment = ["OS_TOKEN": Self.token]
      let result = try await stage.fleetplan(stage.running("plan.csv", "--json"), environment: environment)
      #expect(result.ending == .exit(77))
      #expect(try result.json()["stop_reason"]?.stringValue == "credentials_refused")
      #expect(stage.journal.count == 1)
      #expect(stage.values == before)
      #expect(try result.json().count("unfinished") == 2)
      let preview = try await stage.fleetplan(["preview", "--plan", "1"] + stage.connection, environment: environment)
      #expect(preview.ending == .exit(77))
      #expect(stage.journal.count == 2)
    }
  }

  @Test func `a token is used and written down nowhere`() async throws {
    try await Stage.with({ options in
      options.authentication = .token
      options.fixedToken = Self.token
    }) { stage in
      try stage.addTwoGroupPlan()
      let environment = ["OS_TOKEN": Self.token]
      let run = try await stage.fleetplan(stage.running("plan.csv", "--verbose"), environment: environment)
      #expect(run.ending == .exit(0))
      let rollback = try await stage.fleetplan(
        ["rollback", "--yes", "--verbose", "--log-format", "json"] + Stage.quick, environment: environment)
      #expect(rollback.ending == .exit(0))
      let token = Data(Self.token.utf8)
      // The streams are kept in the folder too.
      for name in try stage.folder.names {
        #expect(try stage.folder.bytes(name).range(of: token) == nil, "\(name)")
      }
      #expect(try stage.folder.names.count > 4)
    }
  }

  @Test func `78: an endpoint, or credentials, that are not there`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let without = try await stage.fleetplan("run", "plan.csv", "--yes")
      #expect(without.ending == .exit(78))
      #expect(without.errors.contains("no endpoint for project \(Stage.project): no region is configured"))
      #expect(without.errors.contains("Give one with --endpoint, such as --endpoint https://as."))
      for (endpoint, words) in [
        ("not a url", "not a url"), ("http://192.0.2.1", "--allow-http"), ("ftp://127.0.0.1", "ftp://127.0.0.1"),
      ] {
        let result = try await stage.fleetplan("run", "plan.csv", "--yes", "--endpoint", endpoint)
        #expect(result.ending == .exit(78), "\(endpoint): \(result.errors)")
        #expect(result.errors.contains(words), "\(endpoint): \(result.errors)")
      }
      let token = try await stage.fleetplan(stage.running("plan.csv", "--auth", "token"))
      #expect(token.ending == .exit(78))
      #expect(token.errors.contains("incomplete credentials for --auth token: no token: set OS_TOKEN"))
      #expect(stage.journal.isEmpty)
      #expect(try await stage.fleetplan("history", "--json").json()["runs"]?.arrayValue?.isEmpty == true)
    }
  }

  @Test func `78: a run stays with its endpoint`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let stopped = try await stage.fleetplan(stage.running("plan.csv", "--waves", "1,100%", "--confirm-waves"))
      #expect(stopped.ending == .exit(76))
      let requests = stage.journal.count
      for command in ["resume", "rollback"] {
        let result = try await stage.fleetplan(command, "--yes", "--endpoint", "http://127.0.0.1:9")
        #expect(result.ending == .exit(78), "\(command): \(result.errors)")
        #expect(result.errors.contains("http://127.0.0.1:9"))
        #expect(result.errors.contains(stage.server.endpoint))
      }
      #expect(stage.journal.count == requests)
      #expect(try await stage.fleetplan(["resume", "--yes"] + stage.connection).ending == .exit(0))
    }
  }
}
