import AutoScaling
import ChangePlan
import Foundation
import Testing

@testable import fleetplan_bench

struct BenchPlanTests {
  private static func read(_ format: BenchPlan.Format, rows: Int) throws -> (changes: [PlanChange], PlanSummary) {
    let folder = try WorkFolder("plan-test")
    defer { #expect(throws: Never.self) { try folder.remove() } }
    let file = folder.path("plan.\(format.rawValue)")
    try BenchPlan.write(rows: rows, format, to: file)
    var changes: [PlanChange] = []
    let summary = try PlanReader().read(
      PlanSource(argument: file), format: #require(PlanFormat(rawValue: format.rawValue))
    ) { changes.append($0) }
    return (changes, summary)
  }

  @Test(arguments: BenchPlan.Format.allCases)
  func `every format is a plan without a fault, and says the same`(format: BenchPlan.Format) throws {
    // More than fits into the buffer that it is written through.
    let rows = 5_000
    let (changes, summary) = try Self.read(format, rows: rows)
    #expect(summary.diagnostics.errorCount == 0 && summary.diagnostics.warningCount == 0)
    #expect(changes.count == rows)
    #expect(Set(changes.map(\.group)).count == rows)
    for change in changes {
      #expect(change.group == GroupReference(projectID: BenchPlan.project, groupID: BenchPlan.groupID(change.number)))
      #expect(change.planned.entries.count == 5)
      #expect(change.planned.json.utf8.count == BenchPlan.body(change.number).utf8.count)
    }
  }

  @Test func `a million rows of CSV are about 95 MB, of seven columns`() {
    #expect((90...100).contains(BenchPlan.change(999_999, .csv).utf8.count))
    #expect(BenchPlan.frame(.csv).head.split(separator: ",").count == 7)
  }

  @Test func `curl gets a GET and a PUT for each change`() throws {
    let folder = try WorkFolder("curl-test")
    defer { #expect(throws: Never.self) { try folder.remove() } }
    try BenchPlan.writeCurl(rows: 2, endpoint: "http://127.0.0.1:1", to: folder.path("curl.conf"))
    let lines = try String(contentsOfFile: folder.path("curl.conf"), encoding: .utf8).split(separator: "\n")
    let first =
      "url = \"http://127.0.0.1:1/autoscaling-api/v1/\(BenchPlan.project)/scaling_group/\(BenchPlan.groupID(1))\""
    #expect(lines.filter { $0 == first }.count == 2)
    #expect(lines.filter { $0 == "next" }.count == 3)
    #expect(lines.filter { $0 == "request = \"PUT\"" }.count == 2)
    #expect(lines.contains { $0.hasPrefix("data = \"{\\\"scaling_group_name\\\":\\\"group-0000001\\\",") })
    #expect(lines.last != "next")
  }
}
