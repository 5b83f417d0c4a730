/// One `--fault`: what goes wrong, how often, and with which requests.
///
/// The text is `NAME=SHARE%`, then options, each after a colon: `503=1%:retry-after=2:only=put`.
package struct FaultSpec: Sendable, Hashable {
  /// What goes wrong.
  package enum Kind: Sendable, Hashable {
    /// `409=2%`: this HTTP status, without an effect.
    case status(Int)
    /// `lost-503=1%`: the effect takes place, then this HTTP status (500, 502, 503 or 504) is answered.
    case lostStatus(Int)
    /// `lock=1%`: 400 AS.0003 to a PUT, without an effect.
    case lock
    /// `reset=1%`: TCP reset after the request was read, before its effect.
    case reset
    /// `lost-answer=1%`: the effect takes place, then the connection is closed without an answer.
    case lostAnswer
    /// `late-effect=1%:delay=2s`: the connection is closed without an answer, the effect takes place later.
    case lateEffect
    /// `stale-read=1%:delay=5s`: a GET shows the group as it was before the last PUT, if that came less than so long ago.
    case staleRead
    /// `truncated=1%`: the effect takes place, the answer breaks off in the middle of its body.
    case truncated
    /// `garbage=1%`: the effect takes place, the answer is 200 with a page of HTML.
    case garbage
    /// `wrong-id=1%`: the effect takes place, the answer is 200 and names another group.
    case wrongID
    /// `slow=1%:delay=5s`: the answer comes that much later. It goes together with any other fault.
    case slow
    /// `throttle=100`: 429 APIG.0308 to what comes above so many requests in any second.
    case throttle(perSecond: Int)
    /// `outage=5s..20s`: connections are refused during this time after the start, and open ones are closed.
    case outage(Range<Duration>)
    /// `same-number`: 400 AS.2028 to a PUT that repeats the desired number (undocumented; off by default).
    case sameNumber
    /// `same-publicip`: 400 AS.2057 to a PUT that repeats `delete_publicip` (seen at Huawei; off by default).
    case samePublicIP
    /// `busy-scaling=AS.0003` or `=AS.2033`: 400 with that code to any PUT while the group is scaling.
    case busyScaling(code: String)
  }

  /// Requests that a fault can be limited to by `only=`.
  package enum Method: String, Sendable, CaseIterable {
    case get, put, post
  }

  /// `retry-after=N`, with `retry-after-date` as a date instead of seconds.
  package struct RetryAfter: Sendable, Hashable {
    package var seconds: Int
    package var asDate: Bool
  }

  package var kind: Kind
  /// The share of the requests that it hits, 0 to 1.
  package var share: Double
  /// Of `late-effect` and `slow`; of `stale-read`, how long reads can lag (for ever, unless it is given).
  package var delay: Duration
  /// The methods that it can hit.
  package var methods: Set<Method>
  /// `nth=1` or `nth=1..3`: only these requests of a group and method, counted from 1.
  package var nth: ClosedRange<Int>?
  package var retryAfter: RetryAfter?

  /// The fault's name in `--fault` and in the journal.
  package var name: String { Self.name(of: kind) }

  private static func name(of kind: Kind) -> String {
    switch kind {
    case .status(let status): "\(status)"
    case .lostStatus(let status): "lost-\(status)"
    case .lock: "lock"
    case .reset: "reset"
    case .lostAnswer: "lost-answer"
    case .lateEffect: "late-effect"
    case .staleRead: "stale-read"
    case .truncated: "truncated"
    case .garbage: "garbage"
    case .wrongID: "wrong-id"
    case .slow: "slow"
    case .throttle: "throttle"
    case .outage: "outage"
    case .sameNumber: "same-number"
    case .samePublicIP: "same-publicip"
    case .busyScaling: "busy-scaling"
    }
  }

  /// Whether it is chosen request by request, by its share.
  var isChosenByShare: Bool {
    switch kind {
    case .throttle, .outage, .sameNumber, .samePublicIP, .busyScaling: false
    default: true
    }
  }
}

// MARK: - Reading `--fault`

extension FaultSpec {
  private static let statuses = [401, 403, 408, 409, 429, 500, 502, 503, 504]
  private static let lostStatuses = [500, 502, 503, 504]
  private static let sharedKinds: [Kind] =
    statuses.map(Kind.status) + lostStatuses.map(Kind.lostStatus) + [
      .lock, .reset, .lostAnswer, .lateEffect, .staleRead, .truncated, .garbage, .wrongID, .slow,
    ]

  /// Reads a `--fault`.
  ///
  /// - Throws: `SimulatorOptionError` that says what would be right.
  package init(_ text: String) throws(SimulatorOptionError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let (name, value) = Self.pair(parts[0])
    let options = parts.dropFirst()
    func wrong(_ problem: String) -> SimulatorOptionError { SimulatorOptionError(text: text, problem: problem) }

    if let kind = Self.sharedKinds.first(where: { Self.name(of: $0) == name }) {
      guard let value, value.last == "%", let percent = Double(value.dropLast()), (0...100).contains(percent) else {
        throw wrong("write the share of the requests that it hits, 0 to 100 percent, such as \(name)=1%")
      }
      self.init(kind: kind, share: percent / 100)
    } else {
      self.init(kind: try Self.unsharedKind(name: name, value: value, text: text), share: 1)
    }
    for option in options { try apply(option, in: text) }
    if let retryAfter, retryAfter.seconds < 0 { throw wrong("retry-after-date also needs retry-after=SECONDS") }
  }

  private init(kind: Kind, share: Double) {
    self.kind = kind
    self.share = share
    delay =
      switch kind {
      case .lateEffect: .seconds(2)
      case .slow: .seconds(5)
      case .staleRead: .seconds(Int64.max)
      default: .zero
      }
    methods =
      switch kind {
      case .staleRead: [.get]
      case .lock, .lateEffect, .wrongID, .lostAnswer, .lostStatus: [.put]
      default: Set(Method.allCases)
      }
  }

  private static func unsharedKind(
    name: String, value: String?, text: String
  ) throws(SimulatorOptionError) -> Kind {
    func wrong(_ problem: String) -> SimulatorOptionError { SimulatorOptionError(text: text, problem: problem) }
    switch name {
    case "throttle":
      guard let limit = value.flatMap({ Int($0) }), (1...1_000_000).contains(limit) else {
        throw wrong("write how many requests a second pass, 1 to 1000000, such as throttle=100")
      }
      return .throttle(perSecond: limit)
    case "outage":
      guard let value else { throw wrong("write from when to when after the start, such as outage=5s..20s") }
      let range = try SimulatorOptions.durationRange(value)
      guard range.lowerBound < range.upperBound else {
        throw wrong("write from when to when after the start, such as outage=5s..20s")
      }
      return .outage(range.lowerBound..<range.upperBound)
    case "busy-scaling":
      guard let value, ["AS.0003", "AS.2033"].contains(value) else {
        throw wrong("write the code to answer, busy-scaling=AS.0003 or busy-scaling=AS.2033")
      }
      return .busyScaling(code: value)
    case "same-number", "same-publicip":
      guard value == nil else { throw wrong("\(name) takes no value") }
      return name == "same-number" ? .sameNumber : .samePublicIP
    default:
      let names =
        sharedKinds.map(Self.name(of:)) + ["throttle", "outage", "busy-scaling", "same-number", "same-publicip"]
      throw wrong("no fault is named \(name.isEmpty ? "\"\"" : name); there are " + names.joined(separator: ", "))
    }
  }

  private mutating func apply(_ option: String, in text: String) throws(SimulatorOptionError) {
    func wrong(_ problem: String) -> SimulatorOptionError { SimulatorOptionError(text: text, problem: problem) }
    let (name, value) = Self.pair(option)
    switch (name, value) {
    case ("only", let value?) where isChosenByShare:
      guard let method = Method(rawValue: value) else {
        throw wrong("only= takes " + Method.allCases.map(\.rawValue).joined(separator: ", "))
      }
      guard methods.contains(method) else { throw wrong("\(self.name) cannot hit a \(value.uppercased())") }
      methods = [method]
    case ("delay", let value?) where kind == .slow || kind == .lateEffect || kind == .staleRead:
      delay = try SimulatorOptions.duration(value)
    case ("nth", let value?) where isChosenByShare:
      let ends = try SimulatorOptions.rangeEnds(value)
      guard let first = Int(ends.lower), let last = Int(ends.upper), first >= 1, first <= last else {
        throw wrong("nth= takes a request's number from 1, or a range such as 1..3")
      }
      nth = first...last
    case ("retry-after", let value?) where answersStatus:
      guard let seconds = Int(value), (0...86400).contains(seconds) else {
        throw wrong("retry-after= takes whole seconds, 0 to 86400")
      }
      retryAfter = RetryAfter(seconds: seconds, asDate: retryAfter?.asDate ?? false)
    case ("retry-after-date", nil) where answersStatus:
      // Negative until `retry-after` is seen; the initializer refuses what stays so.
      retryAfter = RetryAfter(seconds: retryAfter?.seconds ?? -1, asDate: true)
    default:
      throw wrong("\(self.name) has no option \(option); there are only=, nth=, delay=, retry-after=, retry-after-date")
    }
  }

  private var answersStatus: Bool {
    switch kind {
    case .status, .lostStatus, .throttle: true
    default: false
    }
  }

  private static func pair(_ text: String) -> (name: String, value: String?) {
    guard let sign = text.firstIndex(of: "=") else { return (text, nil) }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
  }
}
