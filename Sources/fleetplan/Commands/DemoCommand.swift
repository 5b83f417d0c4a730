import ArgumentParser
import AutoScaling
import AutoScalingSimulator
import Foundation

/// `fleetplan demo`
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "The main job on a simulator: load, preview, run, kill -9, resume, report, rollback.",
    discussion: """
      Takes less than half a minute, needs no cloud, and works in a temporary folder that is removed at the end \
      (--keep keeps it).

      Example:
        fleetplan demo
      """)

  @Option(help: ArgumentHelp("How many groups are changed.", valueName: "n"))
  var groups = 60

  @Option(help: ArgumentHelp("The same seed makes the same groups, plan and faults.", valueName: "n"))
  var seed: UInt64 = 7

  @Flag(help: "Keep the folder with plan and ledger, and say where it is.")
  var keep = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    try OptionBounds.check("--groups", groups, 10...10_000)
  }

  func run() async throws {
    let context = CommandContext(global)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleetplan-demo-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let server = try await SimulatorServer.start(try simulatorOptions())
    let demo = Demo(context: context, server: server, folder: folder, seed: seed)
    let succeeded: Bool
    do {
      succeeded = try await demo.play()
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
    if keep {
      context.output.write("\nthe folder is \(folder.path)\n")
    } else {
      try FileManager.default.removeItem(at: folder)
    }
    if !succeeded { throw ExitCode(ExitStatus.someChangesFailed.rawValue) }
  }

  private func simulatorOptions() throws -> SimulatorOptions {
    var options = SimulatorOptions()
    options.groups = groups
    options.projects = 2
    options.seed = seed
    options.latency = .milliseconds(5) ... .milliseconds(25)
    options.scalingTime = .milliseconds(200) ... .milliseconds(800)
    options.faults = try ["409=8%", "503=5%:retry-after=1", "reset=2%", "lost-answer=3%"].map { try FaultSpec($0) }
    return options
  }
}

/// The scenes of the demo.
struct Demo {
  let context: CommandContext
  let server: SimulatorServer
  let folder: URL
  let seed: UInt64

  private var connection: [String] { ["--endpoint", server.endpoint] }
  /// Short waits: the simulator is quick, and nobody wants to watch a demo for an hour.
  private static let pace = [
    "--rate", "100", "--request-timeout", "2s", "--backoff", "50ms:1s", "--busy-poll", "200ms:1s", "--max-failures",
    "20%",
  ]

  /// - Returns: whether everything went as it should.
  func play() async throws -> Bool {
    let before = values()
    let plan = folder.appendingPathComponent("plan.csv").path
    let count = try RandomPlan.write(to: plan, for: server.cloud, seed: seed)
    say(
      "A simulated cloud with \(before.count) groups listens on \(server.endpoint). It answers 409 and 503 now and then,"
    )
    say("resets connections, and loses answers. A plan changes \(count) of its groups.")
    var ok = await show("Load the plan into a ledger.", ["load", "plan.csv"], expecting: [0])
    ok =
      await show("Look at what it would do.", ["preview", "--plan", "1", "--summary"] + connection, expecting: [0])
      && ok
    ok = try await runAndKill(changes: count) && ok
    ok = await show("What does the ledger know?", ["status"], expecting: [0]) && ok
    ok =
      await show(
        "Go on from the ledger: what was applied is not sent again, what was in flight is settled by reading.",
        ["resume", "--yes"], expecting: [0]) && ok
    ok = await show("The report.", ["report", "--by", "field"], expecting: [0]) && ok
    let after = values()
    let changed = before.filter { after[$0.key] != $0.value }.count
    say("\n\(changed) groups hold other values than before. Now take it all back.")
    ok = await show("Roll the run back.", ["rollback", "--yes"] + Self.pace, expecting: [0]) && ok
    let differing = values().filter { before[$0.key] != $0.value }
    if differing.isEmpty {
      say("\nEvery group holds exactly what it held before the run.")
    } else {
      say("\n\(differing.count) groups differ from what they held before the run:")
      for (group, found) in differing { say("  \(group): \(found.json), before \(before[group]?.json ?? "nothing")") }
    }
    return ok && changed > 0 && differing.isEmpty
  }

  /// What all groups hold, field by field.
  private func values() -> [GroupReference: GroupModification] {
    server.cloud.snapshotAll(now: server.now).mapValues(\.values)
  }

  private func runAndKill(changes: Int) async throws -> Bool {
    let arguments = ["run", "--plan", "1", "--yes", "--reason", "demo"] + connection + Self.pace
    say("\nRun it, and kill it with SIGKILL in the middle.\n$ fleetplan \(arguments.joined(separator: " "))")
    let child = try start(arguments)
    while putCount < changes / 2, child.isRunning { try await Task.sleep(for: .milliseconds(10)) }
    child.kill()
    let status = await child.wait()
    say("kill -9 after \(putCount) PUTs (exit by signal \(-status))")
    return status == -SIGKILL
  }

  private var putCount: Int { server.cloud.journal.count(where: { $0.method == "PUT" }) }

  private func show(_ title: String, _ arguments: [String], expecting statuses: Set<Int32>) async -> Bool {
    say("\n\(title)\n$ fleetplan \(arguments.joined(separator: " "))")
    do {
      let status = try await start(arguments).wait()
      if statuses.contains(status) { return true }
      say("exit status \(status)")
    } catch {
      say("could not be started: \(error)")
    }
    return false
  }

  private func start(_ arguments: [String]) throws -> ChildProcess {
    // The clouds of whoever watches are no part of the play: an empty variable counts as none.
    var environment = context.environment.filter { variable in
      ["OS_", "HW_", "HUAWEICLOUD_"].contains { variable.key.hasPrefix($0) }
    }
    .mapValues { _ in "" }
    environment["FLEETPLAN_LEDGER"] = folder.appendingPathComponent("fleetplan.sqlite").path
    return try ChildProcess(arguments: arguments, environment: environment, folder: folder)
  }

  private func say(_ text: String) { context.output.write(text + "\n") }
}
