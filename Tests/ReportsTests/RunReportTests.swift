import ChangeRun
import Ledger
import Testing

@testable import Reports

@Suite struct RunReportTests {
  private let ledger: ReportLedger

  init() throws { ledger = try ReportLedger() }

  @Test func `the summary of a stopped run says how to go on`() throws {
    let run = try ledger.makeRun()
    let text = try ledger.text { snapshot, output in
      try RunReport(run, in: snapshot, isRunning: false).writeText(style: testStyle, to: output)
    }
    #expect(
      text == """
        Run 1 (apply): stopped (signal)

          plan        1 raise.csv, 5 changes to 5 groups in 2 projects
          file        plans/raise.csv
          sha256      \(run.planSHA256)
          started     2025-11-25 02:02:03 +01:00 by me on here
          worked for  2 min 5 s
          reason      tonight
          endpoint    https://as.example.com
          made by     fleetplan 1.0.0

          succeeded   1  20 %
          unchanged   1  20 %
          failed      1  20 %
          blocked     1  20 %
          unfinished  1  20 %
          total       5
          3 instances taken away
          of the unfinished, 1 waiting, 0 in doubt

          requests  11: 5 GET, 6 PUT, 2 tried again; 0.1 a second
          failed    1 × 400, 1 × 503
          PUT took  p50 120 ms, p95 1.5 s, p99 1.5 s, at most 1.5 s

          code        changes  ended    lines  message of the first
          AS.2007           1  failed   4      +no "such" group\\u{1b}[2J
          FP.SCALING        1  blocked  5      still scaling

        To go on:
        fleetplan resume 1 --ledger '/data/my ledger.sqlite'

        """)
  }

  @Test(arguments: [
    ("state = 'completed', succeeded = 4, failed = 0, blocked = 0, finished_at = 1", false, "rollback 1"),
    ("state = 'completed', blocked = 2, finished_at = 1", false, "resume 1 --retry-failed"),
    ("state = 'abandoned', abandoned = 1, finished_at = 1", false, "rollback 1"),
    ("stop_reason = NULL", false, "resume 1"),
    ("stop_reason = NULL", true, "status 1 --watch"),
  ])
  func `the last line is a command`(state: String, isRunning: Bool, command: String) throws {
    _ = try ledger.makeRun()
    try ledger.execute("UPDATE run SET \(state)")
    let run = try #require(try ledger.writer.read { try $0.run(1) })
    let text = try ledger.text { snapshot, output in
      try RunReport(run, in: snapshot, isRunning: isRunning).writeText(style: ReportStyle(ledger: nil), to: output)
    }
    #expect(text.hasSuffix("\nfleetplan \(command)\n"))
  }

  @Test func `a run whose executor died is said to have stopped so`() throws {
    _ = try ledger.makeRun()
    try ledger.execute("UPDATE run SET stop_reason = NULL")
    let run = try #require(try ledger.writer.read { try $0.run(1) })
    #expect(RunReport.stateText(RunSummary(run, failures: [], isRunning: false)) == "stopped, the executor died")
  }

  @Test func `latencies are those of the PUTs`() {
    var digest = LatencyDigest()
    #expect(digest.maximum == 0)
    for number in 1...1_000 { digest.record(number) }
    digest.record(5_000_000_000)
    #expect(digest.count == 1_001)
    #expect(digest.percentile(50) == 501)
    #expect((950...952).contains(digest.percentile(95)))
    #expect(digest.maximum >= 86_400_000)
  }

  @Test func `status tells the pace and the end`() throws {
    _ = try ledger.makeRun()
    try ledger.execute(
      """
      UPDATE run SET stop_reason = NULL, total = 500, succeeded = 100, gets = 120, puts = 110;
      INSERT INTO run_session (run_id, pid, host, operator, options, started_at)
      VALUES (1, 7, 'here', 'me', '{}', 1764032523456);
      INSERT INTO run_sample VALUES
        (1, 1764032533456, 10000, 16, 1, 24, 16, 0, 0, 4, 2, 10, 10),
        (1, 1764032543456, 20000, 40, 1, 44, 40, 0, 0, 4, 2, 10, 10),
        (1, 1764032553456, 30000, 61, 1, 64, 60, 0, 0, 4, 2, 10, 10),
        (1, 1764032563456, 40000, 80, 1, 90, 84, 0, 1, 4, 1, 10, 5)
      """)
    let run = try #require(try ledger.writer.read { try $0.run(1) })
    let now = 1_764_032_573_456
    let text = try ledger.text { snapshot, output in
      let status = try RunStatus(run, in: snapshot, isRunning: true, now: now)
      try status.writeText(style: testStyle, now: now, to: output)
    }
    #expect(
      text == """
        Run 1 (apply): running
          103 of 500 changes (20.6 %): 100 succeeded, 1 unchanged, 1 failed, 1 blocked
          0 on the way, 1 waiting
          slowed down by the service to 5/s, 1 retrying
          120 GET, 110 PUT, 2 tried again in 2 min 5 s; 2.3 changes/s, 5.6 requests/s
          ETA 2–4 min: between 2025-11-25 02:05:40 +01:00 and 2025-11-25 02:06:41 +01:00

        """)
    let stopped = try ledger.text { snapshot, output in
      let status = try RunStatus(run, in: snapshot, isRunning: false, now: now)
      #expect(status.timeLeft == nil)
      try status.writeText(style: testStyle, now: now, to: output)
    }
    #expect(stopped.contains("stopped, the executor died") && stopped.contains("0 in doubt, 1 waiting"))
    #expect(stopped.hasSuffix("fleetplan resume 1 --ledger '/data/my ledger.sqlite'\n"))
  }

  @Test func `status tells of an outage, from the changes that wait for its end`() throws {
    _ = try ledger.makeRun()
    try ledger.execute(
      """
      UPDATE run SET stop_reason = NULL;
      UPDATE run_change SET wait_cause = 'outage', due_at = 1764032583456, error_message = 'connection refused'
      WHERE id = 1 << 32 | 5
      """)
    let run = try #require(try ledger.writer.read { try $0.run(1) })
    let status = try ledger.writer.read {
      try RunStatus(run, in: $0, isRunning: true, now: 1_764_032_613_456)
    }
    #expect(status.progress.hold == .endpointUnreachable(seconds: 30, reason: "connection refused"))
    #expect(status.timeLeft == nil)
  }
}
