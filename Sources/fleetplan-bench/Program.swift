import Foundation
import Synchronization

/// The executable `fleetplan` beside this one, as a process of its own.
final class Program: Sendable {
  enum Ending: Equatable, Sendable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)

    var description: String {
      switch self {
      case .exit(let status): "exit status \(status)"
      case .signal(let number): "signal \(number)"
      }
    }
  }

  /// How it ended, and what it wrote.
  struct Result: Sendable {
    var ending: Ending
    var output: String
    var errors: String
  }

  private let process = Process()
  private let output: URL
  private let errors: URL
  private let endings: AsyncStream<Ending>

  /// Starts it.
  ///
  /// - Parameters:
  ///   - arguments: without the program's name.
  ///   - executable: its path.
  ///   - environment: all that it gets besides `PATH` and `HOME`.
  ///   - folder: where it works; its streams are kept in files there.
  ///   - name: of these files, without their extension.
  /// - Throws: what keeps it from being started.
  init(
    _ arguments: [String], executable: URL = Program.fleetplan, environment: [String: String] = [:], folder: URL,
    name: String
  ) throws {
    output = folder.appendingPathComponent(name + ".out")
    errors = folder.appendingPathComponent(name + ".err")
    for file in [output, errors] { try Data().write(to: file) }
    process.executableURL = executable
    process.arguments = arguments
    let own = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) }
    process.environment = environment.merging(own) { mine, _ in mine }
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    let (endings, continuation) = AsyncStream<Ending>.makeStream()
    self.endings = endings
    process.terminationHandler = { process in
      let status = process.terminationStatus
      continuation.yield(process.terminationReason == .uncaughtSignal ? .signal(status) : .exit(status))
      continuation.finish()
    }
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  func send(signal number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end. To be called once.
  ///
  /// - Parameter limit: after it the process is killed.
  /// - Returns: `nil` where it had to be killed.
  /// - Throws: what keeps its streams from being read.
  func wait(limit: Duration) async throws -> Result? {
    let isLate = Mutex(false)
    let watchdog = Task {
      try await Task.sleep(for: limit)
      isLate.withLock { $0 = true }
      send(signal: SIGKILL)
    }
    defer { watchdog.cancel() }
    var ending = Ending.signal(SIGKILL)
    for await one in endings { ending = one }
    if isLate.withLock({ $0 }) { return nil }
    return Result(
      ending: ending, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  /// `fleetplan` in the folder of this executable.
  static let fleetplan: URL = {
    #if os(Linux)
      let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    #else
      let own = URL(fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0])
    #endif
    return own.deletingLastPathComponent().appendingPathComponent("fleetplan")
  }()

  /// - Throws: `BenchError` 66 where `fleetplan` is not there.
  static func requireFleetplan() throws {
    guard FileManager.default.isExecutableFile(atPath: fleetplan.path) else {
      throw BenchError(
        status: BenchError.Status.noInput,
        message: "\(fleetplan.path): there is no such executable; `swift build` (with the same -c) makes it")
    }
  }
}
