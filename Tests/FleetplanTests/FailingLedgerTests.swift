import AutoScalingSimulator
import GRDB
import JSONText
import Testing

/// The real executable, whose ledger's disk fails or is full at chosen moments.
struct FailingLedgerTests {
  private static let variable = "FLEETPLAN_TEST_IO_FAULT"

  /// Every PUT that the service has seen has a record and an intent in the ledger.
  static func checkRecorded(_ stage: Stage) throws {
    #expect(try stage.rows("PRAGMA integrity_check").map { $0[0] as String } == ["ok"])
    let recorded = try stage.rows(
      """
      SELECT count(*) FROM prior_record p JOIN run_change c ON c.id = p.run_change
      WHERE c.attempts >= 1 AND c.effective_attempt IS NOT NULL
      """)
    // A run without retries sends one PUT for each.
    #expect(stage.puts.count <= recorded[0][0])
  }

  /// Goes on without faults, and checks that everything was done, once.
  static func checkResumed(_ stage: Stage, _ model: PlanModel) async throws {
    let resumed = try await stage.fleetplan("resume", "--yes")
    #expect(resumed.ending == .exit(0), "\(resumed.errors)")
    #expect(stage.values == model.after)
    model.checkJournal(stage)
    try model.checkRecords(stage)
    #expect(try stage.states().filter { $0.key != "succeeded" && $0.key != "unchanged" }.isEmpty)
  }

  @Test(arguments: [
    // Two PUTs' records, somewhere in the middle, and near the end; then for ever.
    "full:40:wal", "full:90:wal", "full:60:forever:wal", "full:150:forever:wal", "error:60:forever:wal", "error:80:wal",
  ])
  func `a disk that is full or fails under a run ends it with 74, and resume goes on`(fault: String) async throws {
    try await Stage.with(groups: 12) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      #expect(try await stage.fleetplan("load", "plan.csv").ending == .exit(0))
      let failed = try await stage.fleetplan(
        stage.running("plan.csv", "--concurrency", "2"), environment: [Self.variable: fault])
      #expect(failed.ending == .exit(74), "\(failed.errors)")
      #expect(failed.errors.contains(stage.ledger), "\(failed.errors)")
      #expect(failed.errors.contains(fault.hasPrefix("full") ? "the disk is full" : "the disk failed"))
      #expect(failed.errors.contains("to go on: fleetplan resume 1 --yes"), "\(failed.errors)")
      try Self.checkRecorded(stage)
      try await Self.checkResumed(stage, model)
    }
  }

  @Test func `a disk that is full at the last checkpoint ends a run with 74, and everything was done`() async throws {
    try await Stage.with(groups: 4) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      // In WAL mode only a checkpoint writes the ledger itself.
      #expect(try await stage.fleetplan("load", "plan.csv").ending == .exit(0))
      let failed = try await stage.fleetplan(
        stage.running("plan.csv"), environment: [Self.variable: "full:1:forever:database"])
      #expect(failed.ending == .exit(74), "\(failed.errors)")
      #expect(failed.errors.contains("the disk is full"))
      #expect(stage.values == model.after)
      #expect(try await stage.status()["state"]?.stringValue == "completed")
      // One file is the whole ledger again, also where nothing is left to do.
      #expect(try await stage.fleetplan("resume", "--yes").ending == .exit(0))
      #expect(try stage.folder.names.filter { !$0.hasPrefix(".") } == ["ledger.sqlite", "plan.csv"])
      try await Self.checkResumed(stage, model)
    }
  }

  @Test(arguments: ["error", "full"])
  func `whatever fails from making the ledger on, the status is 73 or 74 and another run is complete`(
    failure: String
  ) async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let before = stage.values
      var nth = 1
      while true {
        let result = try await stage.fleetplan(
          stage.running("plan.csv"), environment: [Self.variable: "\(failure):\(nth)"])
        if result.ending == .exit(0) { break }
        #expect([.exit(73), .exit(74)].contains(result.ending), "\(failure):\(nth): \(result.errors)")
        #expect(result.errors.contains("fleetplan: error: \(stage.ledger)"), "\(failure):\(nth): \(result.errors)")
        // Steps that are never the same ones.
        nth += 7 + nth / 10
        try stage.removeLedger()
        for (group, values) in before { stage.server.cloud.setFields(values, of: group, now: stage.server.now) }
      }
      #expect(nth > 100)
    }
  }

  @Test func `a fault that is not understood is said, and nothing fails`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let result = try await stage.fleetplan(stage.running("plan.csv"), environment: [Self.variable: "full:0"])
      #expect(result.ending == .exit(0))
      #expect(result.errors.contains("FLEETPLAN_TEST_IO_FAULT=full:0 is not"))
    }
  }
}
