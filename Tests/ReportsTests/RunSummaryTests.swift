import JSONText
import Ledger
import Testing

@testable import Reports

@Suite struct RunSummaryTests {
  private let ledger: ReportLedger

  init() throws { ledger = try ReportLedger() }

  @Test func `the JSON has exactly the contract's shape`() throws {
    let run = try ledger.makeRun()
    let failures = try ledger.writer.read { try $0.failures(of: run, limit: 1) }
    let json = RunSummary(run, failures: failures, isRunning: false).json
    #expect(
      json
        == #"{"run_id":1,"plan_id":1,"kind":"apply","state":"stopped","stop_reason":"signal","#
        + #""changes":{"total":5,"succeeded":1,"unchanged":1,"failed":1,"blocked":1,"conflicted":0,"abandoned":0,"#
        + #""unfinished":1},"requests":{"get":5,"put":6,"retries":2},"#
        + #""started_at":"2025-11-25T01:02:03.456Z","finished_at":null,"elapsed_seconds":125.25,"#
        + #""failures":[{"change":3,"line":4,"project_id":"project-b","scaling_group_id":"group-3","state":"failed","#
        + #""http_status":400,"error_code":"AS.2007","message":"+no \"such\" group\u001b[2J"}]}"#)
    _ = try JSONParser.parse(json)
  }

  @Test func `whether it runs is told by the lock`() throws {
    let run = try ledger.makeRun()
    #expect(RunSummary(run, failures: [], isRunning: true).state == .running)
    #expect(RunSummary(run, failures: [], isRunning: false).state == .stopped)
    try ledger.execute("UPDATE run SET state = 'abandoned', abandoned = 1, finished_at = 1764032523999")
    let ended = try #require(try ledger.writer.read { try $0.run(1) })
    let summary = RunSummary(ended, failures: [], isRunning: true)
    #expect(summary.state == .abandoned)
    #expect(summary.json.contains(#""finished_at":"2025-11-25T01:02:03.999Z""#))
  }

  @Test func `the holder of the lock is at work on the run of its last session`() throws {
    _ = try ledger.makeRun()
    let holder = ExecutorLock.Holder(pid: 7, host: "here", since: nil, command: nil)
    let active = { (holder: ExecutorLock.Holder?) in try ledger.writer.read { try $0.runInHand(of: holder) } }
    #expect(try active(holder) == nil)
    try ledger.execute(
      "INSERT INTO run_session (run_id, pid, host, operator, options, started_at) VALUES (1, 7, 'here', 'me', '{}', 1)")
    #expect(try active(holder) == 1)
    #expect(try active(nil) == nil)
    #expect(try active(ExecutorLock.Holder(pid: 8, host: "here", since: nil, command: nil)) == nil)
    try ledger.execute("UPDATE run_session SET ended_at = 2")
    #expect(try active(holder) == nil)
  }
}
