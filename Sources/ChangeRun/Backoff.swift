/// Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015).
///
/// With base 500 ms and cap 60 s the upper ends are: after 1 failure 0.5 s, 2: 1 s, 3: 2 s, 5: 8 s, 8: 60 s.
package struct Backoff: Sendable, Hashable {
  /// The upper end after the first failure; more than zero.
  package var base: Duration
  /// The highest upper end; not below `base`.
  package var cap: Duration

  package init(base: Duration, cap: Duration) {
    self.base = base
    self.cap = cap
  }

  /// The longest wait after so many failures in a row, in milliseconds.
  package func ceiling(afterFailures failures: Int) -> Int {
    // The cap comes before the multiplication, so nothing overflows.
    let doublings = min(max(failures, 1) - 1, 40)
    let base = max(base.milliseconds, 1)
    let cap = max(cap.milliseconds, base)
    return base > cap >> doublings ? cap : min(base << doublings, cap)
  }

  /// A wait between zero and the ceiling, in milliseconds.
  ///
  /// - Parameters:
  ///   - failures: failures in a row so far, 1 or more.
  ///   - floor: what the service asked for (`Retry-After`); the wait is never shorter.
  ///   - generator: where the jitter comes from.
  /// - Returns: milliseconds, 0 or more.
  package func wait(
    afterFailures failures: Int, floor: Int = 0, using generator: inout some RandomNumberGenerator
  ) -> Int {
    let ceiling = ceiling(afterFailures: failures)
    guard floor > 0 else { return Int.random(in: 0...ceiling, using: &generator) }
    // Everybody who was told the same Retry-After must not come back in the same instant.
    return floor + Int.random(in: 0...min(ceiling, max(floor / 10, 50)), using: &generator)
  }

  /// A wait that grows by about a third each time from base to cap, for polling a group that is busy.
  ///
  /// - Returns: milliseconds from base to cap, with a tenth of jitter.
  package func pollInterval(
    afterMilliseconds waited: Int, using generator: inout some RandomNumberGenerator
  ) -> Int {
    // Polling every third of the time waited gives about the same steps without counting them.
    let base = max(base.milliseconds, 1)
    let cap = max(cap.milliseconds, base)
    let interval = min(max(base, waited / 3), cap)
    let jitter = Int.random(in: 0...max(interval / 10, 1), using: &generator)
    return max(min(interval + jitter, cap - jitter), base)
  }
}
