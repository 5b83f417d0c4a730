import ChangeRun

/// One way to end a process before its time.
enum Blow: Sendable {
  /// SIGKILL that long after the start, in milliseconds.
  case kill(after: Int)
  /// SIGKILL to itself in a durable step, the nth time that it happens (`FLEETPLAN_TEST_KILL`).
  case step(String, nth: Int)
  /// SIGTERM or SIGINT, once or twice.
  case stop(name: String, signal: Int32, times: Int, after: Int)

  private static let steps = ["claimed", "recorded", "head_written", "answered", "outcome"]

  static func random(using random: inout SplitMix64) -> Blow {
    let after = Int.random(in: 0...([100, 400, 1_500].randomElement(using: &random) ?? 400), using: &random)
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<9:
      return .step(
        steps.randomElement(using: &random) ?? "recorded",
        nth: Int.random(in: 1...([1, 4, 12].randomElement(using: &random) ?? 4), using: &random))
    case 9..<17: return .kill(after: after)
    case 17: return .stop(name: "SIGTERM", signal: 15, times: 1, after: after)
    case 18: return .stop(name: "SIGINT", signal: 2, times: 1, after: after)
    default: return .stop(name: "SIGTERM", signal: 15, times: 2, after: after)
    }
  }

  /// For the count of kills by kind.
  var kind: String {
    switch self {
    case .kill: "SIGKILL at a moment"
    case .step(let step, _): "SIGKILL in step \(step)"
    case .stop(let name, _, let times, _): times == 1 ? name : "\(name) twice"
    }
  }

  var environment: [String: String] {
    if case .step(let step, let nth) = self { ["FLEETPLAN_TEST_KILL": "\(step):\(nth)"] } else { [:] }
  }
}
