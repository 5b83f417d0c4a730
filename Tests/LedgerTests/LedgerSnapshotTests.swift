import AutoScaling
import ChangePlan
import ChangeRun
import GRDB
import Testing

@testable import Ledger

/// Runs are made here by hand, one row for each state; `RunStore` has tests of its own.
@Suite struct LedgerSnapshotTests {
  private let ledger: TemporaryLedger
  private let writer: LedgerWriter

  init() throws {
    ledger = try TemporaryLedger()
    writer = try ledger.openWriter()
  }

  /// Twelve changes in two projects, and a run in which all of them have a row.
  private func makeRun() throws -> RunRow {
    let plan = try ledger.load(
      csvPlan((1...12).map { ("project-\($0 % 2)", "group-\($0)", $0) }), into: writer)
    try writer.write { database in
      try database.execute(
        sql: """
          INSERT INTO run (id, plan_id, kind, state, total, succeeded, unchanged, failed, blocked, conflicted, gets, puts,
            retries, instances_removed, options, endpoints, reason, operator, host, tool_version, started_at, elapsed_ms)
          VALUES (1, \(plan.id), 'apply', 'unfinished', 12, 1, 1, 2, 1, 1, 9, 8, 2, 3, '{}', '{"a":"b"}', 'why', 'me',
            'here', '1.0', 1000, 2500);
          INSERT INTO run_change (id, state, applied, attempts, effective_attempt, record_attempt, scaling_group_name,
            http_status, error_code, error_message, found, started_at, finished_at, sent_at, due_at, wait_cause)
          VALUES
            (1 << 32 | 1, 'succeeded', 'yes', 2, 1, 1, 'web', 200, NULL, NULL, NULL, 1000, 1500, 1400, NULL, NULL),
            (1 << 32 | 2, 'unchanged', 'no', 0, NULL, NULL, 'db', 200, NULL, NULL, NULL, 1000, 1500, NULL, NULL, NULL),
            (1 << 32 | 3, 'failed', 'no', 1, NULL, 1, NULL, 400, 'AS.2007', 'no such group', NULL, 1000, 1500, 1400, NULL,
              NULL),
            (1 << 32 | 4, 'blocked', 'no', 0, NULL, NULL, NULL, NULL, 'FP.1', 'x', NULL, 1000, 1500, NULL, NULL, NULL),
            (1 << 32 | 5, 'conflicted', 'unknown', 1, 1, 1, NULL, NULL, 'FP.2', 'y', '{}', 1000, 1500, 1, NULL, NULL),
            (1 << 32 | 6, 'held', 'no', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (1 << 32 | 7, 'waiting', 'no', 1, NULL, 1, NULL, 503, 'AS.0999', 'z', NULL, 1000, NULL, 1400, 9, 'retry'),
            (1 << 32 | 8, 'waiting', 'no', 1, NULL, 1, NULL, 400, 'AS.2033', 'z', NULL, 1000, NULL, 1400, 9, 'busy'),
            (1 << 32 | 9, 'sending', 'unknown', 1, 1, 1, NULL, NULL, NULL, NULL, NULL, 1000, NULL, 1400, NULL, NULL),
            (1 << 32 | 10, 'verifying', 'yes', 1, 1, 1, NULL, 200, NULL, NULL, NULL, 1000, NULL, 1400, 9, 'verify'),
            (1 << 32 | 12, 'verifying', 'yes', 1, 1, 1, NULL, 200, NULL, NULL, NULL, 1000, NULL, 1400, 9, 'stable'),
            (1 << 32 | 11, 'failed', 'no', 1, NULL, 1, NULL, 400, 'AS.2007', 'the same', NULL, 1000, 1500, 1400, NULL,
              NULL);
          INSERT INTO prior_record VALUES
            (1 << 32 | 1, 1, 1400, '{"desire_instance_number":7}', '{"desire_instance_number":1}', NULL);
          INSERT INTO attempt (run_change, number, attempt, method, sent_at, duration_ms, http_status, error_code,
            error_message, request_id, outcome)
          VALUES
            (1 << 32 | 1, 1, 1, 'PUT', 1200, 30, 503, 'AS.0999', 'busy', 'r-1', 'refused'),
            (1 << 32 | 1, 2, 2, 'GET', 1300, 10, 500, NULL, 'oh', NULL, 'lost'),
            (1 << 32 | 1, 3, 2, 'PUT', 1400, 20, 200, NULL, NULL, 'r-2', 'succeeded'),
            (1 << 32 | 3, 1, 1, 'PUT', 1400, 40, 400, 'AS.2007', 'no such group', 'r-3', 'refused'),
            (1 << 32 | 5, 1, 1, 'PUT', 1400, NULL, NULL, 'FP.3', 'reset', NULL, 'lost');
          INSERT INTO run_sample VALUES (1, 2000, 1000, 3, 0, 1, 2, 0, 0, 4, 2, 10, 9.5), (1, 3000, 2000, 5, 2, 9, 8, 2, 1,
            4, 3, 10, 5);
          """)
    }
    return try #require(try writer.read { try $0.run(1) })
  }

  /// The cells of a view's row behind the run's id, as texts.
  private func texts(_ row: Row) -> [String?] {
    row.databaseValues.dropFirst().map { value in
      String.fromDatabaseValue(value) ?? Int.fromDatabaseValue(value).map { String($0) }
    }
  }

  @Test func `a run's row has everything of run_report`() throws {
    let run = try makeRun()
    #expect(run.planName == "plan.csv" && run.planFile == ledger.folder + "/plan.csv" && run.planSHA256.count == 64)
    #expect((run.kind, run.state, run.rollsBack, run.stopReason) == (.apply, .unfinished, nil, nil))
    #expect(run.counts.total == 12 && run.counts.failed == 2 && run.counts.unfinished == 6)
    #expect(run.requests == RequestCounts(gets: 9, puts: 8, retries: 2))
    #expect((run.instancesRemoved, run.startedAt, run.finishedAt, run.elapsed) == (3, 1_000, nil, 2_500))
    #expect((run.operatorName, run.host, run.toolVersion, run.reason) == ("me", "here", "1.0", "why"))
    #expect((run.endpoints, run.options) == (#"{"a":"b"}"#, "{}"))
    try writer.read { (snapshot) throws in
      #expect(try snapshot.runs() == [run])
      #expect(try snapshot.latestRun() == run)
      #expect(try snapshot.latestRun(.rollback) == nil)
      #expect(try snapshot.unfinishedRuns() == [run])
      #expect(try snapshot.run(2) == nil)
    }
  }

  @Test(
    arguments: [
      nil, [.pending], [.waiting], [.sending], [.verifying], [.succeeded], [.failed], [.failed, .blocked, .conflicted],
      [.pending, .failed], [.abandoned], [.succeeded, .failed], [],
    ] as [Set<ChangeState>?])
  func `going through the changes gives the rows of the view`(states: Set<ChangeState>?) throws {
    let run = try makeRun()
    for isAbandoned in [false, true] {
      var run = run
      if isAbandoned {
        try writer.write {
          try $0.execute(sql: "UPDATE run SET state = 'abandoned', finished_at = 9, abandoned = 6")
        }
        run = try #require(try writer.read { try $0.run(1) })
      }
      var rows: [[String?]] = []
      try writer.read { (snapshot) throws in
        try snapshot.forEachChange(of: run, in: states) { row in
          rows.append([
            String(row.change), String(row.line), row.group.projectID, row.group.groupID, row.groupName,
            row.state.rawValue, row.applied.rawValue, String(row.attempts), row.httpStatus.map { String($0) },
            row.errorCode, row.errorMessage, row.planned, row.prior, row.found, row.startedAt.map(LedgerTime.iso8601),
            row.finishedAt.map(LedgerTime.iso8601), row.comment,
          ])
        }
      }
      let expected = try writer.database.read { database in
        try Row.fetchAll(database, sql: "SELECT * FROM change_report WHERE run_id = 1 ORDER BY change")
          .filter { row in states.map { $0.contains(ChangeState(rawValue: row["state"]) ?? .held) } ?? true }
          .map(texts)
      }
      #expect(rows == expected)
      #expect(states == nil ? rows.count == 12 : true)
    }
  }

  @Test func `going through the attempts gives the rows of the view`() throws {
    let run = try makeRun()
    var rows: [[String?]] = []
    try writer.read { (snapshot) throws in
      try snapshot.forEachAttempt(of: run) { row in
        rows.append([
          String(row.change), String(row.line), row.group.projectID, row.group.groupID, String(row.attempt), row.method,
          row.sentAt.map(LedgerTime.iso8601), row.duration.map { String($0) }, row.httpStatus.map { String($0) },
          row.errorCode, row.errorMessage, row.requestID, row.outcome,
        ])
      }
    }
    let expected = try writer.database.read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM attempt_report WHERE run_id = 1")
        .map(texts)
    }
    #expect(rows == expected)
    #expect(rows.count == 6)
    var durations: [Int] = []
    try writer.read { try $0.forEachPUTDuration(ofRun: 1) { durations.append($0) } }
    #expect(durations.sorted() == [20, 30, 40])
  }

  @Test func `counts by state, error, project and field add up`() throws {
    let run = try makeRun()
    try writer.read { (snapshot) throws in
      #expect(
        try snapshot.countsByState(of: run) == [
          .succeeded: 1, .unchanged: 1, .failed: 2, .blocked: 1, .conflicted: 1, .waiting: 2, .sending: 1,
          .verifying: 1, .stabilizing: 1, .pending: 1,
        ])
      let errors = try snapshot.countsByError(of: run)
      #expect(errors.map(\.key) == ["AS.2007", "FP.1", "FP.2"])
      #expect(errors[0].counts == [.failed: 2])
      #expect(errors[0].example == "no such group")
      let projects = try snapshot.countsByProject(of: run)
      #expect(projects.map(\.key) == ["project-0", "project-1"])
      #expect(projects.map(\.total) == [6, 6])
      #expect(projects[1].counts == [.succeeded: 1, .failed: 2, .conflicted: 1, .waiting: 1, .sending: 1])
      let fields = try snapshot.countsByField(of: run)
      #expect(fields.map(\.key) == ["desire_instance_number"])
      #expect(fields[0].total == 12)
      #expect(try snapshot.failures(of: run).map(\.change) == [3, 4, 5, 11])
      #expect(try snapshot.failures(of: run, limit: 2).map(\.change) == [3, 4])
      let open = try snapshot.openChanges(ofRun: 1)
      #expect(open.waiting == [.retry: 1, .busy: 1, .verify: 1, .stable: 1])
      #expect((open.held, open.sending) == (1, 1))
      #expect(try snapshot.latestSample(ofRun: 1)?.effectiveRate == 5)
      var samples: [Int] = []
      try snapshot.forEachSample(ofRun: 1) { samples.append($0.sampledAt) }
      #expect(samples == [2_000, 3_000])
    }
  }

  @Test func `a rollback's changes come from what it restores`() throws {
    let applied = try makeRun()
    try writer.write { database in
      try database.execute(
        sql: """
          INSERT INTO run (id, plan_id, kind, rolls_back, state, descending, total, succeeded, options, endpoints, operator,
            host, tool_version, started_at)
          VALUES (2, ?, 'rollback', 1, 'unfinished', 1, 2, 1, '{}', '{}', 'me', 'here', '1', 1);
          """, arguments: [applied.planID])
      try database.execute(
        sql: """
          INSERT INTO restore_change (id, planned, expected) VALUES
            (2 << 32 | 1, '{"desire_instance_number":7}', '{"desire_instance_number":1}'),
            (2 << 32 | 5, '{"desire_instance_number":8}', '{"desire_instance_number":5}');
          INSERT INTO run_change (id, state, applied, attempts, effective_attempt, record_attempt, finished_at)
          VALUES (2 << 32 | 5, 'succeeded', 'yes', 1, 1, 1, 5);
          """)
    }
    try writer.read { (snapshot) throws in
      let run = try #require(try snapshot.latestRun(.rollback))
      #expect(run.rollsBack == 1)
      #expect(try snapshot.rollbacks(of: 1) == [run])
      var rows: [ChangeReportRow] = []
      try snapshot.forEachChange(of: run) { rows.append($0) }
      #expect(rows.map(\.change) == [1, 5])
      #expect(rows.map(\.state) == [.pending, .succeeded])
      #expect(rows.map(\.line) == [2, 6])
      #expect(rows.map(\.planned) == [#"{"desire_instance_number":7}"#, #"{"desire_instance_number":8}"#])
      var plan: [PlanChangeRow] = []
      try snapshot.forEachPlanChange(of: run, in: [.succeeded]) { plan.append($0) }
      #expect(plan.map { $0.expected[.desireInstanceNumber] } == [.integer(5)])
      #expect(try snapshot.countsByField(of: run).map(\.total) == [2])
    }
  }

  @Test func `an unfinished run that shares a group is in the way`() throws {
    let run = try makeRun()
    let apart = try ledger.load(csvPlan([("project-9", "group-1", 5)]), name: "apart.csv", into: writer)
    let shared = try ledger.load(
      csvPlan([("project-9", "group-1", 5), ("project-1", "group-3", 5)]), name: "shared.csv", into: writer)
    try writer.read { (snapshot) throws in
      #expect(try snapshot.overlappingRuns(planID: apart.id).isEmpty)
      let group = GroupReference(projectID: "project-1", groupID: "group-3")
      #expect(try snapshot.overlappingRuns(planID: shared.id) == [RunOverlap(run: run, sharedGroup: group)])
      #expect(try snapshot.overlappingRuns(planID: run.planID).map(\.run) == [run])
    }
    try writer.write {
      try $0.execute(sql: "UPDATE run SET state = 'abandoned', finished_at = 1, abandoned = 6")
    }
    #expect(try writer.read { try $0.overlappingRuns(planID: shared.id) }.isEmpty)
  }

  @Test func `groups whose keys collide are not taken for shared`() throws {
    let plans = try ["a", "b"].map { name in
      let source = try ledger.plan(csvPlan([("project-a", "group-\(name)", 1)]), name: name + ".csv")
      let outcome = try PlanStore(writer, keyMask: 0).load(source, format: .csv, defaultProjectID: nil)
      guard case .loaded(let plan) = outcome else { throw CancellationError() }
      return plan.id
    }
    #expect(try writer.read { try $0.sharedGroup(plans[0], plans[1]) } == nil)
    #expect(try writer.read { try $0.sharedGroup(plans[0], plans[0]) }?.groupID == "group-a")
  }
}
