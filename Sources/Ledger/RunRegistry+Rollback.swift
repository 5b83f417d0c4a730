package import AutoScaling
package import ChangeRun
import GRDB

/// Makes a rollback of the records of another run (contract, guarantee 7).
extension RunRegistry {
  /// One transaction of the making takes at most so many changes: a run or a load beside it is not held up.
  private static let chunk = 2_000

  /// Writes down a run that restores the priors in force of every change that was, or may have been, applied.
  ///
  /// - Parameters:
  ///   - runID: a run that has ended; either kind, so a rollback can be rolled back.
  ///   - options: stored with the new run.
  ///   - endpoints: JSON, project id to endpoint.
  ///   - reason: why it is done, in the operator's words.
  ///   - now: milliseconds since 1970.
  /// - Returns: the new run; its total may be 0.
  /// - Throws: `LedgerError`.
  package func createRollback(
    of runID: Int, options: RunOptions, endpoints: String, reason: String?, now: Int
  ) throws -> (run: RunIdentity, total: Int) {
    let run = try writer.write { database in
      try Self.sweepPreparing(database)
      guard
        let source = try Row.fetchOne(
          database, sql: "SELECT plan_id, descending FROM run WHERE id = ?", arguments: [runID])
      else { throw LedgerError(path: writer.path, reason: .damaged("it has no run \(runID)")) }
      let wasDescending: Bool = source["descending"]
      try insertRun(
        database, planID: source["plan_id"], kind: "rollback", rollsBack: runID, state: "preparing",
        isDescending: !wasDescending, total: 0, options: options, endpoints: endpoints, reason: reason, now: now)
      return RunIdentity(
        id: Int(database.lastInsertedRowID), planID: source["plan_id"], isRollback: true, isDescending: !wasDescending)
    }
    var last = 0
    while let next = try writer.write({ try copyRecords($0, of: runID, to: run, after: last) }) { last = next }
    let total = try writer.write { database in
      try Self.chain(database, run: run)
      let total =
        try Int.fetchOne(
          database, sql: "SELECT count(*) FROM restore_change WHERE id > ? AND id < ?",
          arguments: [run.base, run.base + RunIdentity.numberMask + 1]) ?? 0
      try database.execute(
        sql: "UPDATE run SET state = 'unfinished', total = ? WHERE id = ?", arguments: [total, run.id])
      return total
    }
    return (run, total)
  }

  /// What a rollback that died while it was being made has left.
  private static func sweepPreparing(_ database: Database) throws {
    for id in try Int.fetchAll(database, sql: "SELECT id FROM run WHERE state = 'preparing'") {
      try database.execute(
        sql: "DELETE FROM restore_change WHERE id > ? AND id < ?", arguments: [id << 32, (id + 1) << 32])
      try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [id])
    }
  }

  /// Copies one chunk of records.
  ///
  /// - Returns: the number of the last change looked at; `nil` at the end.
  private func copyRecords(_ database: Database, of runID: Int, to run: RunIdentity, after last: Int) throws -> Int? {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT s.id & 4294967295 AS change, k.prior, k.planned, k.unrestorable FROM run_change s
        JOIN prior_record k ON k.run_change = s.id AND k.attempt = s.record_attempt
        WHERE s.id > ? AND s.id < ? AND s.effective_attempt IS NOT NULL AND s.applied <> 'no'
        ORDER BY s.id LIMIT ?
        """,
      arguments: [runID << 32 | last, (runID + 1) << 32, Self.chunk])
    for row in rows {
      let change: Int = row["change"]
      guard let prior = GroupModification(ledgerText: row["prior"]),
        let set = GroupModification(ledgerText: row["planned"])
      else { throw LedgerError(path: writer.path, reason: .damaged("the record of change \(change) cannot be read")) }
      let unrestorable: String = row["unrestorable"] ?? "[]"
      let inverse = InverseChange(prior: prior, set: set) { unrestorable.contains("\"\($0.rawValue)\"") }
      try database.execute(
        sql: "INSERT INTO restore_change (id, planned, expected, blocked) VALUES (?, ?, ?, ?)",
        arguments: [run.base | change, inverse.planned.json, inverse.expected.json, inverse.blocked])
    }
    return rows.last.map { $0["change"] }
  }

  /// Chains the changes of one group, newest first.
  private static func chain(_ database: Database, run: RunIdentity) throws {
    // Only groups with several changes have a chain in the plan; walk it until a change that is restored too.
    let members = try Int.fetchCursor(
      database,
      sql: """
        SELECT t.id & 4294967295 FROM restore_change t
        JOIN change c ON c.id = ? | (t.id & 4294967295)
        WHERE t.id > ? AND t.id < ?
          AND \(run.isDescending ? "EXISTS (SELECT 1 FROM change x WHERE x.after = c.id)" : "c.after IS NOT NULL")
        """,
      arguments: [run.planBase, run.base, run.base + RunIdentity.numberMask + 1])
    let step =
      run.isDescending ? "SELECT id FROM change WHERE after = ?" : "SELECT after FROM change WHERE id = ?"
    while let member = try members.next() {
      var position = run.planBase | member
      while let next = try Int.fetchOne(database, sql: step, arguments: [position]) {
        position = next
        let number = next & RunIdentity.numberMask
        let isRestored = try Bool.fetchOne(
          database, sql: "SELECT EXISTS (SELECT 1 FROM restore_change WHERE id = ?)", arguments: [run.base | number])
        guard isRestored == true else { continue }
        try database.execute(
          sql: "UPDATE restore_change SET after = ? WHERE id = ?",
          arguments: [run.base | number, run.base | member])
        break
      }
    }
  }
}

/// What undoes a change: the priors to write back, and what must still be there.
package struct InverseChange: Sendable, Hashable {
  package var planned = GroupModification()
  package var expected = GroupModification()
  /// The fields that have no documented way back, with the reasons; `nil` for none.
  package var blocked: String?

  /// - Parameters:
  ///   - prior: the record's prior values.
  ///   - set: what the change has set in their place.
  ///   - isUnknown: the fields whose prior was found to have no way back when it was recorded.
  package init(
    prior: GroupModification, set: GroupModification, isUnknown: (GroupField) -> Bool = { _ in false }
  ) {
    var reasons: [String] = []
    for entry in set.entries {
      switch entry.field.restoration(of: prior[entry.field]) {
      case .value where isUnknown(entry.field):
        reasons.append("\(entry.field.rawValue): the group did not show it before the change")
      case .value(let value):
        planned[entry.field] = value
        expected[entry.field] = entry.value
      case .impossible(let reason): reasons.append("\(entry.field.rawValue): \(reason)")
      }
    }
    blocked = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }
}
