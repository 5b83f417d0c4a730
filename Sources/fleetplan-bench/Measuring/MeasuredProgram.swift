import Dispatch
import Foundation
import Synchronization

/// A program as a child process of its own, with what it has cost.
///
/// `Program` is built on Foundation's `Process`, which keeps the usage of its children to itself: here the child is
/// waited for by `wait4`.
final class MeasuredProgram: Sendable {
  /// What a process took, from its start until its end.
  struct Usage: Sendable, Hashable {
    /// By the clock on the wall, in seconds.
    var seconds: Double
    /// In user and kernel mode, of all its threads, in seconds.
    var processorSeconds: Double
    /// Most memory that was resident at a time, in bytes. Never below that of this process when it started the child:
    /// Linux hands the mark on, so whoever measures must stay small.
    var peakBytes: Int
  }

  /// How it ended, and where its output is.
  struct Ending: Sendable {
    var ending: Program.Ending
    var usage: Usage
    var output: URL
    var errors: URL

    /// Standard output, which must fit into memory.
    func text() throws -> String { String(decoding: try Data(contentsOf: output), as: UTF8.self) }
    /// Standard error, which must fit into memory.
    func errorText() throws -> String { String(decoding: try Data(contentsOf: errors), as: UTF8.self) }
  }

  /// What is told of it when something fails.
  let name: String
  /// Just before it was started, in milliseconds since 1970, as servers note the time.
  let startedAt: Double
  private let process: pid_t
  private let start: ContinuousClock.Instant
  private let output: URL
  private let errors: URL
  /// The process has been waited for: its id may be another's by now.
  private let hasEnded = Mutex(false)

  /// Starts it, with nothing to read, in this process's folder, so that all paths must be absolute.
  ///
  /// - Parameters:
  ///   - executable: its path.
  ///   - arguments: without the program's name.
  ///   - environment: all that it gets besides `PATH` and `HOME`.
  ///   - folder: for the files that its streams go to.
  ///   - name: of these files, without their extension.
  /// - Throws: `BenchError` where it cannot be started.
  init(
    _ executable: URL, _ arguments: [String], environment: [String: String] = [:], folder: WorkFolder, name: String
  ) throws {
    self.name = name
    output = folder.url.appendingPathComponent(name + ".out")
    errors = folder.url.appendingPathComponent(name + ".err")
    let own = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) }
    let variables = environment.merging(own) { mine, _ in mine }.map { "\($0.key)=\($0.value)" }
    startedAt = Date().timeIntervalSince1970 * 1_000
    start = .now
    process = try Self.spawn(
      executable.path, [executable.path] + arguments, variables, output: output.path, errors: errors.path)
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String], output: String, errors: String
  ) throws -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let words = arguments.map { strdup($0) }
    let variables = environment.map { strdup($0) }
    defer { for pointer in words + variables { free(pointer) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, nil, words + [nil], variables + [nil])
    guard code == 0 else {
      throw BenchError(
        status: BenchError.Status.noInput, message: "\(path) cannot be started: \(String(cString: strerror(code)))")
    }
    return process
  }

  var isRunning: Bool {
    hasEnded.withLock { hasEnded in
      var information = siginfo_t()
      // WNOWAIT leaves the process to be waited for.
      return !hasEnded && waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
        && information.si_signo == 0
    }
  }

  func send(signal number: Int32) {
    hasEnded.withLock { hasEnded in if !hasEnded { _ = kill(process, number) } }
  }

  /// Waits for the end. To be called once.
  ///
  /// - Parameter limit: after it the process is killed.
  /// - Returns: how it ended.
  /// - Throws: `BenchError` where it had to be killed.
  func wait(limit: Duration = .seconds(3_600)) async throws -> Ending {
    let isLate = Mutex(false)
    let watchdog = Task {
      try await Task.sleep(for: limit)
      isLate.withLock { $0 = true }
      send(signal: SIGKILL)
    }
    defer { watchdog.cancel() }
    let ending: Ending = await withCheckedContinuation { continuation in
      // A thread of its own: it does nothing but wait.
      Thread.detachNewThread { continuation.resume(returning: self.block()) }
    }
    guard !isLate.withLock({ $0 }) else {
      throw BenchError(status: BenchError.Status.violated, message: "\(name) had not ended after \(limit)")
    }
    return ending
  }

  private func block() -> Ending {
    var information = siginfo_t()
    while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return hasEnded.withLock { hasEnded in
      var status: Int32 = 0
      var usage = rusage()
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
      hasEnded = true
      let signal = status & 0x7F
      return Ending(
        ending: signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal), usage: Usage(usage, seconds: seconds),
        output: output, errors: errors)
    }
  }

  /// Waits for a good end.
  ///
  /// - Parameter status: the exit status that is a good one.
  /// - Returns: how it ended.
  /// - Throws: `BenchError` with its last words where it ended otherwise.
  func succeed(with status: Int32 = 0) async throws -> Ending {
    let ending = try await wait()
    guard ending.ending == .exit(status) else {
      throw BenchError(
        status: BenchError.Status.violated,
        message: "\(name) ended with \(ending.ending):\n\(try ending.errorText().suffix(2_000))")
    }
    return ending
  }
}

extension MeasuredProgram.Usage {
  fileprivate init(_ usage: rusage, seconds: Double) {
    func duration(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
    #if canImport(Darwin)
      let unit = 1
    #else
      let unit = 1_024
    #endif
    self.init(
      seconds: seconds, processorSeconds: duration(usage.ru_utime) + duration(usage.ru_stime),
      peakBytes: Int(usage.ru_maxrss) * unit)
  }
}
