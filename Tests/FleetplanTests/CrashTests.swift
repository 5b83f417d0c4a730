import AutoScaling
import AutoScalingSimulator
import Execution
import Foundation
import GRDB
import JSONText
import Testing

/// `kill -9` of the real executable in the middle of every step of a change, and again while it recovers.
struct CrashTests {
  /// Where the run is killed, and then the resumed one.
  struct Deaths: Sendable, CustomTestStringConvertible {
    var first: String
    var second: String
    var testDescription: String { "\(first), then \(second)" }

    init(_ first: RunStep, _ nth: Int, then second: RunStep, _ secondNth: Int) {
      self.first = "\(first.rawValue):\(nth)"
      self.second = "\(second.rawValue):\(secondNth)"
    }
  }

  private static let arguments = ["--concurrency", "4", "--request-timeout", "1s"]

  private static func run(
    _ stage: Stage, _ arguments: [String], killedAt point: String
  ) async throws -> FleetplanProcess.Result {
    let result = try await stage.fleetplan(arguments, environment: ["FLEETPLAN_TEST_KILL": point])
    #expect(result.ending == .signal(SIGKILL), "\(point): \(result.errors)")
    return result
  }

  /// What becomes of the same groups when the stage's plan is carried out at one go, against a server of their own.
  private static func groupsWithoutInterruption(_ stage: Stage) async throws -> [GroupReference: ScalingGroup] {
    let twin = try await SimulatorServer.start(stage.server.cloud.options)
    let result = try await stage.fleetplan(
      ["run", "plan.csv", "--yes", "--ledger", "twin.sqlite", "--endpoint", twin.endpoint] + Stage.quick)
    #expect(result.ending == .exit(0), "\(result.errors)")
    let groups = twin.cloud.snapshotAll(now: twin.now)
    await twin.stop()
    return groups
  }

  private static func checkLedger(_ stage: Stage) throws {
    #expect(try stage.rows("PRAGMA integrity_check").map { $0[0] as String } == ["ok"])
    #expect(try stage.rows("PRAGMA foreign_key_check").isEmpty)
  }

  @Test(arguments: [
    Deaths(.claimed, 3, then: .recorded, 1), Deaths(.claimed, 17, then: .outcome, 2),
    Deaths(.recorded, 3, then: .claimed, 1), Deaths(.recorded, 9, then: .recorded, 2),
    Deaths(.headWritten, 3, then: .answered, 1), Deaths(.headWritten, 12, then: .headWritten, 1),
    Deaths(.answered, 3, then: .headWritten, 3), Deaths(.answered, 11, then: .answered, 1),
    Deaths(.outcome, 3, then: .claimed, 2), Deaths(.outcome, 14, then: .outcome, 1),
  ])
  func `a run that is killed twice ends as if nothing had happened`(deaths: Deaths) async throws {
    try await Stage.with(groups: 10) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      _ = try await Self.run(stage, stage.running("plan.csv") + Self.arguments, killedAt: deaths.first)
      try Self.checkLedger(stage)
      #expect(try await stage.status()["state"]?.stringValue == "stopped")
      _ = try await Self.run(stage, ["resume", "--yes"], killedAt: deaths.second)
      try Self.checkLedger(stage)
      let resumed = try await stage.fleetplan("resume", "--yes", "--json")
      #expect(resumed.ending == .exit(0), "\(resumed.errors)")
      try Self.checkLedger(stage)

      #expect(try stage.states() == ["succeeded": model.changes.count])
      #expect(try resumed.json().count("succeeded") == model.changes.count)
      #expect(try resumed.json().count("unfinished") == 0)
      model.checkJournal(stage)
      try model.checkRecords(stage)

      // The same plan for the same groups, without an interruption.
      let uninterrupted = try await Self.groupsWithoutInterruption(stage)
      #expect(stage.groups == uninterrupted)

      let rollback = try await stage.fleetplan(["rollback", "--yes"] + Stage.quick)
      #expect(rollback.ending == .exit(0), "\(rollback.errors)")
      #expect(stage.values == model.before)
    }
  }

  @Test(arguments: [
    Deaths(.claimed, 2, then: .answered, 2), Deaths(.recorded, 3, then: .headWritten, 1),
    Deaths(.headWritten, 5, then: .recorded, 1), Deaths(.answered, 2, then: .outcome, 3),
    Deaths(.outcome, 4, then: .claimed, 1),
  ])
  func `a rollback that is killed twice restores everything all the same`(deaths: Deaths) async throws {
    try await Stage.with(groups: 6) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      #expect(try await stage.fleetplan(stage.running("plan.csv") + Self.arguments).ending == .exit(0))
      _ = try await Self.run(stage, ["rollback", "--yes"] + Stage.quick + Self.arguments, killedAt: deaths.first)
      _ = try await Self.run(stage, ["resume", "--yes"], killedAt: deaths.second)
      let resumed = try await stage.fleetplan("resume", "--yes", "--json")
      #expect(resumed.ending == .exit(0), "\(resumed.errors)")
      #expect(try resumed.json()["run_id"]?.integerValue == 2)
      #expect(stage.values == model.before)
      try Self.checkLedger(stage)
      let twice = try await stage.fleetplan("rollback", "--yes")
      #expect(twice.errors.contains("run 1 was wholly rolled back by run 2"))
    }
  }

  @Test func `a load that is killed leaves no half plan behind`() async throws {
    let folder = try TemporaryFolder()
    let pipe = Pipe()
    // Should it end by itself, that is an error to be shown, and no end of all tests.
    signal(SIGPIPE, SIG_IGN)
    let load = try FleetplanProcess(
      ["load", "-", "--format", "csv"], folder: folder, input: pipe.fileHandleForReading)
    let half = "project_id,scaling_group_id,cool_down_time\n" + (1...50_000).map { "p,g-\($0),60\n" }.joined()
    // More than a pipe holds: when all of it is written, nearly all of it has been read.
    try pipe.fileHandleForWriting.write(contentsOf: Data(half.utf8))
    load.signal(SIGKILL)
    #expect(try await load.wait().ending == .signal(SIGKILL))
    let history = try await FleetplanProcess(["history", "--json"], folder: folder).wait()
    if history.ending == .exit(0) {
      #expect(try history.json()["plans"]?.arrayValue?.isEmpty == true)
    } else {
      // It had not come as far as making the ledger.
      #expect(history.ending == .exit(66))
    }
    try folder.file("plan.csv", half)
    let again = try await FleetplanProcess(["load", "plan.csv", "--json"], folder: folder).wait()
    #expect(again.ending == .exit(0), "\(again.errors)")
    #expect(try again.json()["changes"]?.integerValue == 50_000)
    let plans = try await FleetplanProcess(["history", "--json"], folder: folder).wait()
    #expect(try plans.json()["plans"]?.arrayValue?.count == 1)
  }
}
