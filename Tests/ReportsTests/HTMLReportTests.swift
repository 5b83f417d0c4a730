import ChangeRun
import Foundation
import Ledger
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct HTMLReportTests {
  private let ledger: ReportLedger

  init() throws { ledger = try ReportLedger() }

  private func page(_ id: Int = 1, isRunning: Bool = false, generatedAt: Int = 1_764_100_000_000) throws -> String {
    let run = try #require(try ledger.writer.read { try $0.run(id) })
    return try ledger.text { snapshot, output in
      try HTMLReport(
        run, in: snapshot, isRunning: isRunning, style: testStyle, ledgerPath: "/data/my ledger.sqlite",
        generatedAt: generatedAt
      ).write(to: output)
    }
  }

  /// The body, which is well-formed: as XML a tag left open, or text that has become a tag, is an error.
  private func body(_ page: String) throws -> XMLElement {
    let start = try #require(page.range(of: "<body>")).lowerBound
    let end = try #require(page.range(of: "</body>")).upperBound
    let text = page[start..<end].replacing("<wbr>", with: "<wbr/>").replacing("&nbsp;", with: " ")
    return try #require(try XMLDocument(xmlString: String(text)).rootElement())
  }

  /// What the elements at an XPath say.
  private func texts(_ path: String, in page: String) throws -> [String] {
    try body(page).nodes(forXPath: path).compactMap(\.stringValue)
      .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
  }

  @Test func `the head says which plan, who, when, where and why`() throws {
    let run = try ledger.makeRun()
    let page = try page()
    #expect(try texts("//h1", in: page) == ["Run 1: raise.csv"])
    let names = try texts("//dl[@class='facts']//dt", in: page)
    let values = try texts("//dl[@class='facts']//dd", in: page)
    #expect(
      zip(names, values).map { "\($0): \($1)" } == [
        "reason: tonight", "plan: 1 raise.csv, 5 changes to 5 groups in 2 projects", "file: plans/raise.csv",
        "sha256: \(run.planSHA256)", "started: 2025-11-25 02:02:03 +01:00 by me on here", "worked for: 2 min 5 s",
        "made by: fleetplan 1.0.0", "endpoint: https://as.example.com", "ledger: /data/my ledger.sqlite",
      ])
    #expect(
      try texts("//p[@class='verdict']", in: page) == [
        "■ stopped (signal) 2 of 5 changes are as planned, 2 need somebody to look; 1 are left."
      ])
  }

  @Test func `counts, instances, errors, fields and commands are those of the run`() throws {
    _ = try ledger.makeRun()
    try ledger.execute("UPDATE run_change SET instance_change = 1 WHERE id = 1 << 32 | 1")
    let page = try page()
    #expect(
      try texts("//section[@id='outcome']//tbody/tr/td[position() < 4]", in: page) == [
        "✓ succeeded", "1", "20 %", "= unchanged", "1", "20 %", "✕ failed", "1", "20 %", "⊘ blocked", "1", "20 %",
        "… waiting", "1", "20 %", "total", "5", "",
      ])
    #expect(
      try texts("//section[@id='outcome']/p", in: page) == [
        "1 instance added in 1 change, by the groups' desired numbers as read before each request."
      ])
    #expect(
      try texts("//section[@id='next']//code", in: page) == [
        "fleetplan resume 1 --ledger '/data/my ledger.sqlite'",
        "fleetplan abandon 1 --ledger '/data/my ledger.sqlite'",
        "fleetplan report 1 --format plan --state failed,blocked --output again-1.csv --ledger '/data/my ledger.sqlite'",
        "fleetplan rollback 1 --ledger '/data/my ledger.sqlite'",
        "fleetplan rollback 1 --dry-run --ledger '/data/my ledger.sqlite'",
        "fleetplan report 1 --format csv --output run-1.csv --ledger '/data/my ledger.sqlite'",
      ])
    let errors = try texts("//section[@id='trouble']//table[1]/tbody/tr/td[1]", in: page)
    #expect(errors.prefix(2) == ["AS.2007", "FP.SCALING"])
    #expect(
      try texts("//section[@id='fields']//tbody/tr/td", in: page) == ["desire_instance_number", "1", "2 → 3 1 ×"])
    #expect(
      try texts("//section[@id='changes']//tbody/tr/td[4]", in: page) == [
        "desire_instance_number: 2 → 3",
        #"desire_instance_number: → 4available_zones: → ["eu-de-01","eu-de-02"]"#,
        "desire_instance_number: → 5", "desire_instance_number: → 6", "desire_instance_number: → 7",
      ])
  }

  @Test func `what comes from outside is text, wherever it stands`() throws {
    _ = try ledger.makeRun()
    let hostile = #"<script>alert(1)</script>"'&amp;"# + "\u{202E}\u{7}"
    let sql = hostile.replacing("'", with: "''")
    try ledger.execute(
      """
      UPDATE plan SET name = '\(sql)', file = '\(sql)';
      UPDATE run SET reason = '\(sql)', operator = '\(sql)', host = '\(sql)', stop_reason = '\(sql)',
        tool_version = '\(sql)', endpoints = json_object('\(sql)', '\(sql)'), options = json_object('\(sql)', '\(sql)');
      UPDATE run_change SET scaling_group_name = '\(sql)', error_code = '\(sql)', error_message = '\(sql)',
        found = json_object('\(sql)', '\(sql)') WHERE state IN ('failed', 'blocked', 'waiting');
      UPDATE change SET comment = '\(sql)', scaling_group_id = '\(sql)' || id, planned = json_object('description', '\(sql)');
      UPDATE project SET project_id = '\(sql)' || id;
      """)
    let page = try page()
    #expect(!page.contains("<script") && !page.unicodeScalars.contains("\u{202E}") && !page.contains("\u{7}"))
    let shown = #"<script>alert(1)</script>"'&amp;\u{202e}\u{7}"#
    #expect(try texts("//h1", in: page) == ["Run 1: \(shown)"])
    #expect(page.ranges(of: "&lt;script&gt;").count > 20)
    _ = try body(page)
  }

  @Test(arguments: [
    (
      "state = 'completed', succeeded = 4, failed = 0, blocked = 0, finished_at = 1", false,
      "✓ completed Every change is as planned."
    ),
    (
      "state = 'completed', blocked = 2, finished_at = 1", false,
      "! completed 2 of 5 changes are as planned, 3 need somebody to look."
    ),
    (
      "state = 'abandoned', abandoned = 1, finished_at = 1", false,
      "– abandoned 2 of 5 changes are as planned, 2 need somebody to look; the rest was given up."
    ),
    (
      "stop_reason = NULL", false,
      "■ stopped, the executor died 2 of 5 changes are as planned, 2 need somebody to look; 1 are left."
    ),
    (
      "stop_reason = NULL", true,
      "▶ running An executor is at work. So far 2 of 5 changes are as planned, 2 need somebody to look; 1 are left."
    ),
  ])
  func `the verdict tells how it stands`(state: String, isRunning: Bool, verdict: String) throws {
    _ = try ledger.makeRun()
    try ledger.execute("UPDATE run SET \(state)")
    let page = try page(isRunning: isRunning)
    #expect(try texts("//p[@class='verdict']", in: page) == [verdict])
    // The first command is that of the text report.
    let first = try texts("//section[@id='next']//code", in: page).first
    let run = try #require(try ledger.writer.read { try $0.run(1) })
    #expect(first == NextStep(RunSummary(run, failures: [], isRunning: isRunning), style: testStyle).command)
  }

  @Test func `a run without changes, requests and samples is a page too`() throws {
    _ = try ledger.makeRun()
    try ledger.execute(
      """
      DELETE FROM attempt; DELETE FROM run_change;
      UPDATE run SET total = 0, succeeded = 0, unchanged = 0, failed = 0, blocked = 0, gets = 0, puts = 0, retries = 0,
        elapsed_ms = 0, state = 'completed', finished_at = 1, reason = NULL, endpoints = '{}'
      """)
    let page = try page()
    #expect(page.contains("There was nothing to change.") && page.contains("No PUT has been answered."))
    #expect(page.contains("There are no samples of this run"))
    #expect(try body(page).nodes(forXPath: "//section").count == 6)
  }

  @Test(arguments: [1, 2, 700])
  func `however many samples, the charts are whole`(count: Int) throws {
    _ = try ledger.makeRun()
    for number in 1...count {
      try ledger.execute(
        """
        INSERT INTO run_sample VALUES (1, \(number * 10_000), \(number * 10_000), \(number), 1, \(number * 9), \(number),
          \(number), 0, 4, 2, 10, \(number % 5 == 1 ? 5 : 10))
        """)
    }
    let page = try page()
    #expect(try body(page).nodes(forXPath: "//figure").count == 4)
    #expect(page.contains("Of 700 samples, several are one point.") == (count == 700))
    #expect(try texts("//figure[@id='rate']//li", in: page).count == 3)
  }

  @Test func `the same ledger gives the same page, but for the time at which it is made`() throws {
    _ = try ledger.makeRun()
    let first = try page()
    #expect(try page() == first)
    let later = try page(generatedAt: 1_764_200_000_000)
    let differing = zip(first.split(separator: "\n"), later.split(separator: "\n")).filter { $0 != $1 }
    #expect(differing.count == 1 && differing[0].0.contains("2025-11-25 20:46:40 +01:00"))
  }

  @Test func `a table ends after 5,000 rows with the command for all of them`() throws {
    let rows = (1...5_003).map { "p,g-\($0),\($0)\n" }
    let ledger = try ReportLedger(plan: "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
    try ledger.execute(
      """
      INSERT INTO run (id, plan_id, kind, state, total, failed, options, endpoints, operator, host, tool_version,
        started_at, finished_at) VALUES (1, 1, 'apply', 'completed', 5003, 5003, '{}', '{}', 'me', 'here', '1', 1, 2);
      INSERT INTO run_change (id, state, error_code, finished_at)
        SELECT 1 << 32 | (id & 4294967295), 'failed', 'AS.2007', 2 FROM change
      """)
    let run = try #require(try ledger.writer.read { try $0.run(1) })
    let page = try ledger.text { snapshot, output in
      try HTMLReport(
        run, in: snapshot, isRunning: false, style: ReportStyle(ledger: nil), ledgerPath: "l", generatedAt: 0
      ).write(to: output)
    }
    #expect(page.ranges(of: "/<wbr>g-").count == 2 * HTMLReport.rowLimit)
    #expect(page.ranges(of: "The first 5000 of 5003 are shown.").count == 2)
    #expect(page.contains("fleetplan report 1 --format csv --state failed --output run-1.csv"))
  }
}
