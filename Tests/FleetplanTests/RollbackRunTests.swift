import AutoScaling
import AutoScalingSimulator
import GRDB
import JSONText
import Testing

/// `rollback` on a simulator: what was, is again, and nothing of others is lost.
struct RollbackRunTests {
  /// Twelve generated groups with two changes each, carried out.
  private static func carryOut(_ stage: Stage, _ more: String...) async throws -> PlanModel {
    let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
    try stage.folder.file("plan.csv", model.csv)
    let run = try await stage.fleetplan(stage.running("plan.csv") + more)
    #expect(run.ending == .exit(0), "\(run.errors)")
    #expect(stage.values == model.after)
    return model
  }

  @Test func `a rollback restores every field, and the rollback of it applies the plan again`() async throws {
    try await Stage.with(groups: 12) { stage in
      let before = stage.groups
      let model = try await Self.carryOut(stage)
      let after = stage.groups
      try model.checkRecords(stage)

      let rollback = try await stage.fleetplan(["rollback", "--yes", "--json"] + Stage.quick)
      #expect(rollback.ending == .exit(0), "\(rollback.errors)")
      #expect(stage.groups == before)
      let changed = model.bodies.count { !$0.isEmpty }
      #expect(try rollback.json()["changes"]?.objectValue?.map(\.node.integerValue).prefix(2) == [changed, changed])
      // Newest change first within a group, and only what the run has changed.
      let undone = stage.puts.dropFirst(changed)
      #expect(undone.count == changed)
      for (group, effects) in model.effects {
        let fields = undone.filter { $0.reference == group }.map(\.modification.fields)
        #expect(fields == effects.reversed().map(\.fields), "\(group)")
      }

      // Typed twice it does nothing.
      let requests = stage.journal.count
      let twice = try await stage.fleetplan("rollback", "--yes", "--json")
      #expect(twice.ending == .exit(0))
      #expect(twice.errors.contains("run 1 was wholly rolled back by run 2: nothing is left to do"))
      #expect(twice.output == rollback.output)
      #expect(stage.journal.count == requests)

      let again = try await stage.fleetplan(["rollback", "2", "--yes", "--json"] + Stage.quick)
      #expect(again.ending == .exit(0), "\(again.errors)")
      #expect(try again.json()["run_id"]?.integerValue == 3)
      #expect(stage.groups == after)
      let row = try #require(try stage.rows("SELECT kind, rolls_back FROM run_report WHERE run_id = 3").first)
      #expect(row["kind"] == "rollback")
      #expect(row["rolls_back"] == 2)
    }
  }

  @Test func `a stale read does not make a rollback believe that nothing is to be restored`() async throws {
    // The second GET of the group is the rollback's first one.
    try await Stage.with({ $0.faults = [try FaultSpec("stale-read=100%:nth=2")] }) { stage in
      stage.addGroup("g-1")
      let before = stage.values
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n\(Stage.project),g-1,60\n")
      #expect(try await stage.fleetplan(stage.running("plan.csv")).ending == .exit(0))
      let rollback = try await stage.fleetplan(["rollback", "--yes", "--json"] + Stage.quick)
      #expect(rollback.ending == .exit(0), "\(rollback.errors)")
      #expect(try rollback.json().count("succeeded") == 1)
      #expect(stage.values == before)
    }
  }

  @Test func `what somebody has changed since is left alone, unless it is to be overwritten`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2", "g-3"] { stage.addGroup(group) }
      let before = stage.values
      try stage.folder.file(
        "plan.csv",
        """
        project_id,scaling_group_id,cool_down_time,max_instance_number
        \(Stage.project),g-1,60,9
        \(Stage.project),g-2,60,9
        \(Stage.project),g-3,60,9

        """)
      #expect(try await stage.fleetplan(stage.running("plan.csv")).ending == .exit(0))
      stage.change("g-2", GroupModification([.coolDownTime: .integer(77)]))
      // Another field than those of the run is nobody's business.
      stage.change("g-3", GroupModification([.healthPeriodicAuditTime: .integer(15)]))

      let careful = try await stage.fleetplan(["rollback", "--yes", "--json"] + Stage.quick)
      #expect(careful.ending == .exit(1))
      let document = try careful.json()
      #expect(document.count("succeeded") == 2)
      #expect(document.count("conflicted") == 1)
      let failure = try #require(document["failures"]?.arrayValue?.first)
      #expect(failure["scaling_group_id"]?.stringValue == "g-2")
      #expect(failure["error_code"]?.stringValue == "FP.CONFLICT")
      #expect(failure["message"]?.stringValue == "cool_down_time is 77, expected was 60")
      #expect(stage.value("g-2", .coolDownTime) == .integer(77))
      #expect(stage.value("g-2", .maxInstanceNumber) == .integer(9))
      #expect(stage.values[stage.reference("g-1")] == before[stage.reference("g-1")])
      #expect(stage.value("g-3", .healthPeriodicAuditTime) == .integer(15))
      #expect(
        try stage.rows("SELECT found FROM change_report WHERE run_id = 2 AND change = 2").first?["found"]
          == #"{"cool_down_time":77}"#)

      let bold = try await stage.fleetplan(["rollback", "1", "--yes", "--overwrite-drift", "--json"] + Stage.quick)
      #expect(bold.ending == .exit(0), "\(bold.errors)")
      #expect(stage.values[stage.reference("g-2")] == before[stage.reference("g-2")])
      #expect(stage.value("g-3", .healthPeriodicAuditTime) == .integer(15))
    }
  }

  @Test func `a prior without a way back is blocked with its reason, and the rest is restored`() async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1", GroupModification([.description: .null]))
      stage.addGroup("g-2")
      try stage.folder.file(
        "plan.csv",
        """
        project_id,scaling_group_id,cool_down_time,description
        \(Stage.project),g-1,60,after
        \(Stage.project),g-2,60,after

        """)
      let careful = try await stage.fleetplan(stage.running("plan.csv", "--require-reversible", "--json"))
      #expect(careful.ending == .exit(1))
      #expect(try careful.json().count("blocked") == 1)
      #expect(try careful.json()["failures"]?.arrayValue?.first?["error_code"]?.stringValue == "FP.IRREVERSIBLE")
      #expect(stage.value("g-1", .coolDownTime) == .integer(300))
      #expect(stage.value("g-2", .coolDownTime) == .integer(60))

      try stage.folder.file(
        "one.csv",
        "project_id,scaling_group_id,cool_down_time,description\n"
          + "\(Stage.project),g-1,60,after\n")
      #expect(try await stage.fleetplan(stage.running("one.csv")).ending == .exit(0))
      let records = try stage.rows(
        "SELECT field, prior, restorable FROM rollback_record WHERE run_id = 2 ORDER BY field")
      #expect(
        records.map { "\($0["field"] as String) \($0["prior"] as String) \($0["restorable"] as Int)" }
          == ["cool_down_time 300 1", "description null 0"])
      let rollback = try await stage.fleetplan(["rollback", "--yes", "--json"] + Stage.quick)
      #expect(rollback.ending == .exit(1))
      let failure = try #require(try rollback.json()["failures"]?.arrayValue?.first)
      #expect(failure["state"]?.stringValue == "blocked")
      #expect(failure["error_code"]?.stringValue == "FP.UNRESTORABLE")
      #expect(failure["message"]?.stringValue?.contains("description") == true)
      #expect(stage.value("g-1", .coolDownTime) == .integer(300))
      #expect(stage.value("g-1", .description) == .string("after"))
    }
  }

  @Test func `an unfinished run is settled and ended before it is taken back`() async throws {
    try await Stage.with(groups: 12) { stage in
      let before = stage.groups
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let killed = try await stage.fleetplan(
        stage.running("plan.csv", "--concurrency", "4"), environment: ["FLEETPLAN_TEST_KILL": "answered:6"])
      #expect(killed.ending == .signal(9))
      #expect(stage.groups != before)
      let rollback = try await stage.fleetplan(["rollback", "--yes", "--json"] + Stage.quick)
      #expect(rollback.ending == .exit(0), "\(rollback.errors)")
      #expect(try rollback.json()["kind"]?.stringValue == "rollback")
      #expect(stage.groups == before)
      #expect(try await stage.status(1)["state"]?.stringValue == "abandoned")
    }
  }

  @Test func `a rollback gets through a service that fails now and then`() async throws {
    try await Stage.with(
      groups: 12,
      { options in
        options.faults = try ["409=8%", "reset=5%", "lost-answer=8%"].map { try FaultSpec($0) }
      }
    ) { stage in
      let before = stage.groups
      _ = try await Self.carryOut(stage)
      let rollback = try await stage.fleetplan(["rollback", "--yes"] + Stage.quick)
      #expect(rollback.ending == .exit(0), "\(rollback.errors)")
      #expect(stage.groups == before)
      #expect(stage.journal.maximumInFlightPerGroup(.put) == 1)
    }
  }
}
