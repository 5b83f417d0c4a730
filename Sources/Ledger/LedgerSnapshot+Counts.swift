package import ChangeRun
import GRDB

/// Changes of a run that have something in common.
package struct ChangeCount: Sendable, Hashable {
  /// What they have in common: a state, a project id, an error code, a field.
  package var key: String
  /// Where they share an error: the message of the first of them, and its line in the plan.
  package var example: String?
  package var firstLine: Int?
  package var counts: [ChangeState: Int]

  package init(key: String, example: String? = nil, firstLine: Int? = nil, counts: [ChangeState: Int]) {
    self.key = key
    self.example = example
    self.firstLine = firstLine
    self.counts = counts
  }

  package var total: Int { counts.values.reduce(0, +) }
}

/// Counting the changes of a run.
extension LedgerSnapshot {
  /// By state: of what has ended from the run's row, of the rest by indices.
  package func countsByState(of run: RunRow) throws -> [ChangeState: Int] {
    let open = try openChanges(ofRun: run.id)
    let (verifying, stabilizing) = (open.waiting[.verify] ?? 0, open.waiting[.stable] ?? 0)
    let waiting = open.waiting.values.reduce(0, +) - verifying - stabilizing
    let counts: [ChangeState: Int] = [
      .succeeded: run.counts.succeeded, .unchanged: run.counts.unchanged, .failed: run.counts.failed,
      .blocked: run.counts.blocked, .conflicted: run.counts.conflicted, .abandoned: run.counts.abandoned,
      .waiting: waiting, .verifying: verifying, .stabilizing: stabilizing, .sending: open.sending,
      .pending: run.counts.unfinished - waiting - verifying - stabilizing - open.sending,
    ]
    return counts.filter { $0.value > 0 }
  }

  /// By the code of the last error, of changes that have failed, were blocked or conflicted; the most frequent first.
  package func countsByError(of run: RunRow) throws -> [ChangeCount] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT e.code, e.state, e.number, f.error_message, c.line
        FROM (
          SELECT coalesce(error_code, '') AS code, state, count(*) AS number, min(id) AS first
          FROM run_change INDEXED BY run_change_trouble
          WHERE id > ?1 << 32 AND id < (?1 + 1) << 32
            AND (state = 'failed' OR state = 'blocked' OR state = 'conflicted')
          GROUP BY 1, 2
        ) e
        CROSS JOIN run_change f ON f.id = e.first
        CROSS JOIN change c ON c.id = (?2 << 32 | (e.first & 4294967295))
        ORDER BY e.first
        """, arguments: [run.id, run.planID])
    return try collected(
      rows.map { Group(key: $0[0], state: $0[1], count: $0[2], example: $0[3], firstLine: $0[4]) })
  }

  /// By project, the one with the most changes first. Goes through all changes of the run.
  package func countsByProject(of run: RunRow) throws -> [ChangeCount] {
    try collected(
      Row.fetchAll(database, sql: changeQuery(run, groupedBy: "p.project_id"))
        .map { Group(key: $0[0], state: $0[1], count: $0[2]) })
  }

  /// By field: a change counts for every field that it plans. Goes through all changes of the run.
  package func countsByField(of run: RunRow) throws -> [ChangeCount] {
    // SQLite would sort every field of every change: here a million changes are counted as they come.
    var counts: [[String: Int]] = []
    var states: [String: Int] = [:]
    let statement = try RawStatement(database, plannedQuery(run))
    while try statement.step() {
      let name = statement.text(1)
      let state = states[name] ?? counts.count
      if state == counts.count {
        states[name] = state
        counts.append([:])
      }
      let isObject = statement.withBytes(0) { json in
        MemberNames.forEach(in: json) { counts[state][String(decoding: $0, as: UTF8.self), default: 0] += 1 }
      }
      guard isObject else { throw unreadable("change", statement.integer(2), "planned", statement.text(0)) }
    }
    return try collected(
      states.flatMap { name, state in counts[state].map { Group(key: $0.key, state: name, count: $0.value) } })
  }

  private struct Group {
    var key: String
    var state: String
    var count: Int
    var example: String?
    var firstLine: Int?
  }

  private func collected(_ groups: [Group]) throws -> [ChangeCount] {
    var counts: [ChangeCount] = []
    var indices: [String: Int] = [:]
    for group in groups {
      guard let state = ChangeState(rawValue: group.state) else {
        throw unreadable("run_change", 0, "state", group.state)
      }
      let index = indices[group.key] ?? counts.count
      if index == counts.count {
        indices[group.key] = index
        counts.append(
          ChangeCount(key: group.key, example: group.example, firstLine: group.firstLine, counts: [:]))
      }
      counts[index].counts[state, default: 0] += group.count
    }
    return counts.sorted { ($1.total, $0.key) < ($0.total, $1.key) }
  }
}
