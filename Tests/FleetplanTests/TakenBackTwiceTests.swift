import AutoScaling
import AutoScalingSimulator
import JSONText
import Testing

/// Rollbacks in less usual places: of a rollback, of a run that has died, and beside other runs.
struct TakenBackTwiceTests {
  private static func plan(_ rows: String...) -> String {
    "project_id,scaling_group_id,cool_down_time\n" + rows.map { "\(Stage.project),\($0)\n" }.joined()
  }

  @Test func `a rollback is taken back also where its run had less to do than the plan has changes`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2", "g-3"] { stage.addGroup(group) }
      // The first one is unnecessary: the numbers of what is restored go beyond their count.
      try stage.folder.file("plan.csv", Self.plan("g-1,300", "g-2,60", "g-3,60"))
      #expect(try await stage.fleetplan(stage.running("plan.csv")).ending == .exit(0))
      #expect(try await stage.fleetplan(["rollback", "--yes"] + Stage.quick).ending == .exit(0))
      #expect(stage.value("g-3", .coolDownTime) == .integer(300))
      let again = try stage.start(["rollback", "2", "--yes", "--json"] + Stage.quick)
      let result = try await again.wait(limit: .seconds(10))
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(try result.json().count("succeeded") == 2)
      #expect(stage.value("g-2", .coolDownTime) == .integer(60))
      #expect(stage.value("g-3", .coolDownTime) == .integer(60))
      // Waves go up a plan: no rollback has any, in whichever direction it goes.
      let waves = try await stage.fleetplan("resume", "3", "--yes", "--waves", "1,100%")
      #expect(waves.ending == .exit(64))
      #expect(waves.errors.contains("--waves is for runs that apply a plan"))
    }
  }

  @Test func `what was on the way when the run died is in its inverse plan`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let killed = try await stage.fleetplan(
        stage.running("plan.csv", "--concurrency", "1"), environment: ["FLEETPLAN_TEST_KILL": "answered:2"])
      #expect(killed.ending == .signal(9))
      #expect(stage.value("g-2", .coolDownTime) == .integer(60))
      let export = try await stage.fleetplan("rollback", "--export", "undo.csv")
      #expect(export.ending == .exit(0), "\(export.errors)")
      let text = String(decoding: try stage.folder.bytes("undo.csv"), as: UTF8.self)
      #expect(text.contains("g-1") && text.contains("g-2"))
      let rollback = try await stage.fleetplan(["rollback", "--yes"] + Stage.quick)
      #expect(rollback.errors.contains("roll back run 1: 2 changes to 2 groups"))
      #expect(rollback.ending == .exit(0))
      #expect(stage.value("g-2", .coolDownTime) == .integer(300))
    }
  }

  @Test func `and in the way of --retry-failed of a run that was complete`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2"] { stage.addGroup(group) }
      try stage.folder.file("plan.csv", Self.plan("g-1,60", "g-none,60"))
      #expect(
        try await stage.fleetplan(stage.running("plan.csv", "--max-failures", "100%")).ending == .exit(1))
      try stage.folder.file("other.csv", Self.plan("g-2,70", "g-1,70"))
      let other = try await stage.fleetplan(stage.running("other.csv", "--waves", "1,100%", "--confirm-waves"))
      #expect(other.ending == .exit(76), "\(other.errors)")
      let requests = stage.journal.count
      let refused = try await stage.fleetplan("resume", "1", "--retry-failed", "--yes")
      #expect(refused.ending == .exit(75))
      #expect(refused.errors.contains("run 2 (apply of other.csv) is unfinished and shares a group with run 1"))
      #expect(stage.journal.count == requests)
    }
  }

  @Test func `an unfinished run that shares a group is in the way of a rollback`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      stage.addGroup("g-3")
      #expect(try await stage.fleetplan(stage.running("plan.csv")).ending == .exit(0))
      try stage.folder.file("other.csv", Self.plan("g-3,70", "g-2,70"))
      let other = try await stage.fleetplan(stage.running("other.csv", "--waves", "1,100%", "--confirm-waves"))
      #expect(other.ending == .exit(76))
      let requests = stage.journal.count
      let refused = try await stage.fleetplan("rollback", "1", "--yes", "--ledger", stage.ledger)
      #expect(refused.ending == .exit(75))
      #expect(
        refused.errors.contains(
          "run 2 (apply of other.csv) is unfinished and shares a group with run 1: "
            + "`fleetplan resume 2 --ledger \(stage.ledger)` goes on with it, "
            + "`fleetplan abandon 2 --ledger \(stage.ledger)` ends it. Nothing was changed"))
      #expect(stage.journal.count == requests)
      // Typed again, an unfinished rollback is gone on with and not begun anew.
      #expect(try await stage.fleetplan("abandon", "2").ending == .exit(0))
      let stopped = try await stage.fleetplan(
        ["rollback", "1", "--yes", "--concurrency", "1"] + Stage.quick,
        environment: ["FLEETPLAN_TEST_KILL": "outcome:1"])
      #expect(stopped.ending == .signal(9))
      let typedAgain = try await stage.fleetplan("rollback", "1", "--yes")
      #expect(typedAgain.ending == .exit(75))
      #expect(typedAgain.errors.contains("run 3 (rollback of plan.csv) is unfinished"))
      #expect(try await stage.fleetplan("resume", "3", "--yes").ending == .exit(0))
      #expect(stage.value("g-1", .coolDownTime) == .integer(300))
      #expect(stage.value("g-2", .coolDownTime) == .integer(300))
    }
  }

  @Test func `a rollback that cannot settle the run says to type it again, not to go on with the run`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let killed = try await stage.fleetplan(
        stage.running("plan.csv", "--concurrency", "1", "--wait-endpoint", "300ms"),
        environment: ["FLEETPLAN_TEST_KILL": "answered:1"])
      #expect(killed.ending == .signal(9))
      await stage.server.suspend()
      for arguments in [["rollback", "1", "--yes", "--reason", "a bad night", "--json"], ["abandon", "1", "--json"]] {
        let next =
          arguments[0] == "rollback"
          ? "fleetplan rollback 1 --yes --reason 'a bad night' --json" : "fleetplan abandon 1"
        let stopped = try await stage.fleetplan(arguments)
        #expect(stopped.ending == .exit(75), "\(stopped.errors)")
        #expect(stopped.errors.contains("to go on: \(next)\n"), "\(stopped.errors)")
        #expect(!(stopped.errors + stopped.output).contains("fleetplan resume"))
      }
      try await stage.server.resume()
      let rollback = try await stage.fleetplan(["rollback", "1", "--yes"] + Stage.quick)
      #expect(rollback.ending == .exit(0), "\(rollback.errors)")
      #expect(stage.value("g-1", .coolDownTime) == .integer(300))
    }
  }
}
