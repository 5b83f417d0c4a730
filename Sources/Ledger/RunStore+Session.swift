import AutoScaling
import ChangeRun
import DequeModule
import GRDB

/// What a `RunStore` does within its transactions.
///
/// @unchecked Sendable: it is touched only inside `RunStore`'s writes, which happen one at a time on its serial
/// queue; `commits` is read there or after everything has been flushed.
final class RunStoreSession: @unchecked Sendable {
  private let run: RunIdentity
  private let claims: RunClaims
  private let save: RunStatement
  private let record: RunStatement
  private let attempt: RunStatement
  private let successor: RunStatement
  private let release: RunStatement
  private let updateRun: RunStatement
  private let elapsedBefore: Int
  private(set) var commits = 0

  init(_ database: Database, run: RunIdentity) throws {
    self.run = run
    claims = try RunClaims(database, run: run)
    save = try RunStatement(database, sql: Self.saveSQL)
    record = try RunStatement(
      database,
      sql: """
        INSERT INTO prior_record (run_change, attempt, recorded_at, prior, planned, unrestorable)
        VALUES (?, ?, ?, ?, ?, ?)
        """)
    attempt = try RunStatement(database, sql: Self.attemptSQL)
    successor = try RunStatement(
      database, sql: "SELECT id FROM \(run.isRollback ? "restore_change" : "change") WHERE after = ?")
    release = try RunStatement(
      database,
      sql: """
        UPDATE run_change SET state = 'waiting', due_at = ?, delay_ms = 0, wait_cause = 'prompt'
        WHERE id = ? AND state = 'held'
        """)
    updateRun = try RunStatement(
      database,
      sql: """
        UPDATE run SET succeeded = succeeded + ?, unchanged = unchanged + ?, failed = failed + ?, blocked = blocked + ?,
          conflicted = conflicted + ?, abandoned = abandoned + ?, cursor = ?, gets = coalesce(?, gets),
          puts = coalesce(?, puts), retries = coalesce(?, retries), instances_removed = coalesce(?, instances_removed),
          elapsed_ms = coalesce(?, elapsed_ms)
        WHERE id = ?
        """)
    elapsedBefore = try Int.fetchOne(database, sql: "SELECT elapsed_ms FROM run WHERE id = ?", arguments: [run.id]) ?? 0
  }

  /// Gives all statements back to the connection.
  func close() {
    claims.close()
    for statement in [save, record, attempt, successor, release, updateRun] { statement.finalize() }
  }

  /// Takes a batch in order.
  ///
  /// - Returns: what the run is to be told once the transaction is committed.
  func apply(_ batch: [RunStore.Message], totals: RunStore.Totals?, to database: Database) throws -> [RunEvent] {
    var events: [RunEvent] = []
    var ended = RunCounts(total: 0)
    let changesBefore = database.totalChangesCount
    for message in batch {
      switch message {
      case .fact(let fact):
        try write(fact)
        if fact.isIntent { events.append(.recordDurable(number: fact.number)) }
        if fact.row.state.isTerminal {
          ended.add(fact.row.state)
          if fact.hasSuccessor, try releaseSuccessor(of: fact) { events.append(.released) }
        }
      case .claim(let kind, let limit, let now):
        events.append(.claimed(try claims.claim(kind, limit: limit, now: now)))
      case .work(let work): try work(database)
      case .barrier: break
      }
    }
    if totals != nil || ended.finished > 0 || claims.hasMoved { try updateRun(ended, totals) }
    // A transaction that has only looked costs no write to the disk.
    if database.totalChangesCount > changesBefore { commits += 1 }
    return events
  }

  private func updateRun(_ ended: RunCounts, _ totals: RunStore.Totals?) throws {
    for count in [
      ended.succeeded, ended.unchanged, ended.failed, ended.blocked, ended.conflicted, ended.abandoned,
      claims.takeCursor(),
    ] { updateRun.bind(count) }
    updateRun.bind(totals?.requests.gets)
    updateRun.bind(totals?.requests.puts)
    updateRun.bind(totals?.requests.retries)
    updateRun.bind(totals?.instancesRemoved)
    updateRun.bind(totals.map { elapsedBefore + $0.sessionElapsed })
    updateRun.bind(run.id)
    try updateRun.run()
  }

  // MARK: Facts

  private static let columns = [
    "state", "applied", "attempts", "tries", "effective_attempt", "record_attempt", "scaling_group_name", "http_status",
    "error_code", "error_message", "found", "started_at", "finished_at", "sent_at", "lost_at", "due_at", "delay_ms",
    "wait_cause", "wait_since", "instance_change",
  ]

  /// One guarded transition: an end is never left, whatever a stale executor may think.
  ///
  /// No list of states: for more than two values SQLite makes a temporary B-tree at each run of the statement.
  static let saveSQL = """
    INSERT INTO run_change (id, \(columns.joined(separator: ", ")))
    VALUES (?\(String(repeating: ", ?", count: columns.count)))
    ON CONFLICT (id) DO UPDATE SET \(columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
    WHERE run_change.state = 'sending' OR run_change.state = 'held' OR run_change.state = 'waiting'
      OR run_change.state = 'verifying'
    """

  /// No `INSERT … SELECT` from the table itself, for which SQLite makes a temporary B-tree too.
  static let attemptSQL = """
    INSERT INTO attempt (run_change, number, attempt, method, sent_at, duration_ms, http_status, error_code,
      error_message, request_id, outcome)
    VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE run_change = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8,
      ?9, ?10)
    """

  private func write(_ fact: RunFact) throws {
    let id = run.base | fact.number
    if let prior = fact.record { try write(prior, id: id, at: fact.row.sentAt ?? 0) }
    let row = fact.row
    save.bind(id)
    save.bind(row.state.rawValue)
    save.bind(row.applied.rawValue)
    save.bind(row.attempts)
    save.bind(row.tries)
    save.bind(row.effectiveAttempt)
    save.bind(row.recordAttempt)
    save.bind(row.scalingGroupName)
    save.bind(row.httpStatus)
    save.bind(row.errorCode)
    save.bind(row.errorMessage)
    save.bind(row.found?.json)
    save.bind(row.startedAt)
    save.bind(row.finishedAt)
    save.bind(row.sentAt)
    save.bind(row.lostAt)
    save.bind(row.wait?.dueAt)
    save.bind(row.wait?.delay)
    save.bind(row.wait?.cause.rawValue)
    save.bind(row.waitSince)
    save.bind(row.instanceChange)
    guard try save.run() == 1 else {
      throw DatabaseError(
        resultCode: .SQLITE_CONSTRAINT,
        message: "change \(fact.number) of run \(run.id) has ended already and cannot become \(row.state.rawValue)")
    }
    for entry in fact.attempts { try write(entry, id: id) }
    claims.wrote(fact.number)
  }

  private func write(_ prior: PriorRecord, id: Int, at recordedAt: Int) throws {
    record.bind(id)
    record.bind(prior.attempt)
    record.bind(recordedAt)
    record.bind(prior.prior.json)
    record.bind(prior.planned.json)
    record.bind(
      prior.unrestorable.isEmpty
        ? nil : "[" + prior.unrestorable.map { "\"\($0.rawValue)\"" }.joined(separator: ",") + "]")
    try record.run()
  }

  private func write(_ entry: AttemptEntry, id: Int) throws {
    attempt.bind(id)
    attempt.bind(entry.attempt)
    attempt.bind(entry.method.rawValue)
    attempt.bind(entry.sentAt)
    attempt.bind(entry.duration)
    attempt.bind(entry.httpStatus)
    attempt.bind(entry.errorCode)
    attempt.bind(entry.errorMessage)
    attempt.bind(entry.requestID)
    attempt.bind(entry.outcome.rawValue)
    try attempt.run()
  }

  /// Lets the next change of the group go on that is held; those between may have ended (`--retry-failed`).
  private func releaseSuccessor(of fact: RunFact) throws -> Bool {
    var number = fact.number
    while true {
      successor.bind((run.isRollback ? run.base : run.planBase) | number)
      guard try successor.step() else { return false }
      number = successor.integer(0) & RunIdentity.numberMask
      successor.reset()
      release.bind(fact.row.finishedAt)
      release.bind(run.base | number)
      if try release.run() == 1 { return true }
      guard try claims.hasEnded(number) else { return false }
    }
  }
}
