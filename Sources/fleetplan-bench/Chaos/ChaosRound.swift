import AutoScaling
import AutoScalingSimulator
import ChangeRun
import Foundation

/// One plan carried out, and perhaps taken back, by processes that are killed again and again.
struct ChaosRound: Sendable {
  /// What came of it.
  struct Result: Sendable {
    var tally: ChaosTally
    var violations: [Violation]
    /// Where everything is to be looked at; `nil` where nothing was found.
    var folder: String?
  }

  /// A process that should have ended long ago is an error of its own; the slowest round is far from it.
  static let processLimit = Duration.seconds(240)

  let scenario: ChaosScenario
  let budget: ChaosBudget
  let monitor: StallMonitor

  /// - Returns: what was done and found.
  /// - Throws: what keeps the round from being played.
  func play() async throws -> Result {
    let folder = try WorkFolder("chaos")
    var options = scenario.simulator
    options.journalPath = folder.path("journal.jsonl")
    let server = try await SimulatorServer.start(options)
    let outcome: Swift.Result<(ChaosTally, [Violation]), any Error>
    do {
      var play = ChaosPlay(scenario: scenario, budget: budget, monitor: monitor, folder: folder, server: server)
      try await play.run()
      outcome = .success((play.tally, play.violations))
    } catch {
      outcome = .failure(error)
    }
    await server.stop()
    let (tally, violations) = try outcome.get()
    if violations.isEmpty {
      try folder.remove()
      return Result(tally: tally, violations: [], folder: nil)
    }
    try folder.write(violations.map { "\($0)\n" }.joined(), to: "violations.txt")
    return Result(tally: tally, violations: violations, folder: folder.url.path)
  }
}

/// A round while it is played.
struct ChaosPlay {
  let scenario: ChaosScenario
  let budget: ChaosBudget
  let monitor: StallMonitor
  let folder: WorkFolder
  let server: SimulatorServer
  private(set) var tally = ChaosTally()
  private(set) var violations: [Violation] = []
  private var random: SplitMix64
  private var processes = 0
  private var isRightUpToNow: Bool { violations.isEmpty }

  init(
    scenario: ChaosScenario, budget: ChaosBudget, monitor: StallMonitor, folder: WorkFolder, server: SimulatorServer
  ) {
    self.scenario = scenario
    self.budget = budget
    self.monitor = monitor
    self.folder = folder
    self.server = server
    random = SplitMix64(seed: scenario.seed ^ 0x6368_616F_73)
  }

  private var ledger: String { folder.path("ledger.sqlite") }

  /// What all groups hold now.
  private var values: [GroupReference: GroupModification] {
    server.cloud.snapshotAll(now: server.now).mapValues(\.values)
  }

  /// Plays the round; what was done is in `tally`, what was found in `violations`.
  ///
  /// - Throws: what keeps it from being played.
  mutating func run() async throws {
    let plan = ChaosPlan(groups: values, changesPerGroup: scenario.changesPerGroup, using: &random)
    let file = scenario.isCSV ? "plan.csv" : "plan.jsonl"
    try folder.write(scenario.isCSV ? plan.csv : plan.jsonLines, to: file)
    tally.rounds = 1
    tally.changes = plan.changes.count
    let connection = ["--endpoint", server.endpoint]

    var evidence = newEvidence(plan.expected)
    let isWhole = try await carryOut(
      &evidence, kind: "apply", first: ["run", file, "--yes"] + connection + scenario.options, kills: scenario.kills,
      stopsHalfway: scenario.rollback == .halfway)
    evidence.expectedValues = plan.after
    if isWhole { try judge(evidence, requests: 0...) }
    let applied = server.cloud.journal.count
    if isRightUpToNow, scenario.rollback != .none {
      try await takeBack(plan, evidence, isWhole: isWhole, after: applied)
    }
    tally.add(server.cloud.journal)
  }

  private func newEvidence(_ expected: ExpectedRun) -> RunEvidence {
    var evidence = RunEvidence(expected: expected)
    evidence.requestTimeout = scenario.requestTimeout
    evidence.rate = scenario.rate
    let start = ContinuousClock.now - server.now
    evidence.stall = { [monitor] beginning in
      let second = start + beginning
      return monitor.longest(within: second - .milliseconds(100)..<second + .milliseconds(1_100))
    }
    return evidence
  }

  /// Completes the evidence with the requests of these numbers (from 0) and the state of affairs, and checks it.
  private mutating func judge(_ evidence: RunEvidence, requests: PartialRangeFrom<Int>, run: Int = 1) throws {
    try judge(evidence, requests: requests.lowerBound..<server.cloud.journal.count, run: run)
  }

  private mutating func judge(_ evidence: RunEvidence, requests: Range<Int>, run: Int) throws {
    guard isRightUpToNow else { return }
    var evidence = evidence
    evidence.journal = Array(server.cloud.journal[requests])
    evidence.values = values
    evidence.facts = try LedgerFacts(path: ledger, run: run)
    violations += RunChecks(evidence: evidence).violations()
  }

  // MARK: Taking back

  private mutating func takeBack(
    _ plan: ChaosPlan, _ forward: RunEvidence, isWhole: Bool, after applied: Int
  ) async throws {
    tally.rollbacks = 1
    let command = ["rollback", "--yes"] + scenario.options
    var evidence = newEvidence(plan.expected.rollback)
    _ = try await carryOut(
      &evidence, kind: "rollback", first: command, kills: scenario.rollbackKills, from: applied)
    guard isRightUpToNow, let run = try latestRun("rollback") else { return }
    if !isWhole {
      // What the first run has to answer for, now that the rollback has settled it.
      var forward = forward
      forward.isAbandoned = true
      forward.expectedValues = [:]
      try judge(forward, requests: 0..<applied, run: 1)
      // Only what was, or may have been, applied is taken back; the groups' values tell whether that was right.
      let facts = try LedgerFacts(path: ledger, run: 1)
      let restored = Set(facts.records.map(\.change))
        .subtracting(facts.changes.filter { $0.applied == "no" }.map(\.number))
      evidence.expected.changes.removeAll { !restored.contains($0.number) }
      evidence.mayFindNothingToDo = true
    }
    evidence.expectedValues = plan.before
    try judge(evidence, requests: applied..., run: run)
    guard isRightUpToNow else { return }

    let puts = server.cloud.journal.count { $0.kind == .put }
    let again = try await process(command, nil)
    guard let again else { return }
    let putsAfter = server.cloud.journal.count { $0.kind == .put }
    let latest = try latestRun("rollback")
    if again.ending != .exit(0) || putsAfter != puts || latest != run {
      violations.append(
        Violation(
          check: .program,
          facts: "rollback typed again ended with \(again.ending) after \(putsAfter - puts) PUTs:\n\(again.errors)"))
    }
  }

  // MARK: Processes

  /// Lets processes work on the run until it has ended.
  ///
  /// - Parameters:
  ///   - evidence: gets the lifetimes.
  ///   - kind: of the run, as the ledger calls it.
  ///   - first: the command that makes the run; `resume` goes on with it.
  ///   - kills: how many processes are to be ended before their time.
  ///   - stopsHalfway: whether to leave it as it is when all kills are used up.
  ///   - from: how many requests came before this run.
  /// - Returns: whether the run has ended.
  /// - Throws: what keeps a process from being started.
  private mutating func carryOut(
    _ evidence: inout RunEvidence, kind: String, first: [String], kills: Int, stopsHalfway: Bool = false,
    from: Int = 0
  ) async throws -> Bool {
    var kills = kills
    while true {
      let run = try latestRun(kind)
      if kills == 0, stopsHalfway, run != nil { return false }
      let command = run.map { ["resume", "\($0)", "--yes"] } ?? first
      let blow = kills > 0 && budget.takeKill() ? Blow.random(using: &random) : nil
      if blow == nil { kills = 0 }
      let start = server.now
      guard let result = try await process(command, blow) else { return false }
      let end = server.now
      let requests = server.cloud.journal.count - from
      var facts = LedgerFacts()
      if let run = try latestRun(kind) { facts = try LedgerFacts(path: ledger, run: run) }
      evidence.lifetimes.append(RunEvidence.Lifetime(span: start..<end, facts: facts, requests: requests))
      if case .exit(let status) = result.ending, status <= 1 {
        if blow != nil { budget.giveBackKill() }
        return true
      }
      guard let blow, isEnd(result.ending, of: blow) else {
        violations.append(
          Violation(
            check: .program, facts: "\(command.joined(separator: " ")) ended with \(result.ending):\n\(result.errors)"))
        return false
      }
      kills -= 1
      tally.kills[blow.kind, default: 0] += 1
    }
  }

  private func isEnd(_ ending: Program.Ending, of blow: Blow) -> Bool {
    switch blow {
    case .kill, .step: ending == .signal(SIGKILL)
    // Before it listens to signals they end it as they end any program.
    case .stop(_, let signal, _, _): ending == .exit(75) || ending == .signal(signal)
    }
  }

  /// Runs the program once, and strikes.
  ///
  /// - Returns: `nil` where it did not end, which is a violation.
  private mutating func process(_ command: [String], _ blow: Blow?) async throws -> Program.Result? {
    processes += 1
    let environment = ["FLEETPLAN_LEDGER": ledger].merging(blow?.environment ?? [:]) { mine, _ in mine }
    let program = try Program(command, environment: environment, folder: folder.url, name: "process-\(processes)")
    let striking = Task {
      switch blow {
      case .kill(let after):
        try await Task.sleep(for: .milliseconds(after))
        program.send(signal: SIGKILL)
      case .stop(_, let signal, let times, let after):
        try await Task.sleep(for: .milliseconds(after))
        for _ in 0..<times {
          program.send(signal: signal)
          // Two signals of a kind that come before the first was seen are one.
          try await Task.sleep(for: .milliseconds(15))
        }
      case .step, nil: break
      }
    }
    let result = try await program.wait(limit: ChaosRound.processLimit)
    striking.cancel()
    if result == nil {
      violations.append(
        Violation(
          check: .program,
          facts:
            "\(command.joined(separator: " ")) (process-\(processes)) had not ended after \(ChaosRound.processLimit)")
      )
    }
    return result
  }

  /// - Returns: `nil` where there is no such run, or not even a ledger.
  private func latestRun(_ kind: String) throws -> Int? {
    guard FileManager.default.fileExists(atPath: ledger) else { return nil }
    return try LedgerFacts.latestRun(path: ledger, kind: kind)
  }
}
