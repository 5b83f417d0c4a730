/// Locks out whoever fails too often in a row.
struct FailureLock: Sendable {
  /// An access key: more than five bad signatures lock it for five minutes (the reference, section 6.4).
  static let accessKey = FailureLock(limit: 6, window: nil, duration: .seconds(300))
  /// A user: five wrong passwords within fifteen minutes lock them out for fifteen (Open Telekom Cloud's IAM user guide,
  /// "Login Authentication Policy", its defaults).
  static let user = FailureLock(limit: 5, window: .seconds(900), duration: .seconds(900))

  /// How many failures lock.
  private let limit: Int
  /// After so long without a failure they are counted anew; `nil`: never.
  private let window: Duration?
  private let duration: Duration

  private var failures = 0
  private var latest = Duration.zero
  private var lockedUntil = Duration.zero

  private init(limit: Int, window: Duration?, duration: Duration) {
    self.limit = limit
    self.window = window
    self.duration = duration
  }

  func isLocked(at now: Duration) -> Bool { now < lockedUntil }

  mutating func failed(at now: Duration) {
    if let window, now - latest >= window { failures = 0 }
    latest = now
    failures += 1
    if failures >= limit {
      lockedUntil = now + duration
      failures = 0
    }
  }

  mutating func succeeded() { failures = 0 }
}
