import Foundation
import JSONText

/// Where measurements work, and what they share.
struct Bench: Sendable {
  let folder: WorkFolder
  /// How often each is measured.
  let repeats: Int

  /// Says what is being measured, for whoever waits.
  func note(_ text: String) { Console.error("fleetplan-bench: \(text)") }

  /// Starts the executable that is measured.
  ///
  /// - Parameters:
  ///   - arguments: of `fleetplan`.
  ///   - ledger: the name of the ledger in the folder.
  ///   - name: of the files for its streams.
  /// - Returns: the process.
  /// - Throws: `BenchError` where it cannot be started.
  func start(_ arguments: [String], ledger: String, name: String = "fleetplan") throws -> MeasuredProgram {
    try MeasuredProgram(
      Program.fleetplan, arguments, environment: ["FLEETPLAN_LEDGER": folder.path(ledger)], folder: folder, name: name)
  }

  /// Runs it to a good end.
  @discardableResult
  func fleetplan(_ arguments: [String], ledger: String, name: String = "fleetplan") async throws
    -> MeasuredProgram.Ending
  {
    try await start(arguments, ledger: ledger, name: name).succeed()
  }

  /// Runs it several times.
  func repeated(_ arguments: [String], ledger: String) async throws -> [MeasuredProgram.Usage] {
    var usages: [MeasuredProgram.Usage] = []
    for _ in 0..<repeats { usages.append(try await fleetplan(arguments, ledger: ledger).usage) }
    return usages
  }

  /// A ledger with the plan of this size loaded, made anew.
  func load(rows: Int, ledger: String) async throws {
    try removeLedger(ledger)
    let plan = folder.path("plan-\(rows).csv")
    if !FileManager.default.fileExists(atPath: plan) { try BenchPlan.write(rows: rows, .csv, to: plan) }
    try await fleetplan(["load", plan, "--quiet"], ledger: ledger)
  }

  func removeLedger(_ ledger: String) throws {
    for name in [ledger, ledger + "-wal", ledger + "-shm", ledger + ".lock"] {
      let path = folder.path(name)
      if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }
  }

  /// Of the ledger and its log together, in bytes.
  func ledgerSize(_ ledger: String) throws -> Int {
    try [ledger, ledger + "-wal"].map(folder.path).filter(FileManager.default.fileExists(atPath:)).reduce(0) {
      $0 + (try FileManager.default.attributesOfItem(atPath: $1)[.size] as? Int ?? 0)
    }
  }

  /// Starts an unthrottled run of the plan that was loaded.
  func startRun(_ server: StaticServer, concurrency: Int, ledger: String, options: [String] = []) throws
    -> MeasuredProgram
  {
    try start(
      [
        "run", "--plan", "1", "--rate", "0", "--concurrency", "\(concurrency)", "--yes", "--endpoint", server.endpoint,
        "--auth", "none",
      ] + options, ledger: ledger, name: "run")
  }

  /// Waits until the run in the ledger has come far enough.
  ///
  /// - Parameters:
  ///   - run: must be at work; where it ends before, that is an error.
  ///   - ledger: its ledger.
  ///   - reached: asked with what `status --json` says.
  /// - Throws: `BenchError` with the run's last words where it ended before.
  func wait(for run: MeasuredProgram, ledger: String, until reached: (JSONNode) -> Bool) async throws {
    while run.isRunning {
      let status = try start(["status", "--json"], ledger: ledger, name: "status")
      let ending = try await status.wait()
      // Until the run has been written down there is none: 66.
      if ending.ending == .exit(0), reached(try JSONParser.parse(Array(ending.text().utf8))) { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    let said = try await run.wait().errorText()
    throw BenchError(
      status: BenchError.Status.violated,
      message: "the run ended before it came as far as it should: \(said.suffix(2_000))")
  }

  /// Measures with the static server at hand.
  func withServer<Value>(logsRequests: Bool = false, _ body: (StaticServer) async throws -> Value) async throws -> Value
  {
    let server = try await StaticServer.start(in: folder, logsRequests: logsRequests)
    let outcome: Result<Value, any Error>
    do {
      outcome = .success(try await body(server))
    } catch {
      outcome = .failure(error)
    }
    try await server.stop()
    return try outcome.get()
  }

  /// An executable of the system.
  ///
  /// - Throws: `BenchError` 69 where it is not there.
  static func tool(_ name: String, package: String) throws -> URL {
    let path = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":").map(String.init)
    for folder in path + ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/opt/homebrew/bin"] {
      let url = URL(fileURLWithPath: folder).appendingPathComponent(name)
      if FileManager.default.isExecutableFile(atPath: url.path) { return url }
    }
    throw BenchError(
      status: BenchError.Status.unavailable,
      message: "there is no \(name) to measure with; Debian has it in the package \(package)")
  }
}
