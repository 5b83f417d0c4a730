import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Testing

/// What others can do while a run goes on.
struct LiveRunTests {
  @Test func `a second executor is refused at once, and looking and loading are not`() async throws {
    try await Stage.with(groups: 30, { $0.latency = .milliseconds(100) ... .milliseconds(150) }) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      try stage.folder.file("other.csv", "project_id,scaling_group_id,cool_down_time\nanother,g-1,60\n")
      let run = try stage.start(stage.running("plan.csv", "--concurrency", "2"))
      try await stage.wait(for: "the first PUT") { !stage.puts.isEmpty }
      let host = ProcessInfo.processInfo.hostName
      for arguments in [
        stage.running("other.csv"), ["resume", "--yes"], ["rollback", "--yes"], ["abandon", "1"],
      ] {
        let begun = ContinuousClock.now
        let refused = try await stage.fleetplan(arguments)
        #expect(refused.ending == .exit(75), "\(arguments): \(refused.errors)")
        #expect(ContinuousClock.now - begun < .seconds(3))
        let found = refused.errors.firstMatch(
          of: /another executor holds the ledger: pid (\d+) on (\S+) since (\d{4}-\d\d-\d\dT[\d:.]+Z) \(run\)/)
        #expect(found?.1 == "\(run.identifier)", "\(refused.errors)")
        #expect(found?.2.hasPrefix(host.prefix { $0 != "." }) == true)
      }
      let status = try await stage.status()
      #expect(status["state"]?.stringValue == "running")
      #expect(status.count("total") == 60)
      #expect(try #require(status.count("unfinished")) > 0)
      let load = try await stage.fleetplan("load", "other.csv", "--json")
      #expect(load.ending == .exit(0), "\(load.errors)")
      #expect(try load.json()["plan_id"]?.integerValue == 2)
      for arguments in [
        ["report"], ["report", "--format", "csv"], ["report", "--by", "state"], ["history", "--json"],
      ] {
        let result = try await stage.fleetplan(arguments)
        #expect(result.ending == .exit(0), "\(arguments): \(result.errors)")
        #expect(!result.output.isEmpty)
      }
      let history = try await stage.fleetplan("history", "--json").json()
      #expect(history["runs"]?.arrayValue?.first?["state"]?.stringValue == "running")
      #expect(run.isRunning)
      #expect(try await stage.fleetplan("tune", "--concurrency", "32").ending == .exit(0))
      let ended = try await run.wait()
      #expect(ended.ending == .exit(0), "\(ended.errors)")
      #expect(stage.values == model.after)
    }
  }

  @Test func `tune takes effect within a second, and is recorded`() async throws {
    try await Stage.with(groups: 60) { stage in
      let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),77\n" }
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
      let run = try stage.start(stage.running("plan.csv", "--rate", "4"))
      try await stage.wait(for: "the first requests") { stage.journal.count >= 3 }
      let before = stage.journal.count
      #expect(try await stage.fleetplan("tune", "--rate", "200").ending == .exit(0))
      let tuned = stage.server.now
      try await stage.wait(for: "faster requests") { stage.journal.count >= before + 40 }
      let times = stage.journal.map(\.receivedAt)
      // Half a second until it looks, and 0.2 s for forty requests at the new rate. At the old one it were 10 s.
      #expect(times[before + 39] - tuned < .seconds(2))
      #expect(try await run.wait().ending == .exit(0))
      #expect(try stage.rows("SELECT rate FROM tuning").map { $0[0] as Double } == [200])
      let late = try await stage.fleetplan("tune", "--rate", "1")
      #expect(late.ending == .exit(66))
      #expect(late.errors.contains("no run is going on"))
    }
  }

  @Test func `the rate holds over the whole run`() async throws {
    try await Stage.with(groups: 25) { stage in
      let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),77\n" }
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
      let run = try await stage.fleetplan(stage.running("plan.csv", "--rate", "25"))
      #expect(run.ending == .exit(0))
      let times = stage.journal.map(\.receivedAt).sorted()
      #expect(times.count == 50)
      // 49 intervals of 40 ms, one of which may be credit; the first request has a connection to wait for, and all
      // have this machine. That no window has more is measured in the benchmark.
      let first = try #require(times.first)
      let last = try #require(times.last)
      #expect(last - first >= .milliseconds(45 * 40))
      #expect(run.errors.contains("at 25 requests/s about 2 s"))
    }
  }

  @Test func `the ledger that goes away under a run stops it before anything more is sent`() async throws {
    try await Stage.with(groups: 30, { $0.latency = .milliseconds(50) ... .milliseconds(60) }) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try stage.start(stage.running("plan.csv", "--concurrency", "2"))
      try await stage.wait(for: "the first PUT") { !stage.puts.isEmpty }
      try FileManager.default.moveItem(atPath: stage.ledger, toPath: stage.folder.path("elsewhere.sqlite"))
      let result = try await run.wait()
      #expect(result.ending == .exit(74), "\(result.errors)")
      #expect(result.errors.contains("the ledger was removed or replaced while it was in use: nothing more is sent"))
      #expect(stage.puts.count < 50)
    }
  }
}
