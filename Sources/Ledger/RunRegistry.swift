package import ChangeRun
import GRDB

/// Who works on a run and with what: kept with the run and with each session.
package struct RunOperator: Sendable, Hashable {
  /// The user's name.
  package var name: String
  package var host: String
  package var pid: Int
  package var toolVersion: String

  package init(name: String, host: String, pid: Int, toolVersion: String) {
    self.name = name
    self.host = host
    self.pid = pid
    self.toolVersion = toolVersion
  }
}

/// What a session of a run begins with.
package struct RunStart: Sendable {
  package var run: RunIdentity
  package var options: RunOptions
  package var counts: RunCounts
  package var requests: RequestCounts
  package var instancesRemoved: Int
  /// Changes that wait in the ledger, by cause.
  package var waiting: [WaitCause: Int]
  /// Where the run stands between two waves, somebody was asked about it, or has changed what lies between them.
  package var isWaveConfirmed: Bool
  /// PUTs that were on the way when the last session died.
  package var inDoubt: Int
  package var sessionID: Int
  /// How long executors have worked on it before, in milliseconds.
  package var elapsedBefore: Int
}

/// Makes runs, and begins and ends their sessions. The caller holds the executor's lock.
package struct RunRegistry {
  let writer: LedgerWriter
  private let operatorInfo: RunOperator

  package init(writer: LedgerWriter, operator operatorInfo: RunOperator) {
    self.writer = writer
    self.operatorInfo = operatorInfo
  }

  /// Writes down a new run of a plan.
  ///
  /// - Parameters:
  ///   - planID: a loaded plan.
  ///   - options: stored with the run.
  ///   - endpoints: JSON, project id to endpoint.
  ///   - reason: why it is done, in the operator's words.
  ///   - now: milliseconds since 1970.
  /// - Returns: the run, with every change pending.
  /// - Throws: `LedgerError`.
  package func createRun(
    planID: Int, options: RunOptions, endpoints: String, reason: String?, now: Int
  ) throws -> RunIdentity {
    try writer.write { database in
      let total = try Int.fetchOne(
        database, sql: "SELECT changes FROM plan WHERE id = ? AND state = 'loaded'", arguments: [planID])
      guard let total else { throw LedgerError(path: writer.path, reason: .damaged("it has no plan \(planID)")) }
      try insertRun(
        database, planID: planID, kind: "apply", rollsBack: nil, state: "unfinished", isDescending: false, total: total,
        options: options, endpoints: endpoints, reason: reason, now: now)
      return RunIdentity(
        id: Int(database.lastInsertedRowID), planID: planID, isRollback: false, isDescending: false)
    }
  }

  func insertRun(
    _ database: Database, planID: Int, kind: String, rollsBack: Int?, state: String, isDescending: Bool, total: Int,
    options: RunOptions, endpoints: String, reason: String?, now: Int
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO run (plan_id, kind, rolls_back, state, descending, total, options, endpoints, reason, operator, host,
          tool_version, started_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        planID, kind, rollsBack, state, isDescending, total, options.json, endpoints, reason, operatorInfo.name,
        operatorInfo.host, operatorInfo.toolVersion, now,
      ])
  }

  /// Begins a session: settles the books of the one before, which may have died, and opens a new one.
  ///
  /// - Parameters:
  ///   - runID: an unfinished run, or with `retryFailed` a completed one.
  ///   - newOptions: in force from now on, and stored; `nil` keeps the stored ones.
  ///   - retryFailed: takes failed, blocked and conflicted changes up again.
  ///   - isAbandoning: claims only what is in doubt.
  ///   - now: milliseconds since 1970.
  /// - Returns: what the session begins with.
  /// - Throws: `LedgerError`.
  package func beginSession(
    runID: Int, options newOptions: RunOptions?, retryFailed: Bool, isAbandoning: Bool, now: Int
  ) throws -> RunStart {
    try writer.write { database in
      guard
        let stored = try Row.fetchOne(
          database, sql: "SELECT options, stop_reason FROM run WHERE id = ?", arguments: [runID])
      else { throw LedgerError(path: writer.path, reason: .damaged("it has no run \(runID)")) }
      let before = try storedOptions(stored)
      let inDoubt = try Self.doubtInterrupted(
        database, runID: runID, intentLifetime: before.intentLifetime.milliseconds, now: now)
      try Self.renewLosses(database, runID: runID, now: now)
      try Self.boundWaits(database, runID: runID, now: now)
      if retryFailed { try Self.takeUpAgain(database, runID: runID, now: now) }
      if isAbandoning { try Self.settleVerifying(database, runID: runID, now: now) }
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM run WHERE id = ?", arguments: [runID]) else {
        throw LedgerError(path: writer.path, reason: .damaged("it has no run \(runID)"))
      }
      let options = newOptions ?? before
      let stopReason: String? = stored["stop_reason"]
      // A run that died, or stopped for a machine to resume, just when a wave had ended has asked nobody.
      let isPersonAsked = stopReason.flatMap(StopCause.init(rawValue:))?.needsPerson == true
      let isWaveConfirmed =
        retryFailed || isPersonAsked
        || before.waves != options.waves || before.confirmWaves != options.confirmWaves
      if newOptions != nil {
        try database.execute(
          sql: "UPDATE run SET options = ? WHERE id = ?", arguments: [options.json, runID])
      }
      try database.execute(
        sql: """
          INSERT INTO run_session (run_id, pid, host, operator, options, started_at) VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [runID, operatorInfo.pid, operatorInfo.host, operatorInfo.name, options.json, now])
      let sessionID = Int(database.lastInsertedRowID)
      try database.execute(sql: "UPDATE run SET stop_reason = NULL WHERE id = ?", arguments: [runID])
      var counts = RunCounts(total: row["total"])
      counts.succeeded = row["succeeded"]
      counts.unchanged = row["unchanged"]
      counts.failed = row["failed"]
      counts.blocked = row["blocked"]
      counts.conflicted = row["conflicted"]
      counts.abandoned = row["abandoned"]
      return RunStart(
        run: RunIdentity(
          id: runID, planID: row["plan_id"], isRollback: row["kind"] == "rollback", isDescending: row["descending"],
          isAbandoning: isAbandoning),
        options: options, counts: counts,
        // The counts of a session that died are those of its last commit: what is in doubt may not be in them.
        requests: RequestCounts(gets: row["gets"], puts: max(row["puts"], inDoubt), retries: row["retries"]),
        instancesRemoved: row["instances_removed"],
        waiting: try Self.waiting(database, runID: runID, onlyInDoubt: isAbandoning),
        isWaveConfirmed: isWaveConfirmed, inDoubt: inDoubt, sessionID: sessionID, elapsedBefore: row["elapsed_ms"])
    }
  }

  /// The options that are stored with a run.
  package func storedOptions(runID: Int) throws -> RunOptions {
    try writer.read { snapshot in
      guard
        let row = try Row.fetchOne(snapshot.database, sql: "SELECT options FROM run WHERE id = ?", arguments: [runID])
      else { throw LedgerError(path: writer.path, reason: .damaged("it has no run \(runID)")) }
      return try storedOptions(row)
    }
  }

  private func storedOptions(_ row: Row) throws -> RunOptions {
    let text: String = row["options"]
    guard let options = RunOptions(storedText: text) else {
      throw LedgerError(path: writer.path, reason: .damaged("a run's options cannot be read"))
    }
    return options
  }

  /// Ends a session.
  package func endSession(_ start: RunStart, ending: RunEnding, elapsed: Int, now: Int) throws {
    try writer.write { database in
      let reason: String? = if case .stopped(let cause, _) = ending { cause.rawValue } else { nil }
      try database.execute(
        sql: "UPDATE run_session SET ended_at = ?, stop_reason = ? WHERE id = ?",
        arguments: [now, reason, start.sessionID])
      try database.execute(
        sql: "UPDATE run SET elapsed_ms = ? WHERE id = ?", arguments: [start.elapsedBefore + elapsed, start.run.id])
      if ending == .completed, start.run.isAbandoning {
        try Self.abandonRest(database, runID: start.run.id, now: now)
      } else if ending == .completed {
        try database.execute(
          sql: "UPDATE run SET state = 'completed', finished_at = ?, stop_reason = NULL WHERE id = ?",
          arguments: [now, start.run.id])
      } else {
        try database.execute(
          sql: "UPDATE run SET stop_reason = ? WHERE id = ?", arguments: [reason, start.run.id])
      }
    }
  }
}

extension RunRegistry {
  /// Abandons a run that has never begun: nothing was sent for it, and no change has ended.
  ///
  /// - Returns: whether it was such a run.
  package func abandonUnbegun(runID: Int, now: Int) throws -> Bool {
    try writer.write { database in
      let hasBegun = try Bool.fetchOne(
        database,
        sql: """
          SELECT EXISTS (SELECT 1 FROM run_change
            WHERE id > :run << 32 AND id < (:run + 1) << 32 AND (attempts > 0 OR finished_at IS NOT NULL))
          """,
        arguments: ["run": runID])
      guard hasBegun == false else { return false }
      try Self.abandonRest(database, runID: runID, now: now)
      return true
    }
  }

  /// Asks a live run for another rate or concurrency; its executor looks twice a second.
  package func tune(runID: Int, rate: Double?, concurrency: Int?, now: Int) throws {
    try writer.write { database in
      try database.execute(
        sql: "INSERT INTO tuning (run_id, rate, concurrency, operator, requested_at) VALUES (?, ?, ?, ?, ?)",
        arguments: [runID, rate, concurrency, operatorInfo.name, now])
    }
  }
}
