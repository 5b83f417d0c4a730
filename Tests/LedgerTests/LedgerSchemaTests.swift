import GRDB
import Ledger
import Testing

/// What the tables refuse, and what the public views promise.
@Suite struct LedgerSchemaTests {
  private let ledger: TemporaryLedger
  private let writer: LedgerWriter

  init() throws {
    ledger = try TemporaryLedger()
    writer = try ledger.openWriter()
    try writer.write { try $0.execute(sql: Self.possibleRows) }
  }

  private static let possibleRows = """
    INSERT INTO project (id, project_id) VALUES (1, 'project-a');
    INSERT INTO plan (id, state, name, file, format, sha256, changes, groups, projects, loaded_at)
      VALUES (1, 'loaded', 'p', 'p.csv', 'csv', hex(zeroblob(32)), 3, 3, 1, 0);
    INSERT INTO change (id, line, project, scaling_group_id, planned)
      VALUES (1 << 32 | 1, 2, 1, 'g1', '{"cool_down_time":1,"networks":[{"id":"n"}]}'),
        (1 << 32 | 2, 3, 1, 'g2', '{"cool_down_time":2}'), (1 << 32 | 3, 4, 1, 'g3', '{"cool_down_time":3}');
    INSERT INTO run (id, plan_id, kind, state, total, options, endpoints, operator, host, tool_version, started_at)
      VALUES (1, 1, 'apply', 'unfinished', 3, '{}', '{}', 'o', 'h', '1', 1234567890123);
    INSERT INTO run_change (id, state, applied, attempts, effective_attempt, record_attempt, finished_at)
      VALUES (1 << 32 | 1, 'succeeded', 'yes', 1, 1, 1, 5);
    INSERT INTO run_change (id, state, due_at, wait_cause) VALUES (1 << 32 | 2, 'waiting', 1, 'retry');
    INSERT INTO prior_record (run_change, attempt, recorded_at, prior, planned, unrestorable)
      VALUES (1 << 32 | 1, 1, 1234567890123, '{"cool_down_time":300}', '{"cool_down_time":1,"networks":[{"id":"n"}]}',
        '["networks"]');
    """

  @Test(arguments: [
    ("INSERT INTO project (project_id) VALUES ('')", "CHECK"),
    ("INSERT INTO project (project_id) VALUES ('project-a')", "UNIQUE"),
    ("UPDATE plan SET state = 'half'", "CHECK"),
    ("UPDATE plan SET format = 'xlsx'", "CHECK"),
    ("UPDATE plan SET sha256 = 'abc'", "CHECK"),
    ("UPDATE plan SET sha256 = NULL", "CHECK"),
    ("UPDATE plan SET groups = 4", "CHECK"),
    ("UPDATE plan SET projects = 4", "CHECK"),
    ("UPDATE plan SET warnings = '['", "CHECK"),
    ("UPDATE plan SET id = 2147483647", "CHECK"),
    ("UPDATE plan SET changes = 'many'", "cannot store TEXT"),
    (
      """
      INSERT INTO plan (state, name, file, format, sha256, loaded_at)
      VALUES ('loaded', 'q', 'q.csv', 'csv', hex(zeroblob(32)), 0)
      """, "UNIQUE"
    ),
    ("INSERT INTO change (id, line, project, scaling_group_id, planned) VALUES (9, 0, 1, 'g', '{}')", "CHECK"),
    ("INSERT INTO change (id, line, project, scaling_group_id, planned) VALUES (9, 1, 7, 'g', '{}')", "FOREIGN KEY"),
    ("UPDATE change SET after = id", "CHECK"),
    ("INSERT INTO plan_group VALUES (7, 1, 1)", "FOREIGN KEY"),
    ("UPDATE run SET kind = 'undo'", "CHECK"),
    ("UPDATE run SET rolls_back = 1", "CHECK"),
    ("UPDATE run SET state = 'running'", "CHECK"),
    ("UPDATE run SET state = 'completed', finished_at = 1", "CHECK"),
    ("UPDATE run SET state = 'abandoned'", "CHECK"),
    ("UPDATE run SET finished_at = 1", "CHECK"),
    ("UPDATE run SET succeeded = 4", "CHECK"),
    ("UPDATE run SET succeeded = 2, failed = 2", "CHECK"),
    ("UPDATE run SET failed = -1", "CHECK"),
    ("UPDATE run SET instances_removed = -1", "CHECK"),
    ("UPDATE run SET options = 'none'", "CHECK"),
    ("UPDATE run SET plan_id = 5", "FOREIGN KEY"),
    ("INSERT INTO run_change (id, state) VALUES (9, 'pending')", "CHECK"),
    ("INSERT INTO run_change (id, state) VALUES (9, 'waiting')", "CHECK"),
    ("INSERT INTO run_change (id, state, due_at) VALUES (9, 'waiting', 1)", "CHECK"),
    ("INSERT INTO run_change (id, state, due_at, wait_cause) VALUES (9, 'waiting', 1, 'boredom')", "CHECK"),
    ("INSERT INTO run_change (id, state, due_at, wait_cause) VALUES (9, 'held', 1, 'retry')", "CHECK"),
    ("INSERT INTO run_change (id, state) VALUES (9, 'failed')", "CHECK"),
    ("INSERT INTO run_change (id, state, finished_at) VALUES (9, 'held', 1)", "CHECK"),
    ("INSERT INTO run_change (id, state) VALUES (9, 'sending')", "CHECK"),
    ("INSERT INTO run_change (id, state, attempts, effective_attempt) VALUES (9, 'sending', 1, 1)", "CHECK"),
    ("INSERT INTO run_change (id, state, attempts, record_attempt) VALUES (9, 'sending', 1, 1)", "CHECK"),
    ("INSERT INTO run_change (id, state, finished_at) VALUES (9, 'succeeded', 1)", "CHECK"),
    ("INSERT INTO run_change (id, state, finished_at, applied) VALUES (9, 'unchanged', 1, 'yes')", "CHECK"),
    ("INSERT INTO run_change (id, state, finished_at, applied) VALUES (9, 'failed', 1, 'maybe')", "CHECK"),
    (
      "UPDATE run_change SET state = 'waiting', due_at = 1, wait_cause = 'prompt', finished_at = NULL "
        + "WHERE state = 'succeeded'", "never taken up again"
    ),
    ("UPDATE prior_record SET prior = '{}'", "never overwritten"),
    ("DELETE FROM prior_record", "never deleted"),
    ("INSERT OR REPLACE INTO prior_record VALUES (1 << 32 | 1, 1, 1, '{}', '{}', NULL)", "never overwritten"),
    ("INSERT INTO prior_record VALUES (1 << 32 | 1, 1, 1, '{}', '{}', NULL)", "never overwritten"),
    ("INSERT INTO prior_record VALUES (1 << 32 | 1, 0, 1, '{}', '{}', NULL)", "CHECK"),
    (
      "INSERT INTO attempt (run_change, number, attempt, method, sent_at, outcome) VALUES (1, 1, 1, 'POST', 1, 'lost')",
      "CHECK"
    ),
    (
      "INSERT INTO attempt (run_change, number, attempt, method, sent_at, outcome) VALUES (1, 1, 1, 'PUT', 1, 'good')",
      "CHECK"
    ),
    ("INSERT INTO tuning (run_id, rate, operator, requested_at) VALUES (1, -1, 'o', 1)", "CHECK"),
    ("INSERT INTO tuning (run_id, concurrency, operator, requested_at) VALUES (1, 0, 'o', 1)", "CHECK"),
  ])
  func `an impossible row is refused`(sql: String, complaint: String) throws {
    let error = #expect(throws: DatabaseError.self) {
      try writer.database.write { try $0.execute(sql: sql) }
    }
    #expect(error?.message?.contains(complaint) == true, "\(error?.message ?? "")")
  }

  @Test func `the public views have the contract's columns`() throws {
    let columns = try writer.database.read { database in
      try ["run_report", "change_report", "attempt_report", "rollback_record"].map { view in
        try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info(?)", arguments: [view])
          .joined(separator: ", ")
      }
    }
    #expect(
      columns == [
        "run_id, plan_id, plan_name, plan_file, plan_sha256, kind, rolls_back, state, stop_reason, total, succeeded, "
          + "unchanged, failed, blocked, conflicted, abandoned, unfinished, gets, puts, retries, started_at, "
          + "finished_at, elapsed_seconds, operator, host, tool_version, endpoints, options, reason",
        "run_id, change, line, project_id, scaling_group_id, scaling_group_name, state, applied, attempts, "
          + "http_status, error_code, error_message, planned, prior, found, started_at, finished_at, comment",
        "run_id, change, line, project_id, scaling_group_id, attempt, method, sent_at, duration_ms, http_status, "
          + "error_code, error_message, request_id, outcome",
        "run_id, change, line, project_id, scaling_group_id, field, prior, planned, restorable, recorded_at",
      ])
  }

  @Test func `times in views are ISO 8601 with milliseconds`() throws {
    let time = try writer.database.read { try String.fetchOne($0, sql: "SELECT started_at FROM run_report") }
    #expect(time == "2009-02-13T23:31:30.123Z")
  }

  @Test func `the rollback record shows one row a field, and what has no way back`() throws {
    let rows = try writer.database.read { database in
      try Row.fetchAll(database, sql: "SELECT change, line, field, prior, planned, restorable FROM rollback_record")
        .map { row in
          row.databaseValues.map { String.fromDatabaseValue($0) ?? "\($0)" }.joined(separator: " ")
        }
    }
    #expect(
      rows == [
        "1 2 cool_down_time 300 1 1", #"1 2 networks null [{"id":"n"}] 0"#,
      ])
  }

  @Test func `a change that has not begun is pending, and abandoned once its run is`() throws {
    let states = { (database: Database) in
      try String.fetchAll(database, sql: "SELECT state FROM change_report WHERE run_id = 1 ORDER BY change")
    }
    #expect(try writer.database.read(states) == ["succeeded", "waiting", "pending"])
    try writer.write {
      try $0.execute(sql: "UPDATE run SET state = 'abandoned', finished_at = 1, succeeded = 1, abandoned = 2")
    }
    #expect(try writer.database.read(states) == ["succeeded", "waiting", "abandoned"])
  }
}
