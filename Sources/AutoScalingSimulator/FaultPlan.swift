/// The faults of a simulator, sorted by how they are chosen.
struct FaultPlan: Sendable {
  private let seed: UInt64
  /// At most one of them hits a request: the first that is drawn.
  private var exclusive: [FaultSpec] = []
  private var slow: [FaultSpec] = []
  private(set) var throttle: (perSecond: Int, retryAfter: FaultSpec.RetryAfter?)?
  private(set) var outages: [Range<Duration>] = []
  private(set) var refusesSameNumber = false
  private(set) var refusesSamePublicIP = false
  /// AS.0003 or AS.2033, where every PUT to a scaling group is refused.
  private(set) var busyScalingCode: String?

  init(_ specs: [FaultSpec], seed: UInt64) {
    self.seed = seed
    for spec in specs {
      switch spec.kind {
      case .throttle(let limit): throttle = (limit, spec.retryAfter)
      case .outage(let range): outages.append(range)
      case .sameNumber: refusesSameNumber = true
      case .samePublicIP: refusesSamePublicIP = true
      case .busyScaling(let code): busyScalingCode = code
      case .slow: slow.append(spec)
      default: exclusive.append(spec)
      }
    }
  }

  var hasStaleReads: Bool { exclusive.contains { $0.kind == .staleRead } }

  /// The fault that hits a request.
  ///
  /// - Parameters:
  ///   - key: the group's id, or the project's for a list.
  ///   - method: of the request.
  ///   - number: how many requests of this key and method came before, plus one.
  /// - Returns: `nil` for most requests.
  func fault(key: String, method: FaultSpec.Method, number: Int) -> FaultSpec? {
    exclusive.indices.first { hits(exclusive[$0], position: $0, key: key, method: method, number: number) }
      .map { exclusive[$0] }
  }

  /// How much later a request is answered.
  func extraDelay(key: String, method: FaultSpec.Method, number: Int) -> Duration {
    slow.indices.filter { hits(slow[$0], position: $0, key: key, method: method, number: number) }
      .reduce(Duration.zero) { $0 + slow[$1].delay }
  }

  private func hits(
    _ spec: FaultSpec, position: Int, key: String, method: FaultSpec.Method, number: Int
  ) -> Bool {
    guard spec.methods.contains(method), spec.nth?.contains(number) ?? true else { return false }
    // The position tells two faults of one name apart.
    var hash = SeededHash(seed: seed, "fault \(spec.name)")
    hash.combine(position)
    hash.combine(key)
    hash.combine(method.rawValue)
    hash.combine(number)
    return hash.fraction < spec.share
  }
}
