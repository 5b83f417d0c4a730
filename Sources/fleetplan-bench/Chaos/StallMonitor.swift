import Dispatch
import Synchronization

/// Notes when this process did not get to run: requests that came meanwhile are stamped too late.
final class StallMonitor: Sendable {
  private struct Stall {
    var at: ContinuousClock.Instant
    var lateness: Duration
  }

  private static let interval = Duration.milliseconds(5)
  private let stalls = Mutex<[Stall]>([])
  private let isStopped = Mutex(false)

  /// Begins to look.
  init() {
    let queue = DispatchQueue(label: "fleetplan-bench.stalls", qos: .userInitiated)
    schedule(on: queue)
  }

  private func schedule(on queue: DispatchQueue) {
    let due = ContinuousClock.now + Self.interval
    queue.asyncAfter(deadline: .now() + .milliseconds(5)) { @Sendable [weak self] in
      guard let self, !isStopped.withLock({ $0 }) else { return }
      let now = ContinuousClock.now
      // Timers are late by a millisecond or two as they are.
      if now - due > .milliseconds(3) { stalls.withLock { $0.append(Stall(at: now, lateness: now - due)) } }
      schedule(on: queue)
    }
  }

  func stop() { isStopped.withLock { $0 = true } }

  /// The longest one that ended within these times.
  func longest(within span: Range<ContinuousClock.Instant>) -> Duration {
    stalls.withLock { stalls in
      var longest = Duration.zero
      for stall in stalls.reversed() {
        if stall.at < span.lowerBound { break }
        if stall.at < span.upperBound { longest = max(longest, stall.lateness) }
      }
      return longest
    }
  }
}
