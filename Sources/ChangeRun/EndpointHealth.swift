/// Whether the endpoint answers at all (contract, section 4): an outage must fail no change.
///
/// If nothing has answered since the last failure, the endpoint is unreachable: then one probe at a time goes
/// out, and failures use no attempts.
package struct EndpointHealth: Sendable {
  private static let firstProbeDelay = 250_000_000
  private static let longestProbeDelay = 5_000_000_000

  /// An answer of whatever kind has come in this session.
  package private(set) var hasAnswered = false
  /// Since when nothing answers, in ticks; `nil` while it does.
  package private(set) var unreachableSince: Int?
  /// A request of this session got through to where its head was written.
  package private(set) var hasConnected = false
  private var failedSinceAnswer = false
  private var firstFailure = 0
  /// When the last request ended without an answer, in ticks; 0 where none has since the last answer.
  package private(set) var lastFailure = 0
  private var probeDelay = firstProbeDelay
  /// When the next probe may go out, in ticks.
  package private(set) var nextProbe = 0

  package init() {}

  package var isUnreachable: Bool { unreachableSince != nil }

  package mutating func answered() {
    hasAnswered = true
    hasConnected = true
    failedSinceAnswer = false
    lastFailure = 0
    unreachableSince = nil
    probeDelay = Self.firstProbeDelay
  }

  /// A request ended without an answer.
  ///
  /// - Parameters:
  ///   - connected: its head was written, so somebody was there to take it.
  ///   - now: in ticks.
  ///   - longestGap: after more ticks than that since the last failure nobody was there to ask in between (the
  ///     machine slept, or the process was stopped): the outage begins anew.
  /// - Returns: whether this counts as a failed attempt of the change; not so in an outage.
  package mutating func failed(connected: Bool, now: Int, longestGap: Int = .max) -> Bool {
    if connected { hasConnected = true }
    if failedSinceAnswer, now - lastFailure > longestGap {
      firstFailure = now
      if unreachableSince != nil { unreachableSince = now }
      probeDelay = Self.firstProbeDelay
    }
    lastFailure = now
    if !failedSinceAnswer {
      failedSinceAnswer = true
      firstFailure = now
      // Before the first answer there is nothing that speaks for the endpoint.
      if hasAnswered { return true }
    }
    if unreachableSince == nil { unreachableSince = firstFailure }
    nextProbe = now + probeDelay
    probeDelay = min(probeDelay * 2, Self.longestProbeDelay)
    return false
  }
}
