import AutoScaling
import Testing

@testable import AutoScalingSimulator
@testable import fleetplan_bench

/// A checker that finds nothing proves nothing: each check is shown what it is there for.
struct RunChecksTests {
  /// Something planted into the evidence of a good run, and the check that must find it.
  struct Plant: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var check: Violation.Check
    var body: @Sendable (inout RunEvidence) -> Void

    init(_ check: Violation.Check, _ what: String, _ body: @escaping @Sendable (inout RunEvidence) -> Void) {
      self.check = check
      testDescription = what
      self.body = body
    }
  }

  @Test func `a good run has no violations`() {
    #expect(RunChecks(evidence: GoodRun.evidence).violations().isEmpty)
  }

  static let plants: [Plant] = [
    Plant(.overlap, "a second PUT while the first is in progress") {
      $0.journal.append(GoodRun.put(4, GoodRun.second, at: 1_510))
      $0.facts.changes[2].attempts = 2
      $0.facts.changes[2].succeededAttempt = 2
    },
    Plant(.foreignBody, "a field that is not in the plan") {
      $0.journal[2].modification[.deleteVolume] = .boolean(false)
    },
    Plant(.foreignBody, "a field that the group holds already") {
      $0.journal[2].modification[.description] = .string("new")
    },
    Plant(.foreignBody, "another value than planned") { $0.journal[2].modification[.coolDownTime] = .integer(91) },
    Plant(.foreignBody, "a PUT for a change that is not needed") {
      $0.journal[1].groupID = GoodRun.other.groupID
    },
    Plant(.order, "the first change once more after the second") {
      $0.journal.append(GoodRun.put(4, GoodRun.first, at: 1_800))
    },
    Plant(.order, "a late effect on top of the second change") {
      $0.journal[0] = GoodRun.put(1, GoodRun.first, at: 100, effect: .appliedLate, effectAt: 1_700)
    },
    Plant(.sentAfterSuccess, "a PUT after a process had noted the success") {
      $0.journal.insert(GoodRun.put(3, GoodRun.first, at: 1_200), at: 2)
    },
    Plant(.sentAfterSuccess, "a PUT after the same process had noted the success") {
      $0.facts.changes[0].succeededAttempt = 1
    },
    Plant(.unrecorded, "a PUT without a record") { $0.facts.changes[0].records = 0 },
    Plant(.unrecorded, "more PUTs than the ledger knows") { $0.facts.changes[0].attempts = 1 },
    Plant(.unrecorded, "a PUT whose record came only after the process had been killed") {
      $0.lifetimes[0].facts.changes[0].records = 0
    },
    Plant(.state, "a run that goes on for ever") { $0.facts.state = "unfinished" },
    Plant(.state, "a change that is pending at the end") { $0.facts.changes[2].state = "pending" },
    Plant(.state, "a change that has failed") {
      $0.facts.changes[2].state = "failed"
      $0.facts.counts = ["succeeded": 1, "unchanged": 1, "failed": 1, "unfinished": 0]
    },
    Plant(.state, "a needed change that was held to be needless") {
      $0.facts.changes[0].state = "unchanged"
      $0.facts.changes[0].applied = "no"
      $0.facts.counts = ["succeeded": 1, "unchanged": 2, "unfinished": 0]
    },
    Plant(.state, "a success of which it is not known whether it was applied") {
      $0.facts.changes[0].applied = "unknown"
    },
    Plant(.state, "counts that are not those of the changes") { $0.facts.counts["succeeded"] = 3 },
    Plant(.state, "a change that is lost") { $0.facts.changes.removeLast() },
    Plant(.state, "a change that is there twice") { $0.facts.changes.append($0.facts.changes[2]) },
    Plant(.record, "a prior value that was read too late") { $0.facts.records[0].prior = "60" },
    Plant(.record, "a field without a record") { $0.facts.records.remove(at: 1) },
    Plant(.record, "a record of a field that was not sent") {
      $0.facts.records.append(LedgerFacts.Record(change: 3, field: "description", prior: "1", planned: "2"))
    },
    Plant(.record, "a record of a change that sent nothing") {
      $0.facts.records.append(LedgerFacts.Record(change: 2, field: "cool_down_time", prior: "1", planned: "2"))
    },
    Plant(.ledger, "a damaged file") { $0.facts.damage = ["row 1 missing from index"] },
    Plant(.values, "a group that holds an old value") {
      $0.values[GoodRun.group]?[.coolDownTime] = .integer(60)
    },
    Plant(.values, "a group that nobody was to touch") {
      $0.values[GoodRun.other]?[.coolDownTime] = .integer(2)
    },
    Plant(.rate, "a burst within one process's life") { evidence in
      evidence.rate = 10
      evidence.journal += (0..<11).map { GoodRun.get(4 + $0, at: 1_990 - 30 * $0) }
    },
  ]

  @Test(arguments: plants) func `what is planted is found`(plant: Plant) {
    var evidence = GoodRun.evidence
    plant.body(&evidence)
    let checks = RunChecks(evidence: evidence).violations().map(\.check)
    #expect(checks.contains(plant.check), "\(checks)")
  }

  @Test func `there is a plant for every check of a run`() {
    // How a process ends is seen by the round itself.
    #expect(Set(Self.plants.map(\.check)) == Set(Violation.Check.allCases).subtracting([.program]))
  }

  @Test func `the rate counts for each process alone, and for what it could see`() {
    var evidence = GoodRun.evidence
    evidence.rate = 10
    evidence.journal +=
      (0..<9).map { GoodRun.get(4 + $0, at: 400 + $0) } + (0..<9).map { GoodRun.get(20 + $0, at: 1_000) }
    #expect(RunChecks(evidence: evidence).violations().isEmpty)
    evidence.journal += (0..<3).map { GoodRun.get(30 + $0, at: 1_400 + $0) }
    #expect(RunChecks(evidence: evidence).violations().map(\.check) == [.rate])
    evidence.stall = { _ in .milliseconds(150) }
    #expect(RunChecks(evidence: evidence).violations().isEmpty)
  }

  @Test func `an answer that nobody waits for any more overlaps nothing`() {
    var evidence = GoodRun.evidence
    evidence.journal[1].answeredAt = .seconds(5)
    #expect(RunChecks(evidence: evidence).violations().isEmpty)
    evidence.requestTimeout = .milliseconds(1_300)
    #expect(RunChecks(evidence: evidence).violations().map(\.check) == [.overlap])
  }

  @Test func `an abandoned run may leave changes, but no wrong records`() {
    var evidence = GoodRun.evidence
    evidence.isAbandoned = true
    evidence.expectedValues = [:]
    evidence.facts.state = "abandoned"
    evidence.facts.changes[2] = GoodRun.change(
      3, "abandoned", attempts: 1, records: 1, succeeded: nil, applied: "unknown")
    evidence.facts.counts = ["succeeded": 1, "unchanged": 1, "abandoned": 1, "unfinished": 0]
    evidence.facts.records.removeLast()
    evidence.lifetimes.removeLast()
    #expect(RunChecks(evidence: evidence).violations().isEmpty)
    evidence.facts.records[0].prior = "60"
    #expect(RunChecks(evidence: evidence).violations().map(\.check) == [.record])
  }
}
