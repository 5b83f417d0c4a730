import AutoScaling
import ChangeRun
import GRDB

/// What the beginning and the end of a session do to the rows of a run, each in the transaction of its caller.
extension RunRegistry {
  private static let range = "id > :run << 32 AND id < (:run + 1) << 32"

  /// What was being sent when the process died is in doubt: it is due at once, to be settled by reading.
  ///
  /// - Parameters:
  ///   - database: the caller's transaction.
  ///   - runID: the run.
  ///   - intentLifetime: how long after its intent a PUT may have left, in milliseconds.
  ///   - now: milliseconds since 1970.
  /// - Returns: how many there were.
  /// - Throws: SQLite's error.
  static func doubtInterrupted(_ database: Database, runID: Int, intentLifetime: Int, now: Int) throws -> Int {
    try database.execute(
      sql: """
        INSERT INTO attempt (run_change, number, attempt, method, sent_at, error_code, error_message, outcome)
        SELECT s.id, (SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE run_change = s.id), s.attempts, 'PUT',
          coalesce(s.sent_at, :now), :code, 'the executor ended before the answer came', 'lost'
        FROM run_change s WHERE s.id > :run << 32 AND s.id < (:run + 1) << 32 AND s.state = 'sending'
        """,
      arguments: ["run": runID, "now": now, "code": FleetplanCode.interrupted])
    try database.execute(
      sql: """
        UPDATE run_change SET state = 'waiting', due_at = :now, delay_ms = 0, wait_cause = 'prompt', wait_since = NULL,
          applied = CASE applied WHEN 'no' THEN 'unknown' ELSE applied END,
          lost_at = max(coalesce(lost_at, 0), min(:now, coalesce(sent_at, 0) + :lifetime)), http_status = NULL,
          error_code = :code,
          error_message = 'the executor ended before the answer came'
        WHERE \(range) AND state = 'sending'
        """,
      arguments: ["run": runID, "now": now, "code": FleetplanCode.interrupted, "lifetime": intentLifetime])
    return database.changesCount
  }

  /// What was lost before this session counts as lost now: how long ago it was is not known when the clock may have
  /// been set forward meanwhile, and a late effect must not land on what comes next. The wait is one request timeout.
  static func renewLosses(_ database: Database, runID: Int, now: Int) throws {
    try database.execute(
      sql: """
        UPDATE run_change SET lost_at = :now
        WHERE id >> 32 = :run AND due_at IS NOT NULL AND wait_cause <> 'busy' AND lost_at IS NOT NULL
        """,
      arguments: ["run": runID, "now": now])
  }

  /// A wait is never longer than it was meant to be, also when the clock was set back meanwhile.
  static func boundWaits(_ database: Database, runID: Int, now: Int) throws {
    for cause in ["<> 'busy'", "= 'busy'"] {
      try database.execute(
        sql: """
          UPDATE run_change SET due_at = :now + delay_ms
          WHERE id >> 32 = :run AND due_at > :now + delay_ms AND due_at > :now AND due_at IS NOT NULL
            AND wait_cause \(cause)
          """,
        arguments: ["run": runID, "now": now])
    }
  }

  /// `--retry-failed`: the ends that are no success are open again, but for those that later changes have superseded.
  static func takeUpAgain(_ database: Database, runID: Int, now: Int) throws {
    try blockSuperseded(database, runID: runID)
    try database.execute(
      sql: """
        UPDATE run_change SET state = 'waiting', due_at = :now, delay_ms = 0, wait_cause = 'prompt', wait_since = NULL,
          finished_at = NULL, tries = 0, found = NULL,
          -- What is known not to be applied begins anew, with a record of its own.
          effective_attempt = CASE applied WHEN 'no' THEN NULL ELSE effective_attempt END
        WHERE \(range) AND (state = 'failed' OR state = 'blocked' OR state = 'conflicted')
          AND error_code IS NOT :superseded
        """,
      arguments: ["run": runID, "now": now, "superseded": FleetplanCode.superseded])
    let isOpenAgain = database.changesCount > 0
    try holdBehindOpenOnes(database, runID: runID)
    // First: only of an unfinished run the counts may be less than the whole.
    if isOpenAgain {
      try database.execute(
        sql: "UPDATE run SET state = 'unfinished', finished_at = NULL WHERE id = ?", arguments: [runID])
    }
    // What is left is blocked: by changes that were applied after it.
    try database.execute(
      sql: """
        UPDATE run SET failed = 0, conflicted = 0,
          blocked = (SELECT count(*) FROM run_change
            WHERE \(range) AND (state = 'failed' OR state = 'blocked' OR state = 'conflicted'))
        WHERE id = :run
        """,
      arguments: ["run": runID])
  }

  /// Under `--keep-going` a later change of the group may have been applied: to set one of its fields now would put an
  /// older value over a newer one.
  private static func blockSuperseded(_ database: Database, runID: Int) throws {
    guard let run = try Row.fetchOne(database, sql: "SELECT plan_id, kind FROM run WHERE id = ?", arguments: [runID])
    else { return }
    let isRollback = run["kind"] == "rollback"
    let tasks = isRollback ? "restore_change" : "change"
    let superseding = """
      (WITH RECURSIVE later (id) AS (
        SELECT t.id FROM \(tasks) t WHERE t.after = :base | (run_change.id & 4294967295)
        UNION ALL
        SELECT t.id FROM later l JOIN \(tasks) t ON t.after = l.id
      )
      SELECT l.id & 4294967295 FROM later l
      JOIN \(tasks) t ON t.id = l.id
      JOIN run_change s ON s.id = :run << 32 | (l.id & 4294967295) AND s.applied <> 'no'
      JOIN \(tasks) own ON own.id = :base | (run_change.id & 4294967295)
      WHERE EXISTS (SELECT 1 FROM json_each(own.planned) a JOIN json_each(t.planned) b ON b.key = a.key)
      LIMIT 1)
      """
    try database.execute(
      sql: """
        UPDATE run_change SET state = 'blocked', error_code = :code, error_message = 'change ' || \(superseding)
          || ' to the same group was applied after it (--keep-going): it would set that back'
        WHERE \(range) AND (state = 'failed' OR state = 'blocked' OR state = 'conflicted')
          AND \(superseding) IS NOT NULL
        """,
      arguments: [
        "run": runID, "base": isRollback ? runID << 32 : (run["plan_id"] as Int) << 32,
        "code": FleetplanCode.superseded,
      ])
  }

  /// One change at a time in a group: what was taken up again waits for every earlier change of its group that is
  /// open, also where changes between them have ended.
  private static func holdBehindOpenOnes(_ database: Database, runID: Int) throws {
    guard let run = try Row.fetchOne(database, sql: "SELECT plan_id, kind FROM run WHERE id = ?", arguments: [runID])
    else { return }
    let isRollback = run["kind"] == "rollback"
    try database.execute(
      sql: """
        UPDATE run_change SET state = 'held', due_at = NULL, delay_ms = NULL, wait_cause = NULL
        WHERE \(range) AND state = 'waiting' AND EXISTS (
          WITH RECURSIVE earlier (id) AS (
            SELECT t.after FROM \(isRollback ? "restore_change" : "change") t
            WHERE t.id = :base | (run_change.id & 4294967295) AND t.after IS NOT NULL
            UNION ALL
            SELECT t.after FROM earlier e JOIN \(isRollback ? "restore_change" : "change") t ON t.id = e.id
            WHERE t.after IS NOT NULL
          )
          SELECT 1 FROM earlier e JOIN run_change s ON s.id = :run << 32 | (e.id & 4294967295)
          WHERE s.state IN ('held', 'waiting', 'sending', 'verifying')
        )
        """,
      arguments: ["run": runID, "base": isRollback ? runID << 32 : (run["plan_id"] as Int) << 32])
  }

  /// A PUT that was answered with success and only being read back has succeeded.
  static func settleVerifying(_ database: Database, runID: Int, now: Int) throws {
    try database.execute(
      sql: """
        UPDATE run_change SET state = 'succeeded', due_at = NULL, delay_ms = NULL, wait_cause = NULL, finished_at = :now
        WHERE \(range) AND state = 'verifying'
        """,
      arguments: ["run": runID, "now": now])
    try database.execute(
      sql: "UPDATE run SET succeeded = succeeded + ? WHERE id = ?", arguments: [database.changesCount, runID])
  }

  /// The end of `abandon`: what has not begun has no row, and the run's state says what became of it.
  static func abandonRest(_ database: Database, runID: Int, now: Int) throws {
    try database.execute(
      sql: """
        UPDATE run_change SET state = 'abandoned', due_at = NULL, delay_ms = NULL, wait_cause = NULL,
          finished_at = :now, error_code = :code, error_message = 'the run was abandoned'
        WHERE \(range) AND state IN ('held', 'waiting')
        """,
      arguments: ["run": runID, "now": now, "code": FleetplanCode.abandoned])
    try database.execute(
      sql: """
        UPDATE run SET state = 'abandoned', finished_at = ?, stop_reason = NULL,
          abandoned = total - succeeded - unchanged - failed - blocked - conflicted
        WHERE id = ?
        """,
      arguments: [now, runID])
  }

  /// How many changes wait, by cause.
  static func waiting(_ database: Database, runID: Int, onlyInDoubt: Bool) throws -> [WaitCause: Int] {
    var waiting: [WaitCause: Int] = [:]
    for cause in ["<> 'busy'", "= 'busy'"] {
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT wait_cause, count(*) FROM run_change
          WHERE id >> 32 = ? AND due_at IS NOT NULL AND wait_cause \(cause)
          \(onlyInDoubt ? "AND effective_attempt IS NOT NULL" : "")
          GROUP BY wait_cause
          """,
        arguments: [runID])
      for row in rows {
        if let cause = WaitCause(rawValue: row[0]) { waiting[cause] = row[1] }
      }
    }
    return waiting
  }
}
