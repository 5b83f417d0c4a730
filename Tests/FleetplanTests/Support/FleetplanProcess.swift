import Foundation
import JSONText
import Synchronization

/// The real executable, as a process of its own.
final class FleetplanProcess: Sendable {
  enum Ending: Equatable, Sendable {
    case exit(Int32)
    case signal(Int32)
  }

  /// How a process ended and what it has written.
  struct Result: Sendable {
    var ending: Ending
    var output: String
    var errors: String

    /// The document on standard output.
    func json() throws -> JSONNode { try JSONParser.parse(output) }
  }

  /// A process that was killed because it did not end in time.
  struct NotEnded: Error, CustomStringConvertible {
    var description: String
  }

  /// Where standard output and error go.
  enum Streams: Sendable {
    case kept
    /// To a pipe that nobody reads.
    case closed
  }

  /// `fleetplan` beside the test bundle in the build folder.
  static let executable: URL = {
    #if os(Linux)
      let test = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    #else
      let test = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL ?? Bundle.main.bundleURL
    #endif
    return test.deletingLastPathComponent().appendingPathComponent("fleetplan")
  }()

  private let process = Process()
  /// Kept as long as the process: its streams are in it.
  private let folder: TemporaryFolder
  private let arguments: [String]
  private let output: URL
  private let errors: URL
  private let endings: AsyncStream<Ending>

  /// Starts it.
  ///
  /// - Parameters:
  ///   - arguments: without the program's name.
  ///   - environment: all of it, but for `PATH` and `HOME`: what this process has been given must not leak in.
  ///   - folder: the working folder; what is written to the streams is kept in files there.
  ///   - input: standard input; none where it is `nil`.
  ///   - streams: where standard output and error go.
  ///   - script: for the shell, which starts the program as `"$@"`; `nil`: it is started without one.
  /// - Throws: what keeps it from being started.
  init(
    _ arguments: [String], environment: [String: String] = [:], folder: TemporaryFolder, input: FileHandle? = nil,
    streams: Streams = .kept, script: String? = nil
  ) throws {
    self.arguments = arguments
    self.folder = folder
    let name = UUID().uuidString
    output = URL(fileURLWithPath: folder.path(".\(name).out"))
    errors = URL(fileURLWithPath: folder.path(".\(name).err"))
    if let script {
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments = ["-c", script, "bash", Self.executable.path] + arguments
    } else {
      process.executableURL = Self.executable
      process.arguments = arguments
    }
    let own = ProcessInfo.processInfo.environment
    process.environment = environment.merging(own.filter { ["PATH", "HOME"].contains($0.key) }) { mine, _ in mine }
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardInput = input ?? FileHandle.nullDevice
    for file in [output, errors] { try Data().write(to: file) }
    switch streams {
    case .kept:
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
    case .closed:
      let pipe = Pipe()
      process.standardOutput = pipe.fileHandleForWriting
      process.standardError = pipe.fileHandleForWriting
      try pipe.fileHandleForReading.close()
    }
    let (endings, continuation) = AsyncStream<Ending>.makeStream()
    self.endings = endings
    process.terminationHandler = { process in
      let status = process.terminationStatus
      continuation.yield(process.terminationReason == .uncaughtSignal ? .signal(status) : .exit(status))
      continuation.finish()
    }
    try process.run()
  }

  var identifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// What it has written to standard error up to now.
  var errorText: String {
    get throws { String(decoding: try Data(contentsOf: errors), as: UTF8.self) }
  }

  /// What it has written to standard output up to now.
  var outputText: String {
    get throws { String(decoding: try Data(contentsOf: output), as: UTF8.self) }
  }

  /// Waits for the end. To be called once.
  ///
  /// - Throws: `NotEnded` where it takes longer than the limit; it is killed then.
  func wait(limit: Duration = .seconds(60)) async throws -> Result {
    let isLate = Mutex(false)
    let watchdog = Task {
      try await Task.sleep(for: limit)
      isLate.withLock { $0 = true }
      signal(SIGKILL)
    }
    defer { watchdog.cancel() }
    var ending = Ending.signal(SIGKILL)
    for await one in endings { ending = one }
    let result = Result(ending: ending, output: try outputText, errors: try errorText)
    if isLate.withLock({ $0 }) {
      throw NotEnded(
        description: "fleetplan \(arguments.joined(separator: " ")) has not ended within \(limit):\n"
          + result.errors + result.output)
    }
    return result
  }
}
