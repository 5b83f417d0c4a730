import GRDB

/// Who works on what.
extension LedgerSnapshot {
  /// The run that an executor is at work on.
  ///
  /// - Parameter executor: the holder of the executor's lock; `nil`: nobody holds it.
  /// - Returns: its id; `nil` where nobody works on one.
  /// - Throws: SQLite's error.
  package func runInHand(of executor: ExecutorLock.Holder?) throws -> Int? {
    guard let pid = executor?.pid else { return nil }
    return try Int.fetchOne(
      database,
      sql: """
        SELECT s.run_id FROM run_session s JOIN run r ON r.id = s.run_id
        WHERE s.ended_at IS NULL AND s.pid = ? AND r.state = 'unfinished' ORDER BY s.id DESC LIMIT 1
        """, arguments: [pid])
  }

  /// When the last session of a run began, in milliseconds since 1970; `nil` where it has had none.
  ///
  /// - Throws: SQLite's error.
  package func sessionStart(ofRun id: Int) throws -> Int? {
    try Int.fetchOne(
      database, sql: "SELECT started_at FROM run_session WHERE run_id = ? ORDER BY id DESC LIMIT 1", arguments: [id])
  }
}
