import AutoScaling
import AutoScalingSimulator
import JSONText

/// What must hold for a run whatever was done to it: contract, sections 1 and 4.
struct RunChecks {
  let evidence: RunEvidence

  private var expected: ExpectedRun { evidence.expected }

  /// - Returns: everything that is wrong; empty for a good run.
  func violations() -> [Violation] {
    overlaps() + foreignBodies() + order() + sentAfterSuccess() + unrecorded() + states() + records() + ledger()
      + values() + rate()
  }

  // MARK: The journal

  private func overlaps() -> [Violation] {
    let most = evidence.journal.maximumInFlightPerGroup(.put, givenUpAfter: evidence.requestTimeout)
    return most > 1 ? [Violation(check: .overlap, facts: "\(most) were in progress")] : []
  }

  private func foreignBodies() -> [Violation] {
    evidence.journal.puts(besides: expected.bodies).map {
      Violation(check: .foreignBody, facts: text(of: $0))
    }
  }

  private func order() -> [Violation] {
    evidence.journal.effectsOutOfOrder(expected.bodies).map { Violation(check: .order, facts: text(of: $0)) }
  }

  private func puts(of change: ExpectedRun.Change, among entries: some Sequence<JournalEntry>) -> [JournalEntry] {
    entries.filter {
      $0.kind == .put && $0.reference == change.group && $0.modification.meansTheSame(as: change.body)
    }
  }

  /// By what the ledger said each time that a process had ended, and by its attempts at the end.
  private func sentAfterSuccess() -> [Violation] {
    var found: [Violation] = []
    for lifetime in evidence.lifetimes {
      let done = Set(lifetime.facts.changes.filter(\.isDone).map(\.number))
      let later = evidence.journal.filter { $0.receivedAt >= lifetime.span.upperBound }
      for change in expected.changes where done.contains(change.number) {
        found += puts(of: change, among: later).map { put in
          Violation(
            check: .sentAfterSuccess,
            facts: "change \(change.number) was done at \(lifetime.span.upperBound): \(text(of: put))")
        }
      }
    }
    for change in evidence.facts.changes {
      guard let succeeded = change.succeededAttempt, change.attempts > succeeded else { continue }
      found.append(
        Violation(
          check: .sentAfterSuccess,
          facts: "change \(change.number): attempt \(succeeded) of \(change.attempts) had succeeded"))
    }
    return found
  }

  /// Each time that a process has ended, whatever the service has received by then is in the ledger.
  private func unrecorded() -> [Violation] {
    let moments =
      evidence.lifetimes.map { ($0.facts, evidence.journal.prefix($0.requests)) }
      + [(evidence.facts, evidence.journal[...])]
    var found: Set<Violation> = []
    for (facts, journal) in moments {
      let rows = Dictionary(facts.changes.map { ($0.number, $0) }) { first, _ in first }
      for change in expected.changes {
        let sent = puts(of: change, among: journal).count
        guard sent > 0 else { continue }
        guard let row = rows[change.number], row.records > 0, row.attempts >= sent else {
          found.insert(
            Violation(
              check: .unrecorded,
              facts: "change \(change.number) of \(change.group): \(sent) PUTs were received, the ledger has "
                + "\(rows[change.number]?.attempts ?? 0) attempts and \(rows[change.number]?.records ?? 0) records"))
          continue
        }
      }
    }
    return found.sorted { $0.facts < $1.facts }
  }

  /// Each process for itself: what one has left is no credit for the next.
  private func rate() -> [Violation] {
    guard evidence.rate > 0 else { return [] }
    return evidence.lifetimes.compactMap { lifetime in
      let requests = evidence.journal.filter { lifetime.span.contains($0.receivedAt) }
      let fullest = requests.fullestWindow(of: .seconds(1)) { beginning in
        // What had come before this process could look was stamped too late.
        Int((evidence.rate * (evidence.stall(beginning) / .seconds(1))).rounded(.up))
      }
      guard let fullest, Double(fullest.count) > evidence.rate * 1.01 + 1 else { return nil }
      return Violation(
        check: .rate,
        facts: "\(fullest.count) requests in the second from \(fullest.beginning), at --rate \(evidence.rate)")
    }
  }

  private func text(of put: JournalEntry) -> String {
    "request \(put.sequence) at \(put.receivedAt), group \(put.groupID ?? "?"): \(put.modification.json), "
      + "effect \(put.effect.rawValue)" + (put.effectAt.map { " at \($0)" } ?? "")
      + (put.faults.isEmpty ? "" : " (\(put.faults.joined(separator: ", ")))")
  }

  // MARK: The ledger

  private func states() -> [Violation] {
    var found: [String] = []
    let facts = evidence.facts
    let end = evidence.isAbandoned ? "abandoned" : "completed"
    if facts.state != end { found.append("the run is \(facts.state ?? "not there"), not \(end)") }
    if facts.counts["unfinished"] != 0 { found.append("\(facts.counts["unfinished"] ?? -1) changes are unfinished") }
    var counted: [String: Int] = [:]
    for change in facts.changes { counted[change.state, default: 0] += 1 }
    if facts.counts.filter({ $0.value > 0 }) != counted {
      found.append("the run counts \(facts.counts), its changes are \(counted)")
    }
    let rows = Dictionary(facts.changes.map { ($0.number, $0) }) { first, _ in first }
    if rows.count != facts.changes.count || Set(rows.keys) != Set(expected.changes.map(\.number)) {
      found.append("\(facts.changes.count) changes have rows, \(expected.changes.count) are expected")
    }
    for change in expected.changes {
      guard let row = rows[change.number] else { continue }
      if !allowedEnds(of: change).contains(where: { $0 == (row.state, row.applied) }) {
        found.append(
          "change \(change.number) of \(change.group) is \(row.state), applied \(row.applied), to set \(change.body.json)"
        )
      }
    }
    return found.map { Violation(check: .state, facts: $0) }
  }

  private func allowedEnds(of change: ExpectedRun.Change) -> [(state: String, applied: String)] {
    if evidence.isAbandoned {
      return [
        ("succeeded", "yes"), ("unchanged", "no"), ("abandoned", "no"), ("abandoned", "yes"), ("abandoned", "unknown"),
      ]
    }
    if change.body.isEmpty { return [("unchanged", "no")] }
    return [("succeeded", "yes")] + (evidence.mayFindNothingToDo ? [("unchanged", "no")] : [])
  }

  private func records() -> [Violation] {
    var recorded: [Int: [LedgerFacts.Record]] = [:]
    for record in evidence.facts.records { recorded[record.change, default: []].append(record) }
    var found: [Violation] = []
    for change in expected.changes {
      let records = recorded.removeValue(forKey: change.number) ?? []
      if records.isEmpty, evidence.isAbandoned || evidence.mayFindNothingToDo { continue }
      let prior = Self.values(records) { $0.prior }
      let planned = Self.values(records) { $0.planned }
      guard let prior, let planned, prior.meansTheSame(as: change.prior), planned.meansTheSame(as: change.body) else {
        found.append(
          Violation(
            check: .record,
            facts: "change \(change.number) of \(change.group): \(records), before it were \(change.prior.json)"))
        continue
      }
    }
    return found
      + recorded.keys.sorted().map { Violation(check: .record, facts: "change \($0) is none of the run") }
  }

  private static func values(
    _ records: [LedgerFacts.Record], _ value: (LedgerFacts.Record) -> String
  ) -> GroupModification? {
    var writer = JSONWriter()
    writer.beginObject()
    for record in records {
      writer.key(record.field)
      writer.raw(value(record))
    }
    writer.endObject()
    return GroupModification(ledgerText: writer.text)
  }

  private func ledger() -> [Violation] { evidence.facts.damage.map { Violation(check: .ledger, facts: $0) } }

  // MARK: The groups

  private func values() -> [Violation] {
    evidence.expectedValues.compactMap { group, wanted in
      let held = evidence.values[group] ?? GroupModification()
      let wrong = wanted.filter { field in
        guard let wanted = wanted[field], let held = held[field] else { return true }
        return !field.areEqual(wanted, held, zonesAreOrdered: false)
      }
      guard !wrong.isEmpty else { return nil }
      return Violation(
        check: .values, facts: "\(group): \(held.filter { wrong[$0] != nil }.json) instead of \(wrong.json)")
    }.sorted { $0.facts < $1.facts }
  }
}
