import AutoScaling
import ChangePlan
import ChangeRun
import Foundation
import Ledger
import Testing

@testable import Reports

@Suite struct ChangeReportsTests {
  private let ledger: ReportLedger

  init() throws { ledger = try ReportLedger() }

  @Test func `CSV has the columns of change_report, and no formulas`() throws {
    let run = try ledger.makeRun()
    let text = try ledger.text { try ChangeReports.writeCSV(run, in: $0, states: nil, to: $1) }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines[0]
        == "run_id,change,line,project_id,scaling_group_id,scaling_group_name,state,applied,attempts,http_status,"
        + "error_code,error_message,planned,prior,found,started_at,finished_at,comment")
    #expect(
      lines[1]
        == #"1,1,2,project-a,group-1,集群-web,succeeded,yes,2,200,,,"{""desire_instance_number"":3}","#
        + #""{""desire_instance_number"":2}",,2025-11-25T01:02:03.456Z,2025-11-25T01:02:04.456Z,"'=cmd, they said""#)
    #expect(lines[3].contains(#",AS.2007,"'+no ""such"" group"#))
    #expect(lines[5].hasSuffix(#",1970-01-01T00:00:01.000Z,,"two"#))
    #expect(lines[6] == "lines\"")
    #expect(lines[7] == "" && lines.count == 8)
  }

  @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"])
  func `what a spreadsheet would take for a formula is text`(text: String) {
    #expect(CSVText.unlikeFormula(text) == "'" + text)
    #expect(CSVText.unlikeFormula("x" + text) == "x" + text)
  }

  @Test func `states choose the lines`() throws {
    let run = try ledger.makeRun()
    let text = try ledger.text { try ChangeReports.writeCSV(run, in: $0, states: [.failed, .blocked], to: $1) }
    #expect(text.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] } == ["3", "4"])
    let lines = try ledger.text { try ChangeReports.writeText(run, in: $0, states: [.failed, .succeeded], to: $1) }
    #expect(
      lines == """
        plans/raise.csv:2: succeeded: project-a/group-1 (集群-web), applied: yes
        plans/raise.csv:4: failed: project-b/group-3: 400 AS.2007 +no "such" group\\u{1b}[2J

        """)
  }

  private func read(_ text: String) throws -> [PlanChange] {
    let file = ledger.folder + "/again.csv"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    var changes: [PlanChange] = []
    let summary = try PlanReader().read(PlanSource(argument: file), format: .csv) { changes.append($0) }
    #expect(summary.isValid, "\(summary.diagnostics.listed)")
    return changes
  }

  @Test func `a plan report is a plan of the chosen changes`() throws {
    let run = try ledger.makeRun()
    let all = try ledger.text { try ChangeReports.writePlan(run, in: $0, states: nil, to: $1) }
    #expect(
      all.hasPrefix(
        "project_id,scaling_group_id,desire_instance_number,available_zones,expect:desire_instance_number,comment\n"))
    var planned: [PlanChange] = []
    _ = try PlanReader().read(
      PlanSource(argument: ledger.folder + "/raise.csv"), format: .csv
    ) { planned.append($0) }
    #expect(try read(all) == planned)
    let some = try ledger.text { try ChangeReports.writePlan(run, in: $0, states: [.failed, .blocked], to: $1) }
    #expect(
      some == """
        project_id,scaling_group_id,desire_instance_number
        project-b,group-3,5
        project-b,group-4,6

        """)
  }

  @Test func `every field comes back as it was`() throws {
    var planned = GroupModification()
    planned[.scalingGroupName] = .string("web_blue-1")
    planned[.minInstanceNumber] = .integer(0)
    planned[.availableZones] = .strings(["eu-de-01", "eu-de-02"])
    planned[.networks] = .networks([Network(id: "n1"), Network(id: "n2", ipv6Enable: true, ipv6BandwidthID: "b")])
    planned[.securityGroups] = .securityGroups(["s1"])
    planned[.lbaasListeners] = .listeners([Listener(poolID: "p", protocolPort: 80, weight: 0)])
    planned[.notifications] = .strings([])
    planned[.deleteVolume] = .boolean(false)
    planned[.enterpriseProjectID] = .string("")
    planned[.description] = .string("=SUM(1;2)\nsecond line")
    var expected = GroupModification()
    expected[.networks] = .networks([Network(id: "n1"), Network(id: "n2")])
    expected[.lbaasListeners] = .listeners([
      Listener(poolID: "p", protocolPort: 80, weight: 1), Listener(poolID: "q", protocolPort: 443, weight: 100),
    ])
    expected[.coolDownTime] = .null
    let group = GroupReference(projectID: "project-a", groupID: "group-1")
    var columns = CSVPlanWriter.Columns()
    columns.add(planned: planned, expected: expected, comment: "a;b")
    let writer = CSVPlanWriter(columns)
    let changes = try read(
      writer.header + writer.line(group: group, planned: planned, expected: expected, comment: "a;b"))
    // An expected null has no cell.
    expected[.coolDownTime] = nil
    #expect(
      changes == [
        PlanChange(number: 1, line: 2, group: group, planned: planned, expected: expected, comment: "a;b")
      ])
  }
}

@Suite struct BreakdownAndHistoryTests {
  private let ledger: ReportLedger

  init() throws { ledger = try ReportLedger() }

  @Test func `breakdowns have a line for each key`() throws {
    let run = try ledger.makeRun()
    let text = { (key: BreakdownReport.Key) in
      try ledger.text { try BreakdownReport(run, by: key, in: $0).writeText(to: $1) }
    }
    #expect(
      try text(.project) == """
        project    total  succeeded  unchanged  failed  blocked  unfinished
        project-b      3          0          0       1        1           1
        project-a      2          1          1       0        0           0

        """)
    #expect(
      try text(.field) == """
        field                   total  succeeded  unchanged  failed  blocked  unfinished
        desire_instance_number      5          1          1       1        1           1
        available_zones             1          0          1       0        0           0

        """)
    #expect(
      try text(.error) == """
        error       total  failed  blocked  message of the first
        AS.2007         1       1        0  +no "such" group\\u{1b}[2J
        FP.SCALING      1       0        1  still scaling

        """)
    #expect(try text(.state).split(separator: "\n").count == 6)
    try ledger.writer.read { (snapshot) throws in
      let report = try BreakdownReport(run, by: .error, in: snapshot)
      #expect(
        report.json.hasPrefix(
          #"[{"error":"AS.2007","total":1,"succeeded":0,"unchanged":0,"failed":1,"blocked":0,"conflicted":0,"#
            + #""abandoned":0,"unfinished":0,"message":"#))
      var csv = ""
      report.writeCSV { csv += $0 }
      #expect(csv.split(separator: "\n")[2] == "FP.SCALING,1,0,0,0,1,0,0,0,still scaling")
    }
  }

  @Test func `history lists plans and runs`() throws {
    let empty = try ledger.text { try HistoryReport($0, activeRun: nil).writeText(style: testStyle, to: $1) }
    #expect(empty.hasSuffix("\nno runs\n"))
    let run = try ledger.makeRun()
    let text = try ledger.text { try HistoryReport($0, activeRun: 1).writeText(style: testStyle, to: $1) }
    #expect(
      text == """
        plan  name       changes  groups  loaded                      sha256
           1  raise.csv        5       5  2001-09-09 02:46:40 +01:00  \(run.planSHA256.prefix(12))

        run  plan  kind   state    done  of  trouble  started                     took       by  reason
          1     1  apply  running     2   5        2  2025-11-25 02:02:03 +01:00  2 min 5 s  me  tonight

        """)
    let json = try ledger.writer.read { try HistoryReport($0, activeRun: nil).json }
    #expect(
      json.hasPrefix(
        #"{"plans":[{"plan_id":1,"name":"raise.csv","file":"plans/raise.csv","format":"csv","sha256":"#))
    #expect(json.contains(#""runs":[{"run_id":1,"plan_id":1,"kind":"apply","state":"stopped""#))
    #expect(json.hasSuffix(#""elapsed_seconds":125.25}]}"#))
  }
}
