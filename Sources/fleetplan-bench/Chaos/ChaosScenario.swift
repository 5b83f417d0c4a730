import AutoScalingSimulator
import ChangeRun

/// What one round is to be, all of it from its seed.
struct ChaosScenario: Sendable {
  enum Rollback: Sendable {
    case none
    /// Of the run when it has ended.
    case afterwards
    /// Of the run when all kills are used up, however far it is.
    case halfway
  }

  let seed: UInt64
  private(set) var simulator = SimulatorOptions()
  private(set) var changesPerGroup = 1...1
  /// Of `run`, and of `rollback`.
  private(set) var options: [String] = []
  private(set) var requestTimeout = Duration.milliseconds(500)
  /// 0: no limit.
  private(set) var rate = 0.0
  private(set) var kills = 0
  private(set) var rollback = Rollback.none
  private(set) var rollbackKills = 0
  private(set) var isCSV = true

  /// - Throws: `SimulatorOptionError` where a fault is not one of the simulator's.
  init(seed: UInt64) throws {
    self.seed = seed
    var random = SplitMix64(seed: seed)
    simulator.seed = seed
    simulator.groups = Int.random(in: 5...40, using: &random)
    simulator.projects = Int.random(in: 1...3, using: &random)
    simulator.latency = .zero ... .milliseconds(Int.random(in: 0...60, using: &random))
    simulator.scalingTime = .milliseconds(5) ... .milliseconds(Int.random(in: 10...400, using: &random))
    // Each change of a group whose answer was lost can take ten seconds to settle, until reads are to be trusted.
    changesPerGroup = 1...([1, 1, 2, 2, 3, 4].randomElement(using: &random) ?? 1)
    let milliseconds = [500, 700, 1_000].randomElement(using: &random) ?? 500
    requestTimeout = .milliseconds(milliseconds)
    simulator.faults = try Self.faults(timeout: milliseconds, using: &random).map { try FaultSpec($0) }
    options = [
      "--request-timeout", "\(milliseconds)ms", "--backoff", "20ms:200ms", "--busy-poll", "50ms:200ms",
      "--max-attempts", "500", "--max-failures", "100%",
      "--concurrency", ["1", "2", "4", "8", "16", "64", "auto"].randomElement(using: &random) ?? "8",
    ]
    if Int.random(in: 0..<3, using: &random) == 0 { rate = Double(Int.random(in: 50...500, using: &random)) }
    options += ["--rate", "\(Int(rate))"]
    if Int.random(in: 0..<6, using: &random) == 0 { options.append("--verify") }
    kills = Int.random(in: 4...30, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0..<3: rollback = .afterwards
    case 3: rollback = .halfway
    default: rollback = .none
    }
    rollbackKills = Int.random(in: 0...12, using: &random)
    isCSV = Bool.random(using: &random)
  }

  /// A few kinds, with such shares that a round ends in seconds. Left out is what can rightly end a change or the run:
  /// 401, 403, AS.2057 to a repeated flag, and AS.2033 from a group that has just stopped scaling. Outages are left out
  /// too: NIO can end the simulator's process when its server is cancelled while it accepts a connection.
  ///
  /// A late effect comes within the request timeout, and reads lag for less than ten seconds: that is what the program
  /// waits for.
  private static func faults(timeout: Int, using random: inout SplitMix64) -> [String] {
    func percent(_ range: ClosedRange<Int>) -> String { "\(Int.random(in: range, using: &random))%" }
    func part(_ percent: ClosedRange<Int>) -> String {
      ":delay=\(timeout * Int.random(in: percent, using: &random) / 100)ms"
    }
    let kinds: [String] = [
      "408=" + percent(1...5), "409=" + percent(2...15), "429=" + percent(1...2), "500=" + percent(1...6),
      "502=" + percent(1...6), "503=" + percent(1...2), "503=1%:retry-after=1", "504=" + percent(1...6),
      "lost-500=" + percent(1...8), "lost-502=" + percent(1...8), "lost-503=" + percent(1...2),
      "lost-504=" + percent(1...8), "lock=" + percent(2...20), "reset=" + percent(1...10),
      "lost-answer=" + percent(2...20), "late-effect=" + percent(2...15) + part(20...80),
      "stale-read=" + percent(3...25) + ":delay=\(Int.random(in: 1...8, using: &random))s",
      "truncated=" + percent(1...10), "garbage=" + percent(1...10),
      "wrong-id=" + percent(1...10), "slow=" + percent(1...8) + part(10...80),
      "slow=" + percent(1...4) + part(110...150),
      "throttle=\(Int.random(in: 60...300, using: &random))", "busy-scaling=AS.0003", "same-number",
    ]
    return Array(kinds.shuffled(using: &random).prefix(Int.random(in: 1...8, using: &random)))
  }
}
