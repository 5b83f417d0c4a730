/// Slows the whole run down when the service says so (429, 503), and lets it recover by itself.
///
/// Multiplicative decrease at most once a second (one overload answers many requests), then a tenth of the
/// rate more each second: back at the full rate about ten seconds after the last refusal. Never above the rate.
package struct Throttle: Sendable {
  private static let decrease = 0.5
  /// Share of the rate regained in a second.
  private static let recovery = 0.1
  private static let slowest = 0.1
  private static let second = 1_000_000_000

  /// Requests a second; 0 is unlimited.
  package private(set) var rate: Double
  /// The rate in force; equal to `rate` while nothing holds it down.
  package private(set) var effective: Double
  /// Refusals seen.
  package private(set) var count = 0
  private var lastDecrease = Int.min
  private var lastRecovery = 0
  /// The rate that an unlimited run had when it was first refused.
  private var ceiling = 0.0

  package init(rate: Double) {
    self.rate = rate
    effective = rate
  }

  package var isActive: Bool { effective != rate }

  /// The service refused a request because there were too many.
  ///
  /// - Parameters:
  ///   - now: in ticks.
  ///   - observed: requests a second that were really sent lately: an unlimited run starts from there.
  package mutating func refused(now: Int, observed: Double) {
    count += 1
    guard lastDecrease == .min || now - lastDecrease >= Self.second else { return }
    lastDecrease = now
    lastRecovery = now
    if effective == 0 {
      ceiling = max(observed, 1)
      effective = ceiling
    }
    effective = max(effective * Self.decrease, Self.slowest)
    if rate > 0 { effective = min(effective, rate) }
  }

  /// Recovers for the time since the last call.
  package mutating func recover(now: Int) {
    guard isActive, now - lastRecovery >= Self.second else { return }
    let seconds = Double(now - lastRecovery) / Double(Self.second)
    lastRecovery = now
    let full = rate > 0 ? rate : ceiling
    effective += full * Self.recovery * seconds
    if rate > 0 {
      effective = min(effective, rate)
    } else if effective >= 2 * ceiling {
      // Twice what was refused goes through: there is no limit to respect any more.
      effective = 0
    }
  }

  /// When `recover` would next change something; `nil` while nothing is held down.
  package var nextRecovery: Int? { isActive ? lastRecovery + Self.second : nil }

  /// Changes the rate. What the service has held down stays down, and recovers towards the new rate.
  package mutating func setRate(_ newRate: Double) {
    let wasActive = isActive
    if newRate == 0, rate > 0 { ceiling = rate }
    rate = newRate
    if !wasActive || (newRate > 0 && effective > newRate) { effective = newRate }
  }
}
