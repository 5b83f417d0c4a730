/// Says when the next request may leave, so that the rate is a promise (contract, guarantee 5).
///
/// The generic cell rate algorithm (ITU-T I.371) with a credit of one interval or a few, paced slightly below the
/// rate, and with few grants at a time: where as many are outstanding as may be, the next is given only after the head
/// of a request was written, or could not be. So slow connects cannot bunch requests up, and a stall is never made up
/// by a burst.
package struct Pacer: Sendable {
  package enum Decision: Sendable, Hashable {
    case granted
    /// Ask again at this tick (nanoseconds of `RunMoment.ticks`).
    case wait(until: Int)
    /// Ask again when the last request's head has been written.
    case outstanding
  }

  /// Grants that may be outstanding at once: one, and at high rates as many as still keep rate + 1 in a second.
  ///
  /// At most pace × rate + 1 + c grants fall into a second, where c is the credit in intervals, and what was
  /// outstanding before may leave in it too: no more than rate + 1 leave as long as c + n − 1 ≤ (1 − pace) × rate.
  /// A single one would bound the rate by the time from a grant to the head on the wire.
  private var outstandingLimit: Int { max(1, Self.slack(of: rate) - Self.creditIntervals(of: rate) + 1) }

  /// What the pace leaves free of a second, in grants: shared out between the credit and the outstanding ones.
  private static func slack(of rate: Double) -> Int { Int((rate * (1 - pace)).rounded(.down)) }

  /// One interval, and at high rates as many as make up for wake-ups that are late by some milliseconds.
  private static func creditIntervals(of rate: Double) -> Int { max(1, slack(of: rate) * 2 / 3) }

  /// Late wake-ups cost a little and one interval of credit gives a little: at 0.995 of the rate both the mean
  /// (within 1 %) and every one-second window (rate + 1) hold.
  private static let pace = 0.995
  private static let second = 1_000_000_000

  /// Requests a second; 0 is unlimited.
  package private(set) var rate: Double
  private var interval: Int
  /// How much too late a grant may be taken without moving the next one.
  private var credit: Int
  /// When the next grant would be exactly on time. Nothing is due before the first.
  private var due = Int.min
  private var outstanding = 0

  package init(rate: Double) {
    self.rate = rate
    interval = Self.interval(of: rate)
    credit = Self.credit(of: rate, interval: interval)
  }

  package var isUnlimited: Bool { rate <= 0 }

  /// Changes the rate; the next grant keeps its distance to the last one by the new rate.
  package mutating func setRate(_ newRate: Double, now: Int) {
    guard newRate != rate else { return }
    let last = due == .min ? nil : due - interval
    rate = newRate
    interval = Self.interval(of: newRate)
    credit = Self.credit(of: newRate, interval: interval)
    if let last { due = last + interval }
  }

  /// Takes a grant if one is due.
  package mutating func take(now: Int) -> Decision {
    if isUnlimited { return .granted }
    if outstanding >= outstandingLimit { return .outstanding }
    if due == .min {
      due = now + interval
    } else {
      guard now >= due else { return .wait(until: due) }
      // A grant that is taken late by no more than the credit does not move the next one.
      due = max(due + interval, now + interval - credit)
    }
    outstanding += 1
    return .granted
  }

  /// The head of a granted request was written, or it is sure that it will not be.
  package mutating func headWritten(now: Int) {
    guard outstanding > 0 else { return }
    outstanding -= 1
    // The request leaves only now: where it is alone, the distance to the next one counts from here.
    if outstandingLimit == 1 { due = max(due, now + interval - credit) }
  }

  private static func interval(of rate: Double) -> Int {
    rate > 0 ? Int((Double(second) / (rate * pace)).rounded(.up)) : 0
  }

  /// One interval, and less where that would bring more than rate + 1 requests into a second (a rate of 2.5).
  ///
  /// After a late grant, n more lie within `n × interval − credit`; so ⌊rate⌋ + 1 more must take a second.
  private static func credit(of rate: Double, interval: Int) -> Int {
    guard rate > 0, rate < 1_000_000 else { return 0 }
    if slack(of: rate) >= 2 { return creditIntervals(of: rate) * interval }
    return min(interval, (Int(rate) + 1) * interval - second)
  }
}
