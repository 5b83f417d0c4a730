import AutoScaling
package import ChangeRun
import GRDB

/// The changes of a run and their attempts, in the order of the plan, one at a time.
extension LedgerSnapshot {
  /// Goes through the rows of `change_report`: of the changes in these states, or of all (`nil`).
  package func forEachChange(
    of run: RunRow, in states: Set<ChangeState>? = nil, limit: Int = .max, _ body: (ChangeReportRow) throws -> Void
  ) throws {
    // A million rows go through here.
    let statement = try RawStatement(database, changeQuery(run, states, columns: reportColumns(run)) + " LIMIT ?")
    statement.bind(limit, at: 1)
    while try statement.step() { try body(try changeReportRow(statement)) }
  }

  /// Goes through the given changes as the plan (or the making of a rollback) has them.
  package func forEachPlanChange(
    of run: RunRow, in states: Set<ChangeState>? = nil, _ body: (PlanChangeRow) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: changeQuery(
        run, states,
        columns: """
          t.id & 4294967295, c.line, p.project_id, c.scaling_group_id, t.planned, t.expected, c.comment,
          t.after & 4294967295
          """))
    while let row = try rows.next() { try body(try planChange(row)) }
  }

  /// The first changes that have failed, were blocked or conflicted.
  package func failures(of run: RunRow, limit: Int = 100) throws -> [ChangeReportRow] {
    var rows: [ChangeReportRow] = []
    try forEachChange(of: run, in: [.failed, .blocked, .conflicted], limit: limit) { rows.append($0) }
    return rows
  }

  /// Goes through the rows of `attempt_report`, beginning with those of the change `first`.
  package func forEachAttempt(
    of run: RunRow, from first: Int = 1, _ body: (AttemptReportRow) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT a.run_change & 4294967295, c.line, p.project_id, c.scaling_group_id, a.attempt, a.method, a.sent_at,
          a.duration_ms, a.http_status, a.error_code, a.error_message, a.request_id, a.outcome
        FROM attempt a
        CROSS JOIN change c ON c.id = (?1 << 32 | (a.run_change & 4294967295))
        CROSS JOIN project p ON p.id = c.project
        WHERE a.run_change >= (?2 << 32 | ?3) AND a.run_change < (?2 + 1) << 32
        ORDER BY a.run_change, a.number
        """, arguments: [run.planID, run.id, first])
    while let row = try rows.next() { try body(Self.attempt(row)) }
    let inFlight = try Row.fetchCursor(
      database,
      sql: """
        SELECT s.id & 4294967295, c.line, p.project_id, c.scaling_group_id, s.attempts, 'PUT', s.sent_at,
          NULL, NULL, NULL, NULL, NULL, 'in_flight'
        FROM run_change s INDEXED BY run_change_in_doubt
        CROSS JOIN change c ON c.id = (?1 << 32 | (s.id & 4294967295))
        CROSS JOIN project p ON p.id = c.project
        WHERE s.id >= (?2 << 32 | ?3) AND s.id < (?2 + 1) << 32 AND s.state = 'sending'
        ORDER BY s.id
        """, arguments: [run.planID, run.id, first])
    while let row = try inFlight.next() { try body(Self.attempt(row)) }
  }

  private static func attempt(_ row: Row) -> AttemptReportRow {
    AttemptReportRow(
      change: row[0], line: row[1], group: GroupReference(projectID: row[2], groupID: row[3]), attempt: row[4],
      method: row[5], sentAt: row[6], duration: row[7], httpStatus: row[8], errorCode: row[9], errorMessage: row[10],
      requestID: row[11], outcome: row[12])
  }

  /// How long each PUT of a run took, in milliseconds, in no order; those without an answer have none.
  package func forEachPUTDuration(ofRun id: Int, _ body: (Int) -> Void) throws {
    // A million rows within the time of a summary.
    let statement = try RawStatement(
      database,
      """
      SELECT duration_ms FROM attempt
      WHERE run_change > ? AND run_change < ? AND method = 'PUT' AND duration_ms IS NOT NULL
      """)
    statement.bind(id << 32, at: 1)
    statement.bind((id + 1) << 32, at: 2)
    while try statement.step() { body(statement.integer(0)) }
  }

  // MARK: The query

  private func reportColumns(_ run: RunRow) -> String {
    """
    t.id & 4294967295, c.line, p.project_id, c.scaling_group_id, s.scaling_group_name, \(stateColumn(run)),
    coalesce(s.applied, 'no'), coalesce(s.attempts, 0), s.http_status, s.error_code, s.error_message, t.planned,
    (SELECT prior FROM prior_record k WHERE k.run_change = s.id AND k.attempt = s.record_attempt),
    s.found, s.started_at, s.finished_at, c.comment
    """
  }

  private func changeReportRow(_ row: RawStatement) throws -> ChangeReportRow {
    let change = row.integer(0)
    let (stateName, appliedName) = (row.text(5), row.text(6))
    guard let state = ChangeState(rawValue: stateName) else {
      throw unreadable("run_change", change, "state", stateName)
    }
    guard let applied = Applied(rawValue: appliedName) else {
      throw unreadable("run_change", change, "applied", appliedName)
    }
    return ChangeReportRow(
      change: change, line: row.integer(1), group: GroupReference(projectID: row.text(2), groupID: row.text(3)),
      groupName: row.optionalText(4), state: state, applied: applied, attempts: row.integer(7),
      httpStatus: row.optionalInteger(8), errorCode: row.optionalText(9), errorMessage: row.optionalText(10),
      planned: row.text(11), prior: row.optionalText(12), found: row.optionalText(13),
      startedAt: row.optionalInteger(14), finishedAt: row.optionalInteger(15), comment: row.optionalText(16))
  }

  /// The state of a change that has not begun: it has no row, or is held.
  private func unbegunState(_ run: RunRow) -> ChangeState { run.state == .abandoned ? .abandoned : .pending }

  private func stateColumn(_ run: RunRow) -> String {
    """
    CASE WHEN s.wait_cause = 'stable' THEN 'stabilizing'
      ELSE coalesce(nullif(s.state, 'held'), '\(unbegunState(run).rawValue)') END
    """
  }

  /// A query along the rows of one table in their order: of the changes where some without a row of their own may be
  /// wanted, otherwise of `run_change`.
  private func changeQuery(_ run: RunRow, _ states: Set<ChangeState>?, columns: String) -> String {
    if let states, !states.contains(unbegunState(run)) {
      let (index, condition) = narrowing(states)
      let rows = run.id << 32
      let plan = run.planID << 32
      let (tasks, first) = run.kind == .apply ? ("change", plan) : ("restore_change", rows)
      return """
        SELECT \(columns)
        FROM run_change s \(index)
        CROSS JOIN \(tasks) t ON t.id = (\(first) | (s.id & 4294967295))
        CROSS JOIN change c ON c.id = (\(plan) | (s.id & 4294967295))
        CROSS JOIN project p ON p.id = c.project
        WHERE s.id > \(rows) AND s.id < \((run.id + 1) << 32) AND \(stateColumn(run)) IN (\(list(states))) \(condition)
        ORDER BY s.id
        """
    }
    let filter = states.map { "AND \(stateColumn(run)) IN (\(list($0)))" } ?? ""
    return "SELECT \(columns) \(allChanges(run)) \(filter) ORDER BY t.id"
  }

  /// Counts of all changes of a run by an expression and by state.
  func changeQuery(_ run: RunRow, groupedBy key: String) -> String {
    "SELECT \(key), \(stateColumn(run)), count(*) \(allChanges(run)) GROUP BY 1, 2"
  }

  /// What each change of a run plans, and its state.
  func plannedQuery(_ run: RunRow) -> String {
    let rows = run.id << 32
    let (tasks, first) = run.kind == .apply ? ("change", run.planID << 32) : ("restore_change", rows)
    return """
      SELECT t.planned, \(stateColumn(run)), t.id & 4294967295
      FROM \(tasks) t
      LEFT JOIN run_change s ON s.id = (\(rows) | (t.id & 4294967295))
      WHERE t.id > \(first) AND t.id < \(first + (1 << 32))
      """
  }

  private func allChanges(_ run: RunRow) -> String {
    let rows = run.id << 32
    let plan = run.planID << 32
    let (tasks, first) = run.kind == .apply ? ("change", plan) : ("restore_change", rows)
    return """
      FROM \(tasks) t
      CROSS JOIN change c ON c.id = (\(plan) | (t.id & 4294967295))
      CROSS JOIN project p ON p.id = c.project
      LEFT JOIN run_change s ON s.id = (\(rows) | (t.id & 4294967295))
      WHERE t.id > \(first) AND t.id < \(first + (1 << 32))
      """
  }

  /// The index that holds only rows in these states, and the condition by which SQLite sees that it does.
  private func narrowing(_ states: Set<ChangeState>) -> (index: String, condition: String) {
    if states == [.sending] { return ("INDEXED BY run_change_in_doubt", "AND s.state = 'sending'") }
    if !states.isEmpty, states.isSubset(of: [.failed, .blocked, .conflicted]) {
      return (
        "INDEXED BY run_change_trouble", "AND (s.state = 'failed' OR s.state = 'blocked' OR s.state = 'conflicted')"
      )
    }
    return ("", "")
  }

  private func list(_ states: Set<ChangeState>) -> String {
    states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
  }
}
