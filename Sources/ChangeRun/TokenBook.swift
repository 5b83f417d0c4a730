/// Which projects have a token, how long it lasts, and when another one is to be fetched (contract, section 4; reference, section 7.1).
///
/// A value of decisions: the tokens themselves are elsewhere. One is fetched at a time, in place of a request of the
/// project that needs it; all workers share it. It is renewed a while before it expires, while the old one still
/// serves, and after a 401 where it has served before. A 401 to a token that has never served, or that has just been
/// renewed for a 401, is final: another one would fare no better, and IAM locks users who ask too often.
package struct TokenBook: Sendable {
  /// What a request needs first.
  package enum Need: Sendable, Hashable {
    case nothing
    /// Send a token request with the grant that this request would take.
    case token
    /// A token is on the way, or was refused a moment ago: ask again when it has come, or at that tick.
    case patience(untilTick: Int?)
  }

  /// What a 401 to a request calls for.
  package enum Refusal: Sendable, Hashable {
    /// The token is replaced; the request may be sent again.
    case renewing
    /// There is nothing better to be had.
    case final
  }

  /// How much of its life a token has left when the next one is fetched, at most.
  private static let longestMargin = 300 * 1_000_000_000
  /// A 401 so soon after a renewal for a 401 is not the token's age.
  private static let renewalGuard = 60 * 1_000_000_000
  private static let second = 1_000_000_000

  private struct Entry: Sendable {
    /// `nil` until one was issued, and after a 401.
    var expiresAt: Int?
    var renewalAt = Int.max
    var generation = 0
    /// A request that carried it was not answered 401.
    var hasServed = false
    /// When it was issued because of a 401.
    var replacedAt: Int?
    var isReplacement = false
  }

  /// Whether tokens are fetched at all: not so without credentials, with AK/SK, and with a token that was handed over.
  package let isRenewable: Bool
  private var entries: [String: Entry] = [:]
  private var fetching: String?
  private var failures = 0
  /// Since when no token could be fetched, in ticks.
  private var failingSince: Int?
  private var retryAt = 0

  /// - Parameters:
  ///   - isRenewable: tokens are fetched when they are needed.
  ///   - leases: the tokens that are there already.
  package init(isRenewable: Bool = false, leases: [String: TokenLease] = [:]) {
    self.isRenewable = isRenewable
    for (project, lease) in leases { issued(project, lease) }
  }

  /// Projects that wait for a token have nothing else to do.
  package var isWaiting: Bool { fetching != nil || failingSince != nil }

  /// - Parameters:
  ///   - project: of the request that is to be sent.
  ///   - now: in ticks.
  /// - Returns: what is to be done before it.
  package func need(of project: String, at now: Int) -> Need {
    guard isRenewable else { return .nothing }
    let entry = entries[project]
    let isUsable = entry?.expiresAt.map { now < $0 } ?? false
    if isUsable, now < entry?.renewalAt ?? 0 || fetching != nil || now < retryAt { return .nothing }
    if fetching != nil { return .patience(untilTick: nil) }
    return now < retryAt ? .patience(untilTick: retryAt) : .token
  }

  /// A token request for the project is sent.
  package mutating func begin(_ project: String) { fetching = project }

  /// A token has come. What cannot be used is not used, but it is not fetched at once again either.
  package mutating func issued(_ project: String, _ lease: TokenLease) {
    fetching = nil
    failures = 0
    failingSince = nil
    retryAt = 0
    var entry = entries[project] ?? Entry()
    let life = max(lease.expiresAt - lease.issuedAt, Self.second)
    entry.expiresAt = lease.issuedAt + life
    entry.renewalAt = lease.issuedAt + life - min(life / 5, Self.longestMargin)
    entry.generation += 1
    entry.hasServed = false
    entry.replacedAt = entry.isReplacement ? lease.issuedAt : nil
    entry.isReplacement = false
    entries[project] = entry
  }

  /// No token has come, and it may be tried again.
  ///
  /// - Parameters:
  ///   - now: in ticks.
  ///   - longestGap: after more ticks than that since it could have been tried again nobody was there to try (the
  ///     machine slept, or the process was stopped): the outage begins anew.
  ///   - wait: until the next try: ticks, by how many tries have failed in a row, this one included.
  package mutating func failed(at now: Int, longestGap: Int = .max, wait: (_ failures: Int) -> Int) {
    fetching = nil
    failures += 1
    let hasSlept = failingSince != nil && now - retryAt > longestGap
    failingSince = hasSlept ? now : failingSince ?? now
    retryAt = now + wait(failures)
  }

  /// Since when requests of the project wait because no token can be fetched, in ticks; `nil` where they do not.
  package func waitingSince(_ project: String, at now: Int) -> Int? {
    guard let failingSince else { return nil }
    guard let end = entries[project]?.expiresAt else { return failingSince }
    return now < end ? nil : max(failingSince, end)
  }

  /// Which token of the project is in use: to be remembered with each request.
  package func generation(of project: String) -> Int { entries[project]?.generation ?? 0 }

  /// A request was answered by anything but a 401.
  package mutating func served(_ project: String, generation: Int) {
    guard isRenewable, entries[project]?.generation == generation else { return }
    entries[project]?.hasServed = true
  }

  /// A request was answered 401.
  ///
  /// - Parameters:
  ///   - project: of the request.
  ///   - generation: as it was when the request was sent.
  ///   - now: in ticks.
  /// - Returns: whether a renewal may help.
  package mutating func refused(_ project: String, generation: Int, at now: Int) -> Refusal {
    guard isRenewable, var entry = entries[project] else { return .final }
    // Another worker's 401 has already led to a new one, or is about to.
    if entry.generation != generation || entry.expiresAt == nil { return .renewing }
    guard entry.hasServed else { return .final }
    if let replacedAt = entry.replacedAt, now - replacedAt < Self.renewalGuard { return .final }
    entry.expiresAt = nil
    entry.isReplacement = true
    entries[project] = entry
    return .renewing
  }
}

/// How long a token lasts, by the clock of this machine.
package struct TokenLease: Sendable, Hashable {
  /// Ticks of `RunMoment`.
  package var issuedAt: Int
  /// Likewise.
  package var expiresAt: Int

  package init(issuedAt: Int, expiresAt: Int) {
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
  }
}
