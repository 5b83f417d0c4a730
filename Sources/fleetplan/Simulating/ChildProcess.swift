import Foundation

/// This program, once more, as a process of its own.
final class ChildProcess: Sendable {

  private let process: Process
  private let exits: AsyncStream<Int32>

  /// - Parameters:
  ///   - arguments: the command line, without the program's name.
  ///   - environment: added to this process's own.
  ///   - folder: where it works.
  /// - Throws: what Foundation reports where it cannot be started.
  init(arguments: [String], environment: [String: String], folder: URL) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: Self.executablePath)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    let (exits, continuation) = AsyncStream<Int32>.makeStream()
    self.exits = exits
    process.terminationHandler = { process in
      continuation.yield(
        process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus)
      continuation.finish()
    }
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  /// As `kill -9` does.
  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  /// - Returns: the exit status; a negative number is the signal that ended it.
  func wait() async -> Int32 {
    for await status in exits { return status }
    return -SIGKILL
  }

  private static var executablePath: String {
    #if os(Linux)
      "/proc/self/exe"
    #else
      Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }
}
