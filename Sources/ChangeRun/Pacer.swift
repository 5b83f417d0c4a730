import DequeModule

/// Says when the next request may leave, so that the rate is a promise (contract, guarantee 5).
///
/// Two rules, each for one half of the promise. The generic cell rate algorithm (ITU-T I.371) spaces requests evenly,
/// with a credit for late wake-ups so small that a stall is never made up by a burst. And a log of the last second
/// keeps every one-second window within rate + 1, exactly: a request is granted only if it may leave at any later
/// moment without there being too many. So the pace need not lie below the rate, and the mean is the rate.
package struct Pacer: Sendable {
  package enum Decision: Sendable, Hashable {
    case granted
    /// Ask again at this tick (nanoseconds of `RunMoment.ticks`).
    case wait(until: Int)
    /// Ask again when the head of a granted request has been written.
    case outstanding
  }

  private static let second = 1_000_000_000
  /// How late a wake-up may be without a loss, and for how long grants may be outstanding: seconds.
  private static let patience = 0.005
  /// By how much a window is longer than a second, where the rate leaves room for it, against jitter on the way to the
  /// server: ticks.
  private static let longestGuard = second / 100

  /// Requests a second; 0 is unlimited.
  package private(set) var rate: Double
  private var interval = 0
  /// How much too late a grant may be taken without moving the next one.
  private var credit = 0
  /// The most requests that may leave in a window, and its length in ticks.
  private var windowLimit = 0
  private var windowLength = second
  /// Grants that may be outstanding at once: one, so that slow connects cannot bunch requests up; at high rates, where
  /// a single one would bound the rate by the time from a grant to the head on the wire, as many as belong to 5 ms.
  private var outstandingLimit = 1
  /// When the next grant would be exactly on time. Nothing is due before the first.
  private var due = Int.min
  /// Granted, and the head not yet written.
  private var outstanding = 0
  /// When requests left within the last window, oldest first.
  private var leaves: Deque<Int> = []

  package init(rate: Double) {
    self.rate = rate
    derive()
  }

  package var isUnlimited: Bool { rate <= 0 }

  /// Changes the rate; the next grant keeps its distance to the last one by the new rate.
  package mutating func setRate(_ newRate: Double, now: Int) {
    guard newRate != rate else { return }
    let last = due == .min ? nil : due - interval
    rate = newRate
    derive()
    if let last { due = last + interval }
  }

  private mutating func derive() {
    guard rate > 0 else {
      interval = 0
      credit = 0
      outstandingLimit = 1
      return leaves.removeAll()
    }
    interval = Int((Double(Self.second) / rate).rounded(.up))
    let patient = max(1, Int(rate * Self.patience))
    credit = patient * interval
    outstandingLimit = patient
    windowLimit = Int(rate) + 1
    windowLength = Self.second + min(Self.longestGuard, interval / 10 * 9)
  }

  /// Takes a grant if one is due.
  package mutating func take(now: Int) -> Decision {
    if isUnlimited { return .granted }
    if outstanding >= outstandingLimit { return .outstanding }
    if due != .min, now < due { return .wait(until: due) }
    while let first = leaves.first, now - first >= windowLength { leaves.removeFirst() }
    let excess = leaves.count + outstanding - windowLimit
    if excess >= 0 {
      // After the rate was lowered there may be more outstanding than the window has: then their heads come first.
      guard excess < leaves.count else { return .outstanding }
      return .wait(until: leaves[excess] + windowLength)
    }
    // A grant that is taken late by no more than the credit does not move the next one.
    due = due == .min ? now + interval : max(due + interval, now + interval - credit)
    outstanding += 1
    return .granted
  }

  /// The head of a granted request was written, or it is sure that it will not be.
  package mutating func headWritten(now: Int) {
    guard outstanding > 0 else { return }
    outstanding -= 1
    guard !isUnlimited else { return }
    leaves.append(now)
    // The request leaves only now: where it is alone, the distance to the next one counts from here.
    if outstandingLimit == 1 { due = max(due, now + interval - credit) }
  }
}
