import AutoScalingSimulator
import Foundation
import JSONText
import Testing

/// The real executable with its ledger on a file system that is full, or read-only.
@Suite(.enabled(if: MountedFolder.isPermitted, "mounting is not permitted here"))
struct MountedLedgerTests {
  private static func with(
    groups: Int, size: String, _ body: (Stage, PlanModel, MountedFolder, [String: String]) async throws -> Void
  ) async throws {
    try await Stage.with(groups: groups) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let place = stage.folder.path("mounted")
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
      let mounted = try MountedFolder(place, size: size)
      let result: Result<Void, any Error>
      do {
        result = .success(
          try await body(stage, model, mounted, ["FLEETPLAN_LEDGER": place + "/ledger.sqlite"]))
      } catch {
        result = .failure(error)
      }
      try mounted.unmount()
      try result.get()
    }
  }

  /// Fills the file system up to some room.
  private static func fill(_ path: String, leaving room: Int) throws {
    let free = try FileManager.default.attributesOfFileSystem(forPath: path)[.systemFreeSize] as? NSNumber
    let count = max(try #require(free).intValue - room, 0)
    try Data(repeating: 0, count: count).write(to: URL(fileURLWithPath: path + "/filler"))
  }

  @Test(arguments: [0, 16, 48, 80, 160, 320])
  func `a run on a full disk ends with 74, and goes on when room was made`(kibibytes: Int) async throws {
    try await Self.with(groups: 40, size: "32m") { stage, model, mounted, environment in
      #expect(try await stage.fleetplan(["load", "plan.csv"], environment: environment).ending == .exit(0))
      try Self.fill(mounted.path, leaving: kibibytes << 10)
      let failed = try await stage.fleetplan(
        stage.running("plan.csv", "--concurrency", "2"), environment: environment)
      #expect(failed.ending == .exit(74), "\(failed.errors)")
      #expect(failed.errors.contains(mounted.path + "/ledger.sqlite"))
      // Who only looks needs no room, or says what is missing.
      let status = try await stage.fleetplan(["history"], environment: environment)
      #expect([.exit(0), .exit(74)].contains(status.ending), "\(status.errors)")
      let sent = stage.puts.count
      #expect(sent < model.changes.count)

      try FileManager.default.removeItem(atPath: mounted.path + "/filler")
      let history = try await stage.fleetplan(["history", "--json"], environment: environment)
      let hasRun = try history.json()["runs"]?.arrayValue?.isEmpty == false
      #expect(hasRun || sent == 0)
      let again = try await stage.fleetplan(
        hasRun ? ["resume", "--yes"] : stage.running("plan.csv"), environment: environment)
      #expect(again.ending == .exit(0), "\(again.errors)")
      #expect(stage.values == model.after)
      model.checkJournal(stage)
    }
  }

  @Test func `a ledger on a read-only file system can be looked at, and nothing is run`() async throws {
    try await Self.with(groups: 6, size: "4m") { stage, model, mounted, environment in
      let killed = try await stage.fleetplan(
        stage.running("plan.csv", "--concurrency", "2"),
        environment: environment.merging(["FLEETPLAN_TEST_KILL": "answered:4"]) { $1 })
      #expect(killed.ending == .signal(SIGKILL))
      let puts = stage.puts.count
      try mounted.makeReadOnly()
      for arguments in [stage.running("plan.csv"), ["resume", "--yes"], ["rollback", "--yes"], ["abandon", "1"]] {
        let refused = try await stage.fleetplan(arguments, environment: environment)
        #expect(refused.ending == .exit(74), "\(arguments): \(refused.errors)")
        #expect(refused.errors.contains("Read-only file system"), "\(arguments): \(refused.errors)")
        #expect(refused.errors.contains(mounted.path), "\(arguments): \(refused.errors)")
      }
      for command in ["status", "report", "history"] {
        let looked = try await stage.fleetplan([command], environment: environment)
        #expect(looked.ending == .exit(0), "\(command): \(looked.errors)")
      }
      let made = try await stage.fleetplan(
        ["load", "plan.csv", "--ledger", mounted.path + "/other.sqlite"], environment: environment)
      #expect(made.ending == .exit(73), "\(made.errors)")
      #expect(stage.puts.count == puts)
      _ = model
    }
  }
}
