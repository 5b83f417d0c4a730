package import AutoScaling
import ChangeRun
import GRDB

/// Runs, without their changes.
extension LedgerSnapshot {
  /// The last so many runs, oldest first.
  package func runs(limit: Int = .max) throws -> [RunRow] {
    try runRows("ORDER BY r.id DESC LIMIT ?", [limit]).reversed()
  }

  package func run(_ id: Int) throws -> RunRow? { try runRows("AND r.id = ?", [id]).first }

  /// The last run, of that kind if one is named.
  package func latestRun(_ kind: RunRow.Kind? = nil) throws -> RunRow? {
    try runRows("AND ?1 IN (r.kind, '') ORDER BY r.id DESC LIMIT 1", [kind?.rawValue ?? ""]).first
  }

  /// The runs that can be resumed, newest first.
  package func unfinishedRuns() throws -> [RunRow] {
    try runRows("AND r.state IN ('preparing', 'unfinished') AND r.state = 'unfinished' ORDER BY r.id DESC", [])
  }

  /// The runs that roll the given one back, newest first.
  package func rollbacks(of id: Int) throws -> [RunRow] {
    try runRows("AND r.rolls_back = ? ORDER BY r.id DESC", [id])
  }

  private func runRows(_ condition: String, _ arguments: StatementArguments) throws -> [RunRow] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT r.*, p.name, p.file, p.sha256 FROM run r JOIN plan p ON p.id = r.plan_id
        WHERE r.state <> 'preparing' \(condition)
        """, arguments: arguments)
    return try rows.map(runRow)
  }

  private func runRow(_ row: Row) throws -> RunRow {
    let (kindName, stateName): (String, String) = (row["kind"], row["state"])
    guard let kind = RunRow.Kind(rawValue: kindName) else { throw unreadable("run", row["id"], "kind", kindName) }
    guard let state = RunRow.State(rawValue: stateName) else {
      throw unreadable("run", row["id"], "state", stateName)
    }
    var counts = RunCounts(total: row["total"])
    counts.succeeded = row["succeeded"]
    counts.unchanged = row["unchanged"]
    counts.failed = row["failed"]
    counts.blocked = row["blocked"]
    counts.conflicted = row["conflicted"]
    counts.abandoned = row["abandoned"]
    return RunRow(
      id: row["id"], planID: row["plan_id"], planName: row["name"], planFile: row["file"], planSHA256: row["sha256"],
      kind: kind, rollsBack: row["rolls_back"], state: state, stopReason: row["stop_reason"], counts: counts,
      requests: RequestCounts(gets: row["gets"], puts: row["puts"], retries: row["retries"]),
      instancesRemoved: row["instances_removed"], startedAt: row["started_at"], finishedAt: row["finished_at"],
      elapsed: row["elapsed_ms"], operatorName: row["operator"], host: row["host"], toolVersion: row["tool_version"],
      endpoints: row["endpoints"], options: row["options"], reason: row["reason"])
  }

  /// Unfinished runs that share a group with the plan (contract, section 3, `run`), oldest first.
  ///
  /// A rollback counts with all groups of the plan whose run it rolls back.
  package func overlappingRuns(planID: Int) throws -> [RunOverlap] {
    var overlaps: [RunOverlap] = []
    var sharedGroups: [Int: GroupReference?] = [:]
    for run in try unfinishedRuns().reversed() {
      let group = try sharedGroups[run.planID] ?? sharedGroup(planID, run.planID)
      sharedGroups[run.planID] = .some(group)
      if let group { overlaps.append(RunOverlap(run: run, sharedGroup: group)) }
    }
    return overlaps
  }

  /// One of the groups that two plans have in common, found in one pass over the smaller one's.
  package func sharedGroup(_ plan: Int, _ other: Int) throws -> GroupReference? {
    let sizes = try Row.fetchAll(
      database, sql: "SELECT id FROM plan WHERE id IN (?, ?) ORDER BY groups, id", arguments: [plan, other])
    guard let smaller = sizes.first, let larger = sizes.last else { return nil }
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT p.project_id, a.scaling_group_id
        FROM plan_group g
        CROSS JOIN plan_group h ON h.plan_id = ?2 AND h.group_key = g.group_key
        CROSS JOIN change a ON a.id = (g.plan_id << 32 | g.change)
        CROSS JOIN change b ON b.id = (h.plan_id << 32 | h.change)
        CROSS JOIN project p ON p.id = a.project
        WHERE g.plan_id = ?1 AND a.project = b.project AND a.scaling_group_id = b.scaling_group_id
        LIMIT 1
        """, arguments: [smaller["id"] as Int, larger["id"] as Int])
    return row.map { GroupReference(projectID: $0[0], groupID: $0[1]) }
  }

  /// What the changes that are under way wait for: by indices that hold only those.
  package func openChanges(ofRun id: Int) throws -> OpenChanges {
    var waiting: [WaitCause: Int] = [:]
    for (index, condition) in [("run_change_due", "<> 'busy'"), ("run_change_busy", "= 'busy'")] {
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT wait_cause, count(*) FROM run_change INDEXED BY \(index)
          WHERE id >> 32 = ? AND due_at IS NOT NULL AND wait_cause \(condition) GROUP BY wait_cause
          """, arguments: [id])
      for row in rows {
        let name: String = row[0]
        guard let cause = WaitCause(rawValue: name) else { throw unreadable("run_change", id, "wait_cause", name) }
        waiting[cause] = row[1]
      }
    }
    return OpenChanges(
      waiting: waiting, held: try count(inRun: id, index: "run_change_held", state: "held"),
      sending: try count(inRun: id, index: "run_change_in_doubt", state: "sending"))
  }

  /// The outage that changes of a run wait out: since when, and what the last one of them has met.
  ///
  /// - Returns: `nil` where none waits for the endpoint.
  /// - Throws: SQLite's error.
  package func outage(ofRun id: Int) throws -> (since: Int, reason: String)? {
    let ends = try ["", "DESC"].compactMap { order in
      try Row.fetchOne(
        database,
        sql: """
          SELECT due_at, error_message FROM run_change INDEXED BY run_change_due
          WHERE id >> 32 = ? AND due_at IS NOT NULL AND wait_cause <> 'busy' AND wait_cause = 'outage'
          ORDER BY due_at \(order) LIMIT 1
          """, arguments: [id])
    }
    guard let first = ends.first, let last = ends.last else { return nil }
    return (first["due_at"], last["error_message"] ?? "")
  }

  private func count(inRun id: Int, index: String, state: String) throws -> Int {
    try Int.fetchOne(
      database,
      sql: "SELECT count(*) FROM run_change INDEXED BY \(index) WHERE id > ? AND id < ? AND state = '\(state)'",
      arguments: [id << 32, (id + 1) << 32]) ?? 0
  }

  /// The samples of a run, oldest first, one at a time; from `start` on, in milliseconds since 1970.
  package func forEachSample(ofRun id: Int, since start: Int = 0, _ body: (RunSample) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT * FROM run_sample WHERE run_id = ? AND sampled_at >= ? ORDER BY sampled_at",
      arguments: [id, start])
    while let row = try rows.next() {
      try body(
        RunSample(
          sampledAt: row["sampled_at"], elapsed: row["elapsed_ms"], finished: row["finished"], failed: row["failed"],
          requests: RequestCounts(gets: row["gets"], puts: row["puts"], retries: row["retries"]),
          throttled: row["throttled"], inFlight: row["in_flight"], waiting: row["waiting"], rate: row["rate"],
          effectiveRate: row["effective_rate"]))
    }
  }

  /// The last sample of a run.
  package func latestSample(ofRun id: Int) throws -> RunSample? {
    var latest: RunSample?
    guard
      let last = try Int.fetchOne(
        database, sql: "SELECT max(sampled_at) FROM run_sample WHERE run_id = ?", arguments: [id])
    else { return nil }
    try forEachSample(ofRun: id, since: last) { latest = $0 }
    return latest
  }
}
