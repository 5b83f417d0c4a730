import AutoScaling
import AutoScalingSimulator
import JSONText
import Testing

/// Waves and the ends of sessions: what a person is to confirm is not gone past because the program died.
struct WaveSessionTests {
  private static func addPlan(_ stage: Stage) throws {
    let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),77\n" }
    try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
  }

  @Test func `a wave that ends when the program dies is confirmed all the same`() async throws {
    try await Stage.with(groups: 6) { stage in
      try Self.addPlan(stage)
      let killed = try await stage.fleetplan(
        stage.running("plan.csv", "--waves", "1,50%,100%", "--confirm-waves"),
        environment: ["FLEETPLAN_TEST_KILL": "outcome:1"])
      #expect(killed.ending == .signal(9))
      // A machine resumes it, and gets no further.
      let resumed = try await stage.fleetplan("resume", "--yes")
      #expect(resumed.ending == .exit(76))
      #expect(resumed.errors.contains("wave 1 of 3 has ended: 1 change"))
      #expect(stage.journal.count == 2)
      // A person resumes it.
      #expect(try await stage.fleetplan("resume", "--yes").ending == .exit(76))
      #expect(stage.puts.count == 3)
      #expect(try await stage.fleetplan("resume", "--yes").ending == .exit(0))
      #expect(stage.puts.count == 6)
    }
  }

  @Test func `abandoning knows no waves and reads nothing back`() async throws {
    try await Stage.with(groups: 8, { $0.latency = .milliseconds(100) ... .milliseconds(150) }) { stage in
      try Self.addPlan(stage)
      let run = try stage.start(
        stage.running("plan.csv", "--waves", "1,2,100%", "--wave-pause", "10ms", "--concurrency", "4"))
      try await stage.wait(for: "several PUTs at once") { stage.puts.count >= 5 }
      run.signal(9)
      #expect(try await run.wait().ending == .signal(9))
      // From here on every wave would be asked about.
      let abandoned = try await stage.fleetplan("abandon", "1", "--json")
      #expect(abandoned.ending == .exit(0), "\(abandoned.errors)")
      #expect(try abandoned.json()["state"]?.stringValue == "abandoned")
    }
  }

  @Test(arguments: [
    ["run", "plan.csv", "--confirm-waves"], ["run", "plan.csv", "--wave-pause", "5m"],
    ["rollback", "--confirm-waves"], ["rollback", "--wave-pause", "5m"],
  ])
  func `what is between waves is refused where there are none`(arguments: [String]) async throws {
    let folder = try TemporaryFolder()
    let result = try await FleetplanProcess(arguments + ["--yes"], folder: folder).wait()
    #expect(result.ending == .exit(64))
    #expect(result.errors.contains("--waves"))
  }
}
