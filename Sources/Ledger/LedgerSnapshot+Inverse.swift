package import AutoScaling
import ChangeRun
import GRDB

/// One change of a run as it would be taken back.
package struct InverseRow: Sendable, Hashable {
  package var change: Int
  package var line: Int
  package var group: GroupReference
  package var inverse: InverseChange
  package var comment: String?
}

extension LedgerSnapshot {
  /// How many changes of a run were, or may have been, applied.
  package func inverseCount(ofRun id: Int) throws -> Int {
    try Int.fetchOne(
      database,
      sql: """
        SELECT count(*) FROM run_change s WHERE s.id > ? AND s.id < ? AND \(Self.isRestored)
        """, arguments: [id << 32, (id + 1) << 32]) ?? 0
  }

  /// Goes through what takes a run back, in the order in which a rollback does it, holding one at a time.
  package func forEachInverse(ofRun id: Int, _ body: (InverseRow) throws -> Void) throws {
    let isDescending = try Bool.fetchOne(database, sql: "SELECT descending FROM run WHERE id = ?", arguments: [id])
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(Self.inverseColumns)
        FROM run r
        JOIN run_change s ON s.id > r.id << 32 AND s.id < (r.id + 1) << 32
        JOIN prior_record k ON k.run_change = s.id AND k.attempt = s.record_attempt
        JOIN change c ON c.id = r.plan_id << 32 | (s.id & 4294967295)
        JOIN project p ON p.id = c.project
        WHERE r.id = ? AND \(Self.isRestored)
        ORDER BY s.id \(isDescending == true ? "ASC" : "DESC")
        """, arguments: [id])
    while let row = try rows.next() { try body(try inverseRow(row)) }
  }

  /// What `inverseRow` reads.
  static let inverseColumns = """
    s.id & 4294967295 AS change, c.line, p.project_id, c.scaling_group_id, c.comment, k.prior, k.planned, k.unrestorable
    """

  /// Which changes of a run are taken back: those that were, or may have been, applied. What was being sent when the
  /// executor died is in doubt, before anybody has written that down.
  static let isRestored = "s.effective_attempt IS NOT NULL AND (s.applied <> 'no' OR s.state = 'sending')"

  func inverseRow(_ row: Row) throws -> InverseRow {
    let change: Int = row["change"]
    guard let prior = GroupModification(ledgerText: row["prior"]),
      let set = GroupModification(ledgerText: row["planned"])
    else { throw unreadable("prior_record", change, "prior", row["prior"]) }
    let unrestorable: String = row["unrestorable"] ?? "[]"
    return InverseRow(
      change: change, line: row["line"],
      group: GroupReference(projectID: row["project_id"], groupID: row["scaling_group_id"]),
      inverse: InverseChange(prior: prior, set: set) { unrestorable.contains("\"\($0.rawValue)\"") },
      comment: row["comment"])
  }

  /// Whether a rollback of the run has restored everything, and was not itself taken back afterwards.
  ///
  /// - Returns: that rollback.
  package func wholeRollback(ofRun id: Int) throws -> RunRow? {
    guard let rollback = try rollbacks(of: id).first, rollback.state == .completed, rollback.counts.isCleanSuccess,
      try rollbacks(of: rollback.id).allSatisfy({ $0.counts.succeeded == 0 })
    else { return nil }
    return rollback
  }
}
