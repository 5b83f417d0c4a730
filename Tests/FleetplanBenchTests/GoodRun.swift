import AutoScaling

@testable import AutoScalingSimulator
@testable import fleetplan_bench

/// The evidence of a run in which everything went as it must: two changes for a group, one needless one for another.
enum GoodRun {
  static let group = GroupReference(projectID: "p", groupID: "a")
  static let other = GroupReference(projectID: "p", groupID: "b")
  static let first = GroupModification([.coolDownTime: .integer(60), .description: .string("new")])
  static let second = GroupModification([.coolDownTime: .integer(90)])

  static var evidence: RunEvidence {
    let expected = ExpectedRun(changes: [
      ExpectedRun.Change(
        number: 1, group: group, body: first,
        prior: GroupModification([.coolDownTime: .integer(300), .description: .string("old")])),
      ExpectedRun.Change(number: 2, group: other, body: GroupModification(), prior: GroupModification()),
      ExpectedRun.Change(
        number: 3, group: group, body: second, prior: GroupModification([.coolDownTime: .integer(60)])),
    ])
    var evidence = RunEvidence(expected: expected)
    evidence.journal = [
      put(1, first, at: 100, effect: .none, status: 409), put(2, first, at: 300), put(3, second, at: 1_500),
    ]
    var halfway = facts
    halfway.state = "unfinished"
    halfway.changes[2] = change(3, "pending", attempts: 0, records: 0, succeeded: nil, applied: "no")
    evidence.lifetimes = [
      RunEvidence.Lifetime(span: .zero ..< .seconds(1), facts: halfway, requests: 2),
      RunEvidence.Lifetime(span: .seconds(1) ..< .seconds(2), facts: facts, requests: 3),
    ]
    evidence.facts = facts
    evidence.values = [group: second.merging(defaults: first), other: GroupModification([.coolDownTime: .integer(1)])]
    evidence.expectedValues = evidence.values
    return evidence
  }

  static var facts: LedgerFacts {
    var facts = LedgerFacts()
    facts.state = "completed"
    facts.total = 3
    facts.counts = ["succeeded": 2, "unchanged": 1, "unfinished": 0, "failed": 0]
    facts.changes = [
      change(1, "succeeded", attempts: 2, records: 1, succeeded: 2, applied: "yes"),
      change(2, "unchanged", attempts: 0, records: 0, succeeded: nil, applied: "no"),
      change(3, "succeeded", attempts: 1, records: 1, succeeded: 1, applied: "yes"),
    ]
    facts.records = [
      LedgerFacts.Record(change: 1, field: "cool_down_time", prior: "300", planned: "60"),
      LedgerFacts.Record(change: 1, field: "description", prior: "\"old\"", planned: "\"new\""),
      LedgerFacts.Record(change: 3, field: "cool_down_time", prior: "60", planned: "90"),
    ]
    return facts
  }

  static func change(
    _ number: Int, _ state: String, attempts: Int, records: Int, succeeded: Int?, applied: String
  ) -> LedgerFacts.Change {
    LedgerFacts.Change(
      number: number, state: state, applied: applied, attempts: attempts, records: records,
      succeededAttempt: succeeded)
  }

  /// A PUT of `group` that is answered after 50 ms; times are milliseconds.
  static func put(
    _ sequence: Int, _ body: GroupModification, at received: Int, effect: JournalEntry.Effect = .applied,
    effectAt: Int? = nil, status: Int? = 200
  ) -> JournalEntry {
    JournalEntry(
      sequence: sequence, kind: .put, method: "PUT", projectID: group.projectID, groupID: group.groupID,
      receivedAt: .milliseconds(received), answeredAt: .milliseconds(received + 50), status: status, code: nil,
      effect: effect, effectAt: effectAt.map { .milliseconds($0) }, modification: body, faults: [])
  }

  static func get(_ sequence: Int, at received: Int) -> JournalEntry {
    JournalEntry(
      sequence: sequence, kind: .get, method: "GET", projectID: other.projectID, groupID: other.groupID,
      receivedAt: .milliseconds(received), answeredAt: .milliseconds(received + 1), status: 200, code: nil,
      effect: .none, effectAt: nil, modification: GroupModification(), faults: [])
  }
}
