import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// SIGINT, SIGTERM and SIGHUP: the first stops, the second exits at once.
///
/// Each is written into a pipe by its handler and read from there by a dispatch source. Dispatch's own signal sources
/// pass a signal on to the thread that was its manager when they were made, and on Linux that can be another one by
/// then: the signal is lost.
///
/// SIGPIPE is ignored for the rest of the process: a closed standard output or error never stops a run. A SIGHUP that
/// is ignored from the start stays so: that is what `nohup` is for.
package final class StopSignals {
  /// Where the handlers write; -1 for nowhere. Atomic, since a handler may do little else.
  private static let pipeEnd = Atomic<Int32>(-1)

  private let signals: [Int32]
  private let source: any DispatchSourceRead

  /// - Parameters:
  ///   - first: called once, on a queue of its own, with the signal's name.
  ///   - second: called for every later signal; it is expected to end the process.
  /// - Throws: `POSIXFailure` where no pipe can be had: too many files are open.
  package init(first: @escaping @Sendable (String) -> Void, second: @escaping @Sendable () -> Void) throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw POSIXFailure(call: "pipe", code: errno) }
    let (readEnd, writeEnd) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    source = DispatchSource.makeReadSource(
      fileDescriptor: readEnd, queue: DispatchQueue(label: "fleetplan.signals"))
    // Touched on the source's queue only.
    nonisolated(unsafe) var count = 0
    source.setEventHandler { @Sendable in
      var number: UInt8 = 0
      while read(readEnd, &number, 1) == 1 {
        count += 1
        if count == 1 { first(Self.name(of: Int32(number))) } else { second() }
      }
    }
    source.setCancelHandler { @Sendable in
      close(readEnd)
      close(writeEnd)
    }
    source.resume()
    Self.pipeEnd.store(writeEnd, ordering: .sequentiallyConsistent)
    signals = [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP])
    for number in signals {
      signal(number) { number in
        // Only what is allowed in a handler (`man 7 signal-safety`); the code that was interrupted keeps its errno.
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(StopSignals.pipeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = before
      }
    }
  }

  /// Gives the signals back to the system.
  package func cancel() {
    for number in signals { signal(number, SIG_DFL) }
    Self.pipeEnd.store(-1, ordering: .sequentiallyConsistent)
    source.cancel()
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    // The only way to ask is to set it; the one handler that is no function is SIG_IGN, by POSIX a value of its own.
    let before = signal(number, SIG_IGN)
    defer { signal(number, before) }
    return unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static func name(of number: Int32) -> String {
    switch number {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    default: "SIGHUP"
    }
  }
}

/// A call to the system that has failed.
package struct POSIXFailure: Error, Sendable, CustomStringConvertible {
  package var call: String
  /// The value of `errno`.
  package var code: Int32

  package var description: String { "\(call): \(String(cString: strerror(code)))" }
}
