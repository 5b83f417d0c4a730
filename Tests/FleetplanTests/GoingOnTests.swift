import AutoScaling
import AutoScalingSimulator
import Foundation
import JSONText
import Testing

/// The command that a stopped session shows does go on, from a shell, word for word.
struct GoingOnTests {
  /// A line of shell with `fleetplan` in the path.
  private struct Shell {
    private let process = Process()
    private let errors: String
    private let endings: AsyncStream<Int32>

    /// The line must end in an `exec`: the shell's own waiting needs signals that this process may have blocked.
    init(_ line: String, in stage: Stage) throws {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", line]
      let folder = FleetplanProcess.executable.deletingLastPathComponent().path
      process.environment = ["PATH": folder + ":/usr/bin:/bin"]
      process.currentDirectoryURL = URL(fileURLWithPath: stage.folder.path)
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      errors = try stage.folder.file("shell.err", "")
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
      let (endings, continuation) = AsyncStream<Int32>.makeStream()
      self.endings = endings
      process.terminationHandler = {
        continuation.yield($0.terminationStatus)
        continuation.finish()
      }
      try process.run()
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func end() async throws -> (status: Int32, errors: String) {
      var status: Int32 = -1
      for await one in endings { status = one }
      return (status, String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
    }
  }

  @Test(arguments: [true, false])
  func `the command that is shown goes on`(isJSON: Bool) async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let stopped = try await stage.fleetplan(
        stage.running(
          "plan.csv", "--ledger", "night's run.sqlite", "--waves", "1,100%", "--confirm-waves", "--allow-http",
          "--auth",
          "none") + (isJSON ? ["--json"] : []))
      #expect(stopped.ending == .exit(76))
      let command = #"fleetplan resume 1 --ledger 'night'\''s run.sqlite' --auth none --allow-http --yes"#
      if isJSON {
        #expect(stopped.errors.contains("\nto go on: \(command)\n"))
      } else {
        #expect(stopped.output.hasSuffix("\nTo go on:\n\(command)\n"))
      }
      let result = try await Shell("exec " + command, in: stage).end()
      #expect(result.status == 0, "\(result.errors)")
      #expect(stage.value("g-2", .coolDownTime) == .integer(60))
    }
  }

  @Test func `a run under nohup is not stopped by a hangup`() async throws {
    try await Stage.with(groups: 8, { $0.latency = .milliseconds(40) ... .milliseconds(60) }) { stage in
      let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),77\n" }
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
      let run = try Shell(
        "trap '' HUP; exec fleetplan run plan.csv --yes --rate 0 --concurrency 1 --endpoint \(stage.server.endpoint)",
        in: stage)
      try await stage.wait(for: "the first PUTs") { stage.puts.count >= 2 }
      run.signal(SIGHUP)
      let result = try await run.end()
      #expect(result.status == 0, "\(result.errors)")
      #expect(!result.errors.contains("SIGHUP"))
      #expect(stage.puts.count == 8)
    }
  }

  @Test func `what was stored can be taken back on resume`() async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1", GroupModification([.desireInstanceNumber: .integer(3)]))
      try stage.folder.file(
        "plan.csv", "project_id,scaling_group_id,desire_instance_number\n\(Stage.project),g-1,1\n")
      let careful = try await stage.fleetplan(stage.running("plan.csv", "--require-reversible"))
      #expect(careful.ending == .exit(1))
      #expect(try await stage.fleetplan("resume", "--yes", "--retry-failed").ending == .exit(1))
      let bold = try await stage.fleetplan("resume", "--yes", "--retry-failed", "--no-require-reversible")
      #expect(bold.ending == .exit(0), "\(bold.errors)")
      #expect(stage.value("g-1", .desireInstanceNumber) == .integer(1))
      // With nothing left to do it exits as that run did.
      let requests = stage.journal.count
      let nothing = try await stage.fleetplan("resume", "1", "--yes")
      #expect(nothing.ending == .exit(0))
      #expect(nothing.errors.contains("run 1 is complete: nothing is left to do"))
      #expect(stage.journal.count == requests)
    }
  }
}
