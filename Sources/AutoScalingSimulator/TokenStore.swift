/// The tokens that the identity endpoint has issued.
struct TokenStore: Sendable {
  struct Token: Sendable {
    /// `nil` for a token without a project, which the AS API does not take.
    var projectID: String?
    /// Time since the start of the simulator.
    var expiresAt: Duration
  }

  /// How many are kept; older ones are forgotten, as if they had expired.
  static let limit = 10_000

  private let seed: UInt64
  private var tokens: [String: Token] = [:]
  private var order: [String] = []
  private var count = 0

  init(seed: UInt64) { self.seed = seed }

  /// Issues a token; earlier ones stay valid (the reference, section 7.1).
  mutating func issue(projectID: String?, expiresAt: Duration) -> String {
    count += 1
    var hash = SeededHash(seed: seed, "token")
    hash.combine(count)
    var generator = SeededGenerator(hash)
    let token = "SIM" + generator.hexadecimalID() + generator.hexadecimalID()
    tokens[token] = Token(projectID: projectID, expiresAt: expiresAt)
    order.append(token)
    if order.count > Self.limit { tokens[order.removeFirst()] = nil }
    return token
  }

  /// The token, if it was issued and has not expired.
  func valid(_ token: String, at now: Duration) -> Token? {
    guard let known = tokens[token], known.expiresAt > now else { return nil }
    return known
  }

  /// Makes all tokens invalid, as a changed password does.
  mutating func revokeAll() {
    tokens = [:]
    order = []
  }
}
