import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Testing

/// The four views that others may build on (contract, section 5).
struct PublicViewTests {
  private static let views = [
    "run_report": """
    run_id, plan_id, plan_name, plan_file, plan_sha256, kind, rolls_back, state, stop_reason, total, succeeded, \
    unchanged, failed, blocked, conflicted, abandoned, unfinished, gets, puts, retries, started_at, finished_at, \
    elapsed_seconds, operator, host, tool_version, endpoints, options, reason
    """,
    "change_report": """
    run_id, change, line, project_id, scaling_group_id, scaling_group_name, state, applied, attempts, http_status, \
    error_code, error_message, planned, prior, found, started_at, finished_at, comment
    """,
    "attempt_report": """
    run_id, change, line, project_id, scaling_group_id, attempt, method, sent_at, duration_ms, http_status, \
    error_code, error_message, request_id, outcome
    """,
    "rollback_record": """
    run_id, change, line, project_id, scaling_group_id, field, prior, planned, restorable, recorded_at
    """,
  ]

  @Test func `the views have the columns of the contract, and their values`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2"] { stage.addGroup(group) }
      try stage.folder.file(
        "plan.csv",
        """
        project_id,scaling_group_id,cool_down_time,comment
        \(Stage.project),g-1,60,"first, of all"
        \(Stage.project),g-gone,60,
        \(Stage.project),g-2,60,

        """)
      let run = try await stage.fleetplan(
        stage.running(
          "plan.csv", "--max-failures", "1", "--reason", "CHG-4711", "--concurrency", "1",
          "--request-timeout", "20s"))
      #expect(run.ending == .exit(1))
      for (view, columns) in Self.views {
        let found = try stage.rows("PRAGMA table_info(\(view))").map { $0["name"] as String }
        #expect(found == columns.split(separator: ", ").map(String.init), "\(view)")
      }
      let report = try #require(try stage.rows("SELECT * FROM run_report").first)
      #expect(report["plan_name"] == "plan.csv")
      #expect(report["state"] == "completed")
      #expect(report["reason"] == "CHG-4711")
      #expect(report["endpoints"] == #"{"\#(Stage.project)":"\#(stage.server.endpoint)"}"#)
      #expect(report["unfinished"] == 0)
      #expect(report["gets"] == 3)
      #expect(report["puts"] == 2)
      let changes = try stage.rows("SELECT * FROM change_report ORDER BY change")
      #expect(changes.map { $0["state"] as String } == ["succeeded", "failed", "succeeded"])
      #expect(changes.map { $0["applied"] as String } == ["yes", "no", "yes"])
      #expect(changes.map { $0["attempts"] as Int } == [1, 0, 1])
      #expect(changes.map { $0["line"] as Int } == [2, 3, 4])
      #expect(changes.map { $0["scaling_group_name"] as String? } == ["g-1", nil, "g-2"])
      #expect(changes.first?["planned"] == #"{"cool_down_time":60}"#)
      #expect(changes.first?["prior"] == #"{"cool_down_time":300}"#)
      #expect(changes.first?["comment"] == "first, of all")
      let attempts = try stage.rows("SELECT * FROM attempt_report ORDER BY change")
      #expect(attempts.map { $0["method"] as String } == ["PUT", "GET", "PUT"])
      #expect(attempts.map { $0["outcome"] as String } == ["succeeded", "refused", "succeeded"])
      #expect(attempts.first?["http_status"] == 200)
      let records = try stage.rows("SELECT * FROM rollback_record ORDER BY change")
      #expect(records.map { $0["prior"] as String } == ["300", "300"])
      #expect(records.map { $0["planned"] as String } == ["60", "60"])
      #expect(records.allSatisfy { $0["restorable"] == 1 })
      for time in [
        report["started_at"], report["finished_at"], records.first?["recorded_at"], attempts.first?["sent_at"],
      ]
        as [String?]
      {
        #expect(time?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
      }
    }
  }

  @Test(arguments: [
    "UPDATE prior_record SET prior = '{}'", "DELETE FROM prior_record",
    "INSERT OR REPLACE INTO prior_record SELECT run_change, attempt, recorded_at, '{}', planned, NULL FROM prior_record",
    "UPDATE run_change SET state = 'waiting', due_at = 0, wait_cause = 'prompt', finished_at = NULL",
  ])
  func `no program can overwrite a rollback record, or take up again what has succeeded`(sql: String) async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1")
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n\(Stage.project),g-1,60\n")
      #expect(try await stage.fleetplan(stage.running("plan.csv")).ending == .exit(0))
      let database = try DatabaseQueue(path: stage.ledger)
      await #expect(throws: DatabaseError.self) { try await database.write { try $0.execute(sql: sql) } }
      try database.close()
      #expect(try stage.rows("SELECT prior FROM rollback_record").map { $0[0] as String } == ["300"])
      #expect(try stage.states() == ["succeeded": 1])
    }
  }

  @Test func `the CSV report has the columns of its view`() async throws {
    try await Stage.with(groups: 5) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      #expect(try await stage.fleetplan(stage.running("plan.csv")).ending == .exit(0))
      let report = try await stage.fleetplan("report", "--format", "csv", "--output", "report.csv")
      #expect(report.ending == .exit(0))
      let lines = try stage.folder.text("report.csv").split(whereSeparator: \.isNewline)
      #expect(lines.first.map(String.init) == Self.views["change_report"]?.replacing(", ", with: ","))
      #expect(lines.count == 1 + model.changes.count)
      // The changes as a plan that is ready to run again.
      let plan = try await stage.fleetplan("report", "--format", "plan", "--output", "again.csv")
      #expect(plan.ending == .exit(0))
      let again = try await stage.fleetplan(stage.running("again.csv", "--json"))
      #expect(again.ending == .exit(0), "\(again.errors)")
      #expect(try again.json().count("total") == model.changes.count)
    }
  }
}
