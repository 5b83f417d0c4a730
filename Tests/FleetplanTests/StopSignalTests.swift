import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Testing

/// Signals and closed streams (contract, section 3).
struct StopSignalTests {
  @Test(arguments: [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")])
  func `the first signal lets what is in flight end, and the run can be resumed`(
    number: Int32, name: String
  ) async throws {
    try await Stage.with(groups: 30, { $0.latency = .milliseconds(60) ... .milliseconds(90) }) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try stage.start(stage.running("plan.csv", "--concurrency", "4", "--json"))
      try await stage.wait(for: "PUTs in flight") { stage.puts.count >= 6 }
      run.signal(number)
      let stopped = try await run.wait(limit: .seconds(20))
      #expect(stopped.ending == .exit(75))
      #expect(stopped.errors.contains("\(name): stopping; what is in flight ends (again: exit at once)"))
      #expect(stopped.errors.contains("stopped by a signal\nto go on: fleetplan resume 1 --yes\n"))
      // One file is the whole ledger.
      #expect(try stage.folder.names.filter { !$0.hasPrefix(".") } == ["ledger.sqlite", "plan.csv"])
      let document = try stopped.json()
      #expect(document["state"]?.stringValue == "stopped")
      #expect(document["stop_reason"]?.stringValue == "signal")
      // Nothing is in doubt: whatever had left was waited for and written down.
      #expect(try stage.rows("SELECT * FROM run_change WHERE state = 'sending'").isEmpty)
      #expect(document.count("succeeded") == stage.puts.count)
      #expect(stage.puts.count < 20)

      let resumed = try await stage.fleetplan("resume", "--yes")
      #expect(resumed.ending == .exit(0), "\(resumed.errors)")
      #expect(stage.values == model.after)
      model.checkJournal(stage)
      try model.checkRecords(stage)
    }
  }

  @Test func `the second signal ends at once, and is safe`() async throws {
    // The first PUT of the first group is answered only after five seconds.
    try await Stage.with({ $0.faults = [try FaultSpec("slow=100%:delay=5s:only=put:nth=1")] }) { stage in
      for group in ["g-1", "g-2"] { stage.addGroup(group) }
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try stage.start(
        stage.running("plan.csv", "--concurrency", "1", "--request-timeout", "20s"))
      try await stage.wait(for: "the first PUT") { stage.puts.count == 1 }
      run.signal(SIGINT)
      try await stage.wait(for: "the stop to be announced") { try run.errorText.contains("stopping") }
      #expect(run.isRunning)
      run.signal(SIGINT)
      let second = ContinuousClock.now
      #expect(try await run.wait(limit: .seconds(5)).ending == .exit(75))
      #expect(ContinuousClock.now - second < .seconds(3))
      #expect(try stage.rows("SELECT * FROM run_change WHERE state = 'sending'").count == 1)

      let resumed = try await stage.fleetplan("resume", "--yes", "--request-timeout", "7s", "--json")
      #expect(resumed.ending == .exit(0), "\(resumed.errors)")
      #expect(resumed.errors.contains("1 change in doubt after the last interruption: settled by reading"))
      #expect(stage.values == model.after)
      model.checkJournal(stage)
    }
  }

  @Test func `closed streams do not stop a run`() async throws {
    try await Stage.with(groups: 8) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try stage.start(stage.running("plan.csv", "--json", "--verbose"), streams: .closed)
      #expect(try await run.wait().ending == .exit(0))
      #expect(stage.values == model.after)
    }
  }

  @Test func `--stop-after stops a run that a machine may resume`() async throws {
    try await Stage.with(groups: 30, { $0.latency = .milliseconds(50) ... .milliseconds(60) }) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let stopped = try await stage.fleetplan(
        stage.running("plan.csv", "--concurrency", "2", "--stop-after", "500ms", "--json"))
      #expect(stopped.ending == .exit(75))
      #expect(try stopped.json()["stop_reason"]?.stringValue == "stop_after")
      // It belongs to that session alone.
      #expect(try await stage.fleetplan("resume", "--yes", "--concurrency", "16").ending == .exit(0))
      #expect(stage.values == model.after)
    }
  }
}
