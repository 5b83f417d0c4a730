import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Testing

/// `--wait-stable`, by the executable.
struct WaitStableTests {
  private static func withGrowingGroup(
    scalingTime: Duration, _ body: (Stage) async throws -> Void
  ) async throws {
    try await Stage.with(groups: 0, { $0.scalingTime = scalingTime...scalingTime }) { stage in
      stage.addGroup("g-1")
      try stage.folder.file(
        "plan.csv", "project_id,scaling_group_id,desire_instance_number\n\(Stage.project),g-1,4\n")
      try await body(stage)
    }
  }

  @Test func `a change whose group is waited for is stabilizing, also when the run goes on after a stop`() async throws
  {
    try await Self.withGrowingGroup(scalingTime: .seconds(4)) { stage in
      let run = try stage.start(stage.running("plan.csv", "--wait-stable", "60s"))
      try await stage.wait(for: "the PUT's answer in the ledger") {
        FileManager.default.fileExists(atPath: stage.ledger) && !stage.puts.isEmpty
          && (try? stage.states())?["stabilizing"] == 1
      }
      #expect(try await stage.fleetplan("status").output.contains("1 stabilizing"))
      #expect(try await stage.fleetplan("report").output.contains("1 applied and stabilizing (--wait-stable)"))
      let listed = try await stage.fleetplan("report", "--format", "csv", "--state", "stabilizing")
      #expect(listed.output.split(separator: "\r\n").count == 2 || listed.output.split(separator: "\n").count == 2)
      run.signal(SIGTERM)
      #expect(try await run.wait().ending == .exit(75))
      #expect(try stage.states() == ["stabilizing": 1])
      let resumed = try await stage.fleetplan("resume", "--yes")
      #expect(resumed.ending == .exit(0), "\(resumed.errors)")
      #expect(try stage.states() == ["succeeded": 1])
      #expect(stage.groups[stage.reference("g-1")]?.currentInstanceNumber == 4)
      // Waiting is reading: it was sent once.
      #expect(stage.puts.count == 1)
    }
  }

  @Test func `one that is not stable in time has failed, was applied, and can be taken back`() async throws {
    try await Self.withGrowingGroup(scalingTime: .seconds(600)) { stage in
      let run = try await stage.fleetplan(
        stage.running("plan.csv", "--wait-stable", "300ms", "--max-failures", "100%", "--json"))
      #expect(run.ending == .exit(1), "\(run.errors)")
      let row = try #require(try stage.rows("SELECT * FROM change_report").first)
      #expect(row["state"] == "failed")
      #expect(row["applied"] == "yes")
      #expect(row["error_code"] == "FP.NOT_STABLE")
      #expect((row["error_message"] as String?)?.contains("the group has 2 instances of 4") == true)
      let restorable = try stage.rows("SELECT field, prior FROM rollback_record WHERE run_id = 1")
      #expect(restorable.map { $0["prior"] as String } == ["2"])
    }
  }
}
