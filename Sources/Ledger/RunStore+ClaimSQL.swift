import AutoScaling
import ChangeRun
import GRDB

/// The queries of claims: the same columns, whether the changes come from a plan or are those of a rollback.
///
/// Every query joins by primary keys only; what it begins with is a range of ids or an index of due times.
struct ClaimSQL {
  /// What `ClaimColumns` reads, up to `undoneAt`; `t` has what is planned, `c` is the plan's change.
  private let columns: String
  /// From a row of `run_change` (`s`) to what is to be done.
  private let joinsFromRunChange: String
  private let table: String

  static let apply = ClaimSQL(
    columns: """
      t.id & 4294967295, p.project_id, t.scaling_group_id, t.planned, t.expected, NULL, t.after,
      EXISTS (SELECT 1 FROM change x WHERE x.after = t.id), NULL
      """,
    joinsFromRunChange: "JOIN change t ON t.id = ?4 | (s.id & 4294967295) JOIN project p ON p.id = t.project",
    table: "change t JOIN project p ON p.id = t.project")

  static let rollback = ClaimSQL(
    columns: """
      t.id & 4294967295, p.project_id, c.scaling_group_id, t.planned, t.expected, t.blocked, t.after,
      EXISTS (SELECT 1 FROM restore_change x WHERE x.after = t.id),
      (SELECT u.finished_at FROM run r JOIN run_change u ON u.id = r.rolls_back << 32 | (t.id & 4294967295)
        WHERE r.id = t.id >> 32 AND u.applied = 'yes')
      """,
    joinsFromRunChange: """
      JOIN restore_change t ON t.id = s.id JOIN change c ON c.id = ?4 | (s.id & 4294967295)
      JOIN project p ON p.id = c.project
      """,
    table: """
      restore_change t JOIN change c ON c.id = ?5 | (t.id & 4294967295) JOIN project p ON p.id = c.project
      """)

  /// Parameters: the run's base, from (exclusive), to (inclusive going up, exclusive going down), limit, the plan's base.
  func fresh(descending: Bool) -> String {
    // The unused parameter of an apply run keeps the numbering the same.
    """
    SELECT \(columns) FROM \(table)
    LEFT JOIN run_change s ON s.id = ?1 | (t.id & 4294967295)
    WHERE \(descending ? "t.id < ?2 AND t.id > ?3" : "t.id > ?2 AND t.id <= ?3") AND s.id IS NULL AND ?5 IS NOT NULL
    ORDER BY t.id\(descending ? " DESC" : "") LIMIT ?4
    """
  }

  /// Parameters: run, now, limit, the plan's base.
  func due(_ cause: String, onlyInDoubt: Bool) -> String {
    """
    SELECT \(columns), s.state, s.applied, s.attempts, s.tries, s.effective_attempt, s.record_attempt,
      s.scaling_group_name, s.http_status, s.error_code, s.error_message, s.found, s.started_at, s.sent_at, s.lost_at,
      s.due_at, s.delay_ms, s.wait_cause, s.wait_since, s.instance_change, k.prior, k.planned, k.unrestorable
    FROM run_change s
    \(joinsFromRunChange)
    LEFT JOIN prior_record k ON k.run_change = s.id AND k.attempt = s.record_attempt
    WHERE s.id >> 32 = ?1 AND s.due_at <= ?2 AND s.due_at IS NOT NULL AND s.wait_cause \(cause)
    \(onlyInDoubt ? "AND s.effective_attempt IS NOT NULL" : "")
    ORDER BY s.due_at LIMIT ?3
    """
  }

  /// Parameters: run, now.
  static func nextDue(_ cause: String, onlyInDoubt: Bool) -> String {
    """
    SELECT min(due_at) FROM run_change
    WHERE id >> 32 = ?1 AND due_at > ?2 AND due_at IS NOT NULL AND wait_cause \(cause)
    \(onlyInDoubt ? "AND effective_attempt IS NOT NULL" : "")
    """
  }
}

/// Reads the columns of `ClaimSQL`.
enum ClaimColumns {
  static func number(_ statement: RunStatement) -> Int? { statement.optionalInteger(0) }
  static func after(_ statement: RunStatement) -> Int? { statement.optionalInteger(6) }

  /// - Throws: `DatabaseError` `.SQLITE_CORRUPT` where the values are not what was stored.
  static func change(_ statement: RunStatement, run: RunIdentity) throws -> ClaimedChange? {
    guard let project = statement.text(1), let group = statement.text(2) else {
      throw corrupt("a change without project or group", statement)
    }
    return ClaimedChange(
      number: statement.integer(0), group: GroupReference(projectID: project, groupID: group),
      planned: try values(statement, 3) ?? GroupModification(),
      expected: try values(statement, 4) ?? GroupModification(), hasSuccessor: statement.integer(7) != 0,
      blocked: statement.text(5), undoneAt: statement.optionalInteger(8))
  }

  static func row(_ statement: RunStatement) throws -> ChangeRow {
    var row = ChangeRow()
    guard let state = statement.text(9).flatMap(ChangeState.init(rawValue:)),
      let applied = statement.text(10).flatMap(Applied.init(rawValue:)),
      let cause = statement.text(25).flatMap(WaitCause.init(rawValue:)), let dueAt = statement.optionalInteger(23)
    else { throw corrupt("an unknown state", statement) }
    row.state = state
    row.applied = applied
    row.attempts = statement.integer(11)
    row.tries = statement.integer(12)
    row.effectiveAttempt = statement.optionalInteger(13)
    row.recordAttempt = statement.optionalInteger(14)
    row.scalingGroupName = statement.text(15)
    row.httpStatus = statement.optionalInteger(16)
    row.errorCode = statement.text(17)
    row.errorMessage = statement.text(18)
    row.found = try values(statement, 19)
    row.startedAt = statement.optionalInteger(20)
    row.sentAt = statement.optionalInteger(21)
    row.lostAt = statement.optionalInteger(22)
    row.wait = ChangeWait(cause: cause, dueAt: dueAt, delay: statement.integer(24))
    row.waitSince = statement.optionalInteger(26)
    row.instanceChange = statement.integer(27)
    return row
  }

  static func record(_ statement: RunStatement, attempt: Int?) throws -> PriorRecord? {
    guard let attempt, let prior = try values(statement, 28), let planned = try values(statement, 29) else {
      return nil
    }
    // Which priors have no way back was decided when the record was made; a run does not ask again.
    return PriorRecord(attempt: attempt, prior: prior, planned: planned, unrestorable: [])
  }

  private static func values(_ statement: RunStatement, _ column: Int32) throws -> GroupModification? {
    guard let text = statement.text(column) else { return nil }
    guard let values = GroupModification(ledgerText: text) else { throw corrupt("values that cannot be", statement) }
    return values
  }

  private static func corrupt(_ what: String, _ statement: RunStatement) -> DatabaseError {
    DatabaseError(
      resultCode: .SQLITE_CORRUPT, message: "\(what) in change \(number(statement).map(String.init) ?? "?") of the run")
  }
}
