import AutoScaling
import AutoScalingSimulator
import Foundation
import JSONText
import Testing

@testable import fleetplan

/// `preview --json`: one document, whose keys stay.
struct PreviewDocumentTests {
  private static let keys = ["kind", "run_id", "plan_id", "plan_file", "plan_sha256", "changes", "summary", "error"]
  private static let changeKeys = [
    "change", "line", "project_id", "scaling_group_id", "scaling_group_name", "verdict", "fields", "follows_line",
    "instance_change", "error_code", "reason",
  ]
  private static let summaryKeys = [
    "changes", "groups", "projects", "apply", "unchanged", "blocked", "conflicted", "waiting", "missing", "failed",
    "instances_added", "instances_removed", "largest_addition", "largest_removal", "groups_to_zero", "fields",
    "irreversible", "unrestorable", "removing_instances", "requests", "rate", "estimated_seconds",
  ]

  @Test func `every change and the summary have all keys`() async throws {
    try await PreviewFixture.with { fixture in
      fixture.addGroup("g-1", name: "web-1")
      fixture.addGroup("g-2", name: "web-2", desired: 4)
      let plan = try fixture.file(
        "plan.csv", "scaling_group_id,desire_instance_number\ng-1,5\ng-gone,2\ng-2,3\ng-1,4\n")
      let result = try await fixture.preview(plan, "--project", PreviewFixture.project, "--json", "--rate", "4")
      #expect(result.status == 1)
      let start = try #require(result.output.firstIndex(of: "{"))
      let document = try JSONParser.parse(String(result.output[start...]))
      #expect(document.names == Self.keys)
      #expect(document["error"]?.isNull == true)
      let changes = try #require(document["changes"]?.arrayValue)
      #expect(changes.count == 4)
      for change in changes { #expect(change.names == Self.changeKeys) }
      #expect(changes[0]["fields"]?["desire_instance_number"]?.names == ["prior", "planned", "restorable"])
      #expect(changes[1]["scaling_group_name"]?.isNull == true)
      #expect(changes.map { $0["follows_line"]?.integerValue } == [nil, nil, nil, 2])
      let summary = try #require(document["summary"])
      #expect(summary.names == Self.summaryKeys)
      #expect(summary["rate"]?.integerValue == 4)
      #expect(summary["estimated_seconds"]?.value == .number("1.75"))
      let largest = try #require(summary["largest_addition"])
      #expect(
        largest.names == ["instances", "change", "line", "project_id", "scaling_group_id", "scaling_group_name"])
      #expect(largest["instances"]?.integerValue == 3)
      #expect(largest["scaling_group_name"]?.stringValue == "web-1")
      #expect(summary["largest_removal"]?["instances"]?.integerValue == -1)
      #expect(summary["largest_removal"]?["line"]?.integerValue == 4)
      // Without the changes the rest is the same.
      let short = try await fixture.preview(
        plan, "--project", PreviewFixture.project, "--json", "--summary", "--rate", "4")
      let shortStart = try #require(short.output.firstIndex(of: "{"))
      let sums = try JSONParser.parse(String(short.output[shortStart...]))
      #expect(sums.names == Self.keys.filter { $0 != "changes" })
      let place = try #require(result.output.range(of: ",\"summary\":"))
      #expect(short.output.hasSuffix(result.output[place.lowerBound...]))
    }
  }

  @Test func `a plan that changes nothing has nothing to do`() async throws {
    try await PreviewFixture.with { fixture in
      let plan = try fixture.file(
        "plan.csv", "scaling_group_id,cool_down_time,expect:cool_down_time\ng-1,60,60\n")
      let arguments = [plan, "--project", PreviewFixture.project, "--rate", "0"]
      let result = try await fixture.preview(arguments)
      #expect(result.status == 0)
      #expect(result.output.hasSuffix("\(plan): 0 changes to 0 groups in 0 projects\n  nothing to do\n"))
      let json = try await fixture.preview(arguments + ["--json"])
      let start = try #require(json.output.firstIndex(of: "{"))
      let document = try JSONParser.parse(String(json.output[start...]))
      #expect(document.names == Self.keys)
      #expect(document["changes"]?.arrayValue?.isEmpty == true)
      #expect(document["summary"]?.names == Self.summaryKeys)
      #expect(document["summary"]?["estimated_seconds"]?.isNull == true)
      #expect(fixture.server.cloud.journal.isEmpty)
    }
  }

  @Test func `a look that fails half-way closes its document and says how far it came`() async throws {
    try await PreviewFixture.with { fixture in
      fixture.addGroup("g-1", name: "web-1")
      fixture.addGroup("g-2", name: "web-2")
      // Projects are looked at in the order of their ids, and this one is not there.
      let plan = try fixture.file(
        "plan.csv",
        "project_id,scaling_group_id,cool_down_time\n"
          + ["zzz,g-8", "\(PreviewFixture.project),g-1", "zzz,g-9", "\(PreviewFixture.project),g-2"]
          .map { $0 + ",60\n" }.joined())
      let export = fixture.path("export.csv")
      let result = try await fixture.preview(plan, "--json", "--export", export)
      #expect(result.status == 69)
      #expect(result.message?.hasSuffix(". Looked at before that: 2 of 4 changes") == true)
      #expect(!FileManager.default.fileExists(atPath: export))
      let document = try JSONParser.parse(result.output)
      #expect(document.names == Self.keys)
      #expect(document["changes"]?.arrayValue?.map { $0["line"]?.integerValue } == [3, 5])
      #expect(document["summary"]?.isNull == true)
      #expect(document["error"]?.names == ["exit_status", "message"])
      #expect(document["error"]?["exit_status"]?.integerValue == 69)
      #expect(document["error"]?["message"]?.stringValue == result.message)
      // For people it is the same changes, and no sums.
      let text = try await fixture.preview(plan)
      #expect(
        text.output == """
          web-1 \(PreviewFixture.project)/g-1, line 3
            cool_down_time: 300 → 60
          web-2 \(PreviewFixture.project)/g-2, line 5
            cool_down_time: 300 → 60

          """)
    }
  }

  @Test func `a look that fails at once writes no document`() async throws {
    try await PreviewFixture.with(groups: 3, { $0.authentication = .token }) { fixture in
      let result = try await fixture.preview(try fixture.coolDownPlan(fixture.server.cloud.references), "--json")
      #expect(result.status == 77)
      #expect(result.output.isEmpty)
      #expect(result.message?.contains("Looked at") == false)
    }
  }
}
