import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Testing

@testable import fleetplan

/// The example plans of the repository, carried out on a simulator that has their groups.
struct ExamplePlanRunTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("plans")

  /// All plans but the one that is there to be refused.
  static let plans: [String] = {
    // Where the folder is missing the test below says so.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.contains("schema") && !$0.hasPrefix("bad") }.sorted()
  }()

  private static func path(_ plan: String) -> String { folder.appendingPathComponent(plan).path }

  @Test func `there are example plans`() {
    #expect(Self.plans.count >= 7)
  }

  @Test(arguments: plans)
  func `an example plan succeeds as a whole, and is taken back`(plan: String) async throws {
    try await Stage.with { stage in
      try SimulatedPlanGroups.add(plan: Self.path(plan), to: stage.server.cloud)
      let before = stage.groups
      let preview = try await stage.fleetplan(["preview", Self.path(plan), "--json"] + stage.connection)
      #expect(preview.ending == .exit(0), "\(preview.output)")
      #expect(stage.groups == before)
      let run = try await stage.fleetplan(stage.running(Self.path(plan), "--json"))
      #expect(run.ending == .exit(0), "\(run.errors)\n\(run.output)")
      let document = try run.json()
      let total = try #require(document.count("total"))
      let succeeded = try #require(document.count("succeeded"))
      #expect(total == succeeded + (document.count("unchanged") ?? 0))
      #expect(succeeded > 0)
      #expect(stage.groups != before)
      let irreversible = try stage.rows("SELECT * FROM rollback_record WHERE restorable = 0").count
      let rollback = try await stage.fleetplan(["rollback", "--yes"] + Stage.quick)
      #expect(rollback.ending == .exit(irreversible == 0 ? 0 : 1), "\(rollback.errors)")
      if irreversible == 0 { #expect(stage.values == before.mapValues(\.values)) }
    }
  }

  @Test func `the bad example is refused by its lines`() async throws {
    let result = try await FleetplanProcess(["check", Self.path("bad-limits.csv")], folder: TemporaryFolder()).wait()
    #expect(result.ending == .exit(65))
    #expect(result.errors.contains("bad-limits.csv:1:"))
  }

  @Test func `simulate makes the groups of a plan, and ends with a signal`() async throws {
    let folder = try TemporaryFolder()
    let plan = Self.path("raise-limits.csv")
    let simulator = try FleetplanProcess(
      ["simulate", "--groups", "0", "--groups-of", plan, "--fault", "409=5%"], folder: folder)
    let end = ContinuousClock.now + .seconds(20)
    while try !simulator.outputText.hasSuffix("\n"), ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(5))
    }
    let announcement = try JSONParser.parse(try simulator.outputText)
    #expect(announcement.names == ["endpoint", "projects", "groups"])
    #expect(announcement["groups"]?.integerValue == 15)
    let endpoint = try #require(announcement["endpoint"]?.stringValue)
    let run = try await FleetplanProcess(
      ["run", plan, "--yes", "--endpoint", endpoint, "--rate", "0", "--backoff", "20ms:100ms"], folder: folder
    ).wait()
    #expect(run.ending == .exit(0), "\(run.errors)")
    simulator.signal(SIGTERM)
    #expect(try await simulator.wait(limit: .seconds(10)).ending == .exit(0))
  }

  @Test func `the demo shows all of it, and leaves nothing behind`() async throws {
    let folder = try TemporaryFolder()
    let demo = try FleetplanProcess(
      ["demo", "--groups", "20"], environment: ["TMPDIR": folder.path], folder: folder)
    let result = try await demo.wait()
    #expect(result.ending == .exit(0), "\(result.output)")
    #expect(result.output.hasSuffix("Every group holds exactly what it held before the run.\n"))
    #expect(try folder.names.filter { !$0.hasPrefix(".") } == [])
  }
}
