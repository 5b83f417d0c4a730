import Dispatch

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// SIGINT, SIGTERM and SIGHUP as dispatch sources: the first stops, the second exits at once.
///
/// SIGPIPE is ignored for the rest of the process: a closed standard output or error never stops a run. A SIGHUP that
/// is ignored from the start stays so: that is what `nohup` is for.
package final class StopSignals {
  private let signals: [Int32]
  private let sources: [any DispatchSourceSignal]

  /// - Parameters:
  ///   - first: called once, on a queue of its own, with the signal's name.
  ///   - second: called for every later signal; it is expected to end the process.
  package init(first: @escaping @Sendable (String) -> Void, second: @escaping @Sendable () -> Void) {
    signal(SIGPIPE, SIG_IGN)
    let queue = DispatchQueue(label: "fleetplan.signals")
    // Touched on `queue` only.
    nonisolated(unsafe) var count = 0
    signals = [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP])
    sources = signals.map { number in
      // The default action would end the process before the source is told.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { @Sendable in
        count += 1
        if count == 1 { first(Self.name(of: number)) } else { second() }
      }
      source.resume()
      return source
    }
  }

  /// Gives the signals back to the system.
  package func cancel() {
    for source in sources { source.cancel() }
    for number in signals { signal(number, SIG_DFL) }
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
