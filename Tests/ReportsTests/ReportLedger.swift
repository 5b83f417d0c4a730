import ChangePlan
import ChangeRun
import Foundation
import GRDB
import Ledger
import Reports
import Testing

/// A ledger in a folder of its own, with a plan and a run in which every kind of ending occurs.
final class ReportLedger: Sendable {
  let folder: String
  let writer: LedgerWriter

  static let plan = """
    project_id,scaling_group_id,desire_instance_number,available_zones,expect:desire_instance_number,comment
    project-a,group-1,3,,2,"=cmd, they said"
    project-a,group-2,4,eu-de-01;eu-de-02,,
    project-b,group-3,5,,,
    project-b,group-4,6,,,
    project-b,group-5,7,,,"two
    lines"

    """

  init(plan: String = ReportLedger.plan) throws {
    var template = Array("\(NSTemporaryDirectory())/fleetplan-reports-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.EACCES) }
    folder = LedgerFile.resolve(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    writer = try LedgerWriter.open(folder + "/fleetplan.sqlite", command: "test", toolVersion: "0.0.0")
    let file = folder + "/raise.csv"
    try Data(plan.utf8).write(to: URL(fileURLWithPath: file))
    let source = PlanSource(origin: .path(file), displayName: "plans/raise.csv")
    let outcome = try PlanStore(writer).load(source, format: .csv, defaultProjectID: nil)
    guard case .loaded(let row) = outcome else { throw CancellationError() }
    try execute("UPDATE plan SET loaded_at = 1000000000000 WHERE id = \(row.id)")
  }

  deinit {
    // A folder that stays behind harms no test.
    try? FileManager.default.removeItem(atPath: folder)
  }

  func execute(_ sql: String) throws {
    try writer.write { try $0.execute(sql: sql) }
  }

  /// A run of the first plan: succeeded, unchanged, failed, blocked, and one that waits.
  func makeRun() throws -> RunRow {
    try execute(
      """
      INSERT INTO run (id, plan_id, kind, state, stop_reason, total, succeeded, unchanged, failed, blocked, gets, puts,
        retries, instances_removed, options, endpoints, reason, operator, host, tool_version, started_at, elapsed_ms)
      VALUES (1, 1, 'apply', 'unfinished', 'signal', 5, 1, 1, 1, 1, 5, 6, 2, 3, '{}',
        '{"project-a":"https://as.example.com","project-b":"https://as.example.com"}', 'tonight', 'me', 'here', '1.0.0',
        1764032523456, 125250);
      INSERT INTO run_change (id, state, applied, attempts, effective_attempt, record_attempt, scaling_group_name,
        http_status, error_code, error_message, started_at, finished_at, sent_at, due_at, wait_cause)
      VALUES
        (1 << 32 | 1, 'succeeded', 'yes', 2, 1, 1, '集群-web', 200, NULL, NULL, 1764032523456, 1764032524456, 1400,
          NULL, NULL),
        (1 << 32 | 2, 'unchanged', 'no', 0, NULL, NULL, 'db', 200, NULL, NULL, 1000, 1500, NULL, NULL, NULL),
        (1 << 32 | 3, 'failed', 'no', 1, NULL, 1, NULL, 400, 'AS.2007', '+no "such" group' || char(27) || '[2J', 1000,
          1500, 1400, NULL, NULL),
        (1 << 32 | 4, 'blocked', 'no', 0, NULL, NULL, NULL, NULL, 'FP.SCALING', 'still scaling', 1000, 1500, NULL, NULL,
          NULL),
        (1 << 32 | 5, 'waiting', 'no', 1, NULL, 1, NULL, 503, 'AS.0999', 'busy', 1000, NULL, 1400, 9, 'retry');
      INSERT INTO prior_record VALUES
        (1 << 32 | 1, 1, 1400, '{"desire_instance_number":2}', '{"desire_instance_number":3}', NULL);
      INSERT INTO attempt (run_change, number, attempt, method, sent_at, duration_ms, http_status, outcome)
      VALUES (1 << 32 | 1, 1, 1, 'PUT', 1200, 30, 503, 'refused'), (1 << 32 | 1, 2, 2, 'PUT', 1400, 120, 200, 'succeeded'),
        (1 << 32 | 3, 1, 1, 'PUT', 1400, 1500, 400, 'refused');
      """)
    return try #require(try writer.read { try $0.run(1) })
  }

  /// Everything that a report writes.
  func text(_ write: (LedgerSnapshot, (String) throws -> Void) throws -> Void) throws -> String {
    var text = ""
    try writer.read { snapshot in try write(snapshot) { text += $0 } }
    return text
  }
}

/// An hour east of UTC, wherever the tests run.
let testStyle = ReportStyle(ledger: "/data/my ledger.sqlite") { _ in 3_600 }
