package import JSONText

/// The form in which options are stored with a run and shown by `run_report.options`: the flags' names with
/// underscores, durations with their unit.
extension RunOptions {
  package var json: String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("rate")
    writer.decimal(rate, fractionDigits: 3)
    if let concurrency { writer.member("concurrency", concurrency) } else { writer.member("concurrency", "auto") }
    writer.member("max_attempts", maxAttempts)
    writer.member("retry_on", retryOn.text)
    writer.member("backoff", Self.text(of: backoff))
    writer.member("request_timeout", DurationText.format(requestTimeout))
    writer.member("wait_scaling", DurationText.format(waitScaling))
    writer.member("busy_poll", Self.text(of: busyPoll))
    writer.member("wait_endpoint", DurationText.format(waitEndpoint))
    writer.member("max_failures", maxFailures.text)
    writer.member("max_removed", maxRemoved)
    writer.member("waves", waves?.text)
    writer.member("wave_pause", DurationText.format(wavePause))
    writer.member("confirm_waves", confirmWaves)
    writer.member("verify", verify)
    writer.member("wait_stable", waitStable.map(DurationText.format))
    writer.member("keep_going", keepGoing)
    writer.member("skip_preconditions", skipPreconditions)
    writer.member("require_reversible", requireReversible)
    writer.member("overwrite_drift", overwriteDrift)
    writer.endObject()
    return writer.text
  }

  /// Reads what `json` gave; what is missing keeps its default.
  ///
  /// - Returns: `nil` where a value cannot be what `json` wrote.
  package init?(json node: JSONNode) {
    self.init()
    guard let members = node.objectValue else { return nil }
    for member in members where !member.node.isNull {
      guard read(member) else { return nil }
    }
  }

  /// Reads the text that is stored with a run.
  package init?(storedText text: String) {
    guard let node = try? JSONParser.parse(text) else { return nil }  // not JSON: the same `nil`
    self.init(json: node)
  }

  private mutating func read(_ member: JSONMember) -> Bool {
    let node = member.node
    switch member.name {
    case "rate": return assign(Self.number(node), to: \.rate)
    case "concurrency":
      concurrency = node.integerValue
      return concurrency != nil || node.stringValue == "auto"
    case "max_attempts": return assign(node.integerValue, to: \.maxAttempts)
    case "retry_on": return assign(node.stringValue.flatMap { RetryCauses(text: $0) }, to: \.retryOn)
    case "backoff": return assign(node.stringValue.flatMap(Self.backoff), to: \.backoff)
    case "request_timeout": return assign(Self.duration(node), to: \.requestTimeout)
    case "wait_scaling": return assign(Self.duration(node), to: \.waitScaling)
    case "busy_poll": return assign(node.stringValue.flatMap(Self.backoff), to: \.busyPoll)
    case "wait_endpoint": return assign(Self.duration(node), to: \.waitEndpoint)
    case "max_failures": return assign(node.stringValue.flatMap { FailureLimit(text: $0) }, to: \.maxFailures)
    case "max_removed": return assign(node.integerValue, to: \.maxRemoved)
    case "waves": return assign(node.stringValue.flatMap { Waves(text: $0) }, to: \.waves)
    case "wave_pause": return assign(Self.duration(node), to: \.wavePause)
    case "confirm_waves": return assign(node.boolValue, to: \.confirmWaves)
    case "verify": return assign(node.boolValue, to: \.verify)
    case "wait_stable": return assign(Self.duration(node), to: \.waitStable)
    case "keep_going": return assign(node.boolValue, to: \.keepGoing)
    case "skip_preconditions": return assign(node.boolValue, to: \.skipPreconditions)
    case "require_reversible": return assign(node.boolValue, to: \.requireReversible)
    case "overwrite_drift": return assign(node.boolValue, to: \.overwriteDrift)
    // A newer version may have stored more: what is not known here has no effect here.
    default: return true
    }
  }

  private mutating func assign<Value>(_ value: Value?, to path: WritableKeyPath<RunOptions, Value>) -> Bool {
    guard let value else { return false }
    self[keyPath: path] = value
    return true
  }

  private mutating func assign<Value>(_ value: Value?, to path: WritableKeyPath<RunOptions, Value?>) -> Bool {
    guard let value else { return false }
    self[keyPath: path] = value
    return true
  }

  private static func number(_ node: JSONNode) -> Double? {
    switch node.value {
    case .integer(let number): Double(number)
    case .number(let text): Double(text)
    default: nil
    }
  }

  private static func duration(_ node: JSONNode) -> Duration? { node.stringValue.flatMap { DurationText.parse($0) } }

  /// `BASE:CAP`, as `--backoff` and `--busy-poll` take it.
  package static func text(of backoff: Backoff) -> String {
    DurationText.format(backoff.base) + ":" + DurationText.format(backoff.cap)
  }

  /// Reads `BASE:CAP`.
  ///
  /// - Returns: `nil` unless both are durations, base more than zero and cap not below it.
  package static func backoff(_ text: String) -> Backoff? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let base = DurationText.parse(parts[0]), let cap = DurationText.parse(parts[1]),
      base > .zero, cap >= base
    else { return nil }
    return Backoff(base: base, cap: cap)
  }
}
