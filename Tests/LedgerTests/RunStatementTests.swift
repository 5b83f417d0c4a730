import GRDB
import Migrations
import Testing

@testable import Ledger

/// What is run for every change must not make SQLite do more than it has to.
@Suite struct RunStatementTests {
  private let ledger: TemporaryLedger

  init() throws { ledger = try TemporaryLedger() }

  // A list of more than two values in a statement, a CHECK or a partial index is a temporary B-tree at each run of the
  // statement, and so is an INSERT that reads the table it writes.
  @Test(arguments: [RunStoreSession.saveSQL, RunStoreSession.attemptSQL])
  func `a row of a run is written without temporary B-trees`(sql: String) throws {
    let writer = try ledger.openWriter()
    let opcodes = try writer.database.read { database in
      let statement = try database.makeStatement(sql: "EXPLAIN " + sql)
      // It is only looked at: its parameters stay NULL.
      statement.setUncheckedArguments([])
      return try Row.fetchAll(statement).map { $0["opcode"] as String }
    }
    #expect(opcodes.contains("OpenWrite"))
    #expect(!opcodes.contains("OpenEphemeral"))
    try writer.close()
  }

  @Test func `rows of a run keep all they have when their tables are made anew`() throws {
    let old = try ledger.openWriter(migrations: Array(Migrations.all.prefix(2)))
    let tables = ["run_change", "attempt"]
    try old.write { try $0.execute(sql: Self.rows) }
    let before = try old.database.read { database in
      try tables.map { try Row.fetchAll(database, sql: "SELECT * FROM \($0)") }
    }
    try old.close()
    let writer = try ledger.openWriter()
    let after = try writer.database.read { database in
      try tables.map { try Row.fetchAll(database, sql: "SELECT * FROM \($0)") }
    }
    #expect(before.map(\.count) == [4, 2])
    #expect(after == before)
    let integrity = try writer.database.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
    #expect(integrity == ["ok"])
    try writer.close()
  }

  private static let rows = """
    INSERT INTO run_change (id, state, applied, attempts, tries, effective_attempt, record_attempt, scaling_group_name,
      http_status, error_code, error_message, found, started_at, finished_at, sent_at, lost_at, instance_change)
    VALUES (1 << 32 | 1, 'succeeded', 'yes', 2, 1, 1, 2, 'name', 200, 'c', 'm', '{}', 1, 2, 3, 4, -5);
    INSERT INTO run_change (id, state, due_at, delay_ms, wait_cause, wait_since)
    VALUES (1 << 32 | 2, 'waiting', 1, 2, 'busy', 3), (1 << 32 | 3, 'waiting', 1, 2, 'retry', NULL);
    INSERT INTO run_change (id, state, finished_at) VALUES (1 << 32 | 4, 'blocked', 1);
    INSERT INTO attempt VALUES (1 << 32 | 1, 1, 1, 'PUT', 1, NULL, NULL, NULL, NULL, NULL, 'lost'),
      (1 << 32 | 1, 2, 2, 'PUT', 2, 3, 200, 'c', 'm', 'r', 'succeeded');
    """
}
