import AutoScaling
import AutoScalingSimulator
import GRDB
import JSONText
import Testing

/// A run against a service that fails now and then: everything succeeds, and the service has seen nothing untoward.
struct FaultyServiceTests {
  @Test(arguments: [
    [], ["409=25%"], ["503=4%:retry-after=1"], ["429=10%"], ["reset=15%"], ["lost-answer=20%"],
    ["late-effect=10%:delay=300ms"], ["garbage=10%"], ["truncated=10%"], ["wrong-id=15%"], ["lost-503=4%"],
    ["stale-read=30%"], ["lock=25%"], ["409=8%", "503=2%:retry-after=1", "reset=4%", "lost-answer=5%"],
  ])
  func `a run gets through, and sends nothing twice, too early or too much`(faults: [String]) async throws {
    try await Stage.with(
      groups: 16,
      { options in
        options.projects = 2
        options.latency = .milliseconds(1) ... .milliseconds(10)
        options.faults = try faults.map { try FaultSpec($0) }
      }
    ) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try await stage.fleetplan(
        stage.running("plan.csv", "--json", "--concurrency", "8", "--request-timeout", faults.isEmpty ? "20s" : "2s"))
      #expect(run.ending == .exit(0), "\(run.errors)")
      let document = try run.json()
      let needed = model.bodies.count { !$0.isEmpty }
      #expect(document.count("succeeded") == needed)
      #expect(document.count("unchanged") == model.changes.count - needed)
      #expect(stage.values == model.after)
      model.checkJournal(stage)
      try model.checkRecords(stage)
      // Reads and writes together: one request of a group at a time.
      let asOneKind = stage.journal.map { entry in
        var entry = entry
        entry.kind = .put
        return entry
      }
      #expect(asOneKind.maximumInFlightPerGroup(.put) == 1)
      if faults.isEmpty {
        // One change costs one GET and one PUT.
        #expect(document["requests"]?["get"]?.integerValue == model.changes.count)
        #expect(document["requests"]?["put"]?.integerValue == needed)
        #expect(stage.journal.count == model.changes.count + needed)
      } else {
        #expect(stage.journal.contains { !$0.faults.isEmpty })
      }
      // Every PUT that was sent is in the ledger.
      let attempts = try stage.rows(
        "SELECT count(*) AS number FROM attempt_report WHERE method = 'PUT' AND outcome <> 'not_sent'")
      #expect(attempts.first?["number"] == stage.puts.count)
    }
  }

  @Test func `Retry-After is waited for`() async throws {
    try await Stage.with({ $0.faults = [try FaultSpec("503=100%:retry-after=1:only=put:nth=1")] }) { stage in
      stage.addGroup("g-1")
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n\(Stage.project),g-1,60\n")
      #expect(try await stage.fleetplan(stage.running("plan.csv")).ending == .exit(0))
      let puts = stage.puts
      #expect(puts.map(\.status) == [503, 200])
      let refusedAt = try #require(puts.first?.answeredAt)
      let next = try #require(stage.journal.first { $0.receivedAt > refusedAt })
      #expect(next.receivedAt - refusedAt >= .seconds(1))
    }
  }

  @Test func `a change that is refused again and again has failed, and a repeatable cause is not retried for ever`()
    async throws
  {
    try await Stage.with({ $0.faults = [try FaultSpec("409=100%:only=put")] }) { stage in
      stage.addGroup("g-1")
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n\(Stage.project),g-1,60\n")
      let run = try await stage.fleetplan(stage.running("plan.csv", "--max-attempts", "3", "--json"))
      #expect(run.ending == .exit(1))
      #expect(stage.puts.count == 3)
      let failure = try #require(try run.json()["failures"]?.arrayValue?.first)
      #expect(failure["http_status"]?.integerValue == 409)
      #expect(try run.json()["requests"]?["retries"]?.integerValue == 2)
      // Nothing was applied, so nothing is to be restored.
      #expect(try stage.rows("SELECT * FROM rollback_record").isEmpty)
      let other = try await stage.fleetplan(
        ["resume", "--retry-failed", "--yes", "--retry-on", "503"])
      #expect(other.ending == .exit(1))
      #expect(stage.puts.count == 4)
    }
  }

  @Test func `an outage fails no change`() async throws {
    try await Stage.with(groups: 12, { $0.latency = .milliseconds(20) ... .milliseconds(40) }) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try stage.start(
        stage.running("plan.csv", "--json", "--concurrency", "4", "--max-attempts", "2", "--request-timeout", "3s"))
      try await stage.wait(for: "the first PUTs") { stage.puts.count >= 4 }
      await stage.server.suspend()
      try await stage.wait(for: "the run to notice") { try run.errorText.contains("endpoint unreachable") }
      try await stage.server.resume()
      let result = try await run.wait()
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(stage.values == model.after)
      try model.checkRecords(stage)
    }
  }

  @Test func `an endpoint that stays away stops the run, which can be resumed`() async throws {
    try await Stage.with(groups: 12, { $0.latency = .milliseconds(20) ... .milliseconds(40) }) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try stage.start(
        // Long enough that a busy machine is not taken for an endpoint that is gone.
        stage.running("plan.csv", "--json", "--concurrency", "4", "--wait-endpoint", "5s", "--request-timeout", "5s"))
      try await stage.wait(for: "the first PUTs") { stage.puts.count >= 4 }
      await stage.server.suspend()
      let result = try await run.wait()
      #expect(result.ending == .exit(75), "\(result.errors)")
      #expect(try result.json()["stop_reason"]?.stringValue == "endpoint_unreachable")
      #expect(try result.json().count("failed") == 0)
      try await stage.server.resume()
      #expect(try await stage.fleetplan("resume", "--yes").ending == .exit(0))
      #expect(stage.values == model.after)
    }
  }
}
