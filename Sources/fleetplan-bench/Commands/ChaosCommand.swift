import ArgumentParser
import ChangeRun
import Foundation

/// `fleetplan-bench chaos`
struct ChaosCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chaos",
    abstract: "Kills the executable again and again while a simulated service fails in every way it can.",
    discussion: """
      A round is a random plan for some groups, random faults, a run that is killed at random moments and in random \
      steps and resumed each time, and often a rollback that fares no better. Afterwards the service's journal and \
      the ledger are checked against a model of the plan: nothing lost, nothing doubled, nothing out of order.

      Exit status 1 if anything was found: the round's seed is told, and its folder stays. A round is played again by \
      its seed, as far as the operating system's timing allows.

      Examples:
        fleetplan-bench chaos --kills 1000
        fleetplan-bench chaos --time-limit 150s --seed 7
        fleetplan-bench chaos --seed 4711 --rounds 1
      """)

  @Option(help: ArgumentHelp("Processes to kill in all. (default: 100, with no other limit)", valueName: "n"))
  var kills: Int?

  @Option(help: ArgumentHelp("Rounds to play at most.", valueName: "n"))
  var rounds: Int?

  @Option(
    name: .customLong("time-limit"),
    help: ArgumentHelp("After it no round begins and none is disturbed any more.", valueName: "duration"))
  var timeLimit: String?

  @Option(help: ArgumentHelp("Of the first round; the others follow. (default: a random one)", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("Rounds at the same time; most of a round is waiting.", valueName: "n"))
  var jobs = 3

  @Flag(help: "One JSON document on standard output.")
  var json = false

  func validate() throws {
    guard jobs > 0, kills ?? 1 > 0, rounds ?? 1 > 0 else { throw ValidationError("Numbers are 1 or more.") }
    if let timeLimit, DurationText.parse(timeLimit) == nil {
      throw ValidationError("--time-limit is a duration with its unit, such as 150s.")
    }
  }

  func run() async throws {
    try Program.requireFleetplan()
    let start = ContinuousClock.now
    let first = seed ?? UInt64.random(in: 1...1_000_000_000)
    let isLimited = kills != nil || rounds != nil || timeLimit != nil
    let budget = ChaosBudget(
      kills: isLimited ? kills : 100, rounds: rounds, timeLimit: timeLimit.flatMap { DurationText.parse($0) })
    Console.error("chaos: seed \(first)")
    let (tally, violations) = try await play(from: first, budget)
    let elapsed = ContinuousClock.now - start
    Console.result(
      json
        ? tally.json(seed: first, elapsed: elapsed, violations: violations)
        : tally.text(seed: first, elapsed: elapsed, violations: violations))
    if violations > 0 { throw ExitCode(BenchError.Status.violated) }
  }

  private func play(from first: UInt64, _ budget: ChaosBudget) async throws -> (ChaosTally, violations: Int) {
    let monitor = StallMonitor()
    defer { monitor.stop() }
    return try await withThrowingTaskGroup(of: (UInt64, ChaosRound.Result).self) { group in
      var next = first
      func begin() throws {
        let seed = next
        next &+= 1
        let round = ChaosRound(scenario: try ChaosScenario(seed: seed), budget: budget, monitor: monitor)
        group.addTask { (seed, try await round.play()) }
      }
      for _ in 0..<jobs where budget.takeRound() { try begin() }
      var tally = ChaosTally()
      var violations = 0
      while let (seed, result) = try await group.next() {
        tally.add(result.tally)
        violations += result.violations.count
        if let folder = result.folder {
          budget.stop()
          tell(seed, result.violations, folder)
        }
        if budget.takeRound() { try begin() }
      }
      return (tally, violations)
    }
  }

  private func tell(_ seed: UInt64, _ violations: [Violation], _ folder: String) {
    var lines = ["chaos: the round with seed \(seed) has found \(violations.count):"]
    lines += violations.prefix(20).map { "  \($0)" }
    if violations.count > 20 { lines.append("  … and \(violations.count - 20) more in violations.txt") }
    lines.append("ledger, plan, journal and the output of every process: \(folder)")
    lines.append("once more: fleetplan-bench chaos --seed \(seed) --rounds 1")
    Console.error(lines.joined(separator: "\n"))
  }
}
