import AutoScaling
import Foundation
import Testing

/// `report --format html` of the real program, of runs on the simulator.
struct HTMLReportCommandTests {
  /// Two groups and one that is not there; a name that would be markup.
  private func runPlan(_ stage: Stage) async throws {
    stage.addGroup("g-1", GroupModification([.scalingGroupName: .string("<b>&web")]))
    stage.addGroup("g-2")
    let rows = ["g-1,60", "g-2,60", "gone,60"].map { "\(Stage.project),\($0)\n" }
    try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
    let result = try await stage.fleetplan(stage.running("plan.csv", "--reason", "<i>CHG-1</i>"))
    #expect(result.ending == .exit(1), "\(result.errors)")
  }

  @Test func `a page goes to a file that is whole, or to standard output`() async throws {
    try await Stage.with { stage in
      try await runPlan(stage)
      let path = stage.folder.path("run.html")
      #expect(try await stage.fleetplan("report", "--format", "html", "--output", path).ending == .exit(0))
      let shown = try await stage.fleetplan("report", "1", "--format", "html")
      let page = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
      #expect(page.hasPrefix("<!DOCTYPE html>\n") && page.hasSuffix("</html>\n"))
      // They differ in the second at which they were made, at most.
      let lines = { (text: String) in text.split(separator: "\n").filter { !$0.hasPrefix("<footer>") } }
      #expect(lines(shown.output) == lines(page))
      #expect(
        page.contains("&lt;b&gt;&amp;web") && page.contains("&lt;i&gt;CHG-1&lt;/i&gt;") && !page.contains("<i>CHG"))
      #expect(page.contains("AS.2007") && page.contains("the AS group does not exist"))
      #expect(page.contains("<div>cool_down_time: 300 <span class=\"to\">→</span> 60</div>"))
      #expect(page.contains("fleetplan resume 1 --retry-failed"))
      #expect(try stage.folder.names.allSatisfy { !$0.hasSuffix(".tmp") })
    }
  }

  @Test func `a rollback has a page, and so has a run of which nothing is there`() async throws {
    try await Stage.with { stage in
      try await runPlan(stage)
      #expect(
        try await stage.fleetplan(["rollback", "1", "--yes"] + stage.connection + Stage.quick).ending == .exit(0))
      let page = try await stage.fleetplan("report", "2", "--format", "html").output
      #expect(page.contains("rollback of run 1") && page.contains("Every change is as planned."))
      #expect(page.contains("<div>cool_down_time: 60 <span class=\"to\">→</span> 300</div>"))
      #expect(try await stage.fleetplan("report", "7", "--format", "html").ending == .exit(66))
    }
  }

  @Test(arguments: [["--by", "error"], ["--state", "failed"], ["--json"]])
  func `what a page has no room for is refused`(arguments: [String]) async throws {
    try await Stage.with { stage in
      let result = try await stage.fleetplan(["report", "--format", "html"] + arguments)
      #expect(result.ending == .exit(64) && result.output.isEmpty)
    }
  }

  @Test func `a plan of what went wrong runs`() async throws {
    try await Stage.with { stage in
      try await runPlan(stage)
      stage.addGroup("gone")
      let path = stage.folder.path("again.csv")
      let made = try await stage.fleetplan(
        "report", "--format", "plan", "--state", "failed,blocked,conflicted", "--output", path)
      #expect(made.ending == .exit(0), "\(made.errors)")
      let again = try await stage.fleetplan(stage.running("again.csv"))
      #expect(again.ending == .exit(0), "\(again.errors)")
      #expect(stage.value("gone", .coolDownTime) == .integer(60))
    }
  }
}
