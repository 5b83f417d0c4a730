import AutoScaling
import AutoScalingSimulator
import ChangePlan
import Foundation
import Ledger
import Reports
import Testing

@testable import fleetplan

struct PreviewExportTests {
  @Test func `the export has the values seen, and only what was meant is changed later`() async throws {
    try await PreviewFixture.with { fixture in
      fixture.addGroup("g-1", name: "web-1", GroupModification([.description: .null]))
      fixture.addGroup("g-2", name: "web-2")
      fixture.addGroup("g-3", name: "web-3")
      let plan = try fixture.file(
        "plan.csv",
        """
        scaling_group_id,max_instance_number,cool_down_time,description,comment,expect:cool_down_time
        g-3,,600,,,200
        g-1,10,60,"front, of house",CHG-1,
        g-2,8,300,,,
        g-gone,8,,,,
        g-2,9,,,"again; higher",

        """)
      let export = fixture.path("reviewed.csv")
      let result = try await fixture.preview(plan, "--project", PreviewFixture.project, "--export", export)
      #expect(result.status == 1)
      let project = PreviewFixture.project
      #expect(
        try fixture.text("reviewed.csv") == """
          project_id,scaling_group_id,max_instance_number,cool_down_time,description,expect:max_instance_number,\
          expect:cool_down_time,expect:description,comment
          \(project),g-3,,600,,,200,,
          \(project),g-1,10,60,"front, of house",5,300,"\"\"\"\"",CHG-1
          \(project),g-2,8,300,,5,300,,
          \(project),g-gone,8,,,,,,
          \(project),g-2,9,,,8,,,"again; higher"

          """)
      // Somebody changes one of the values meanwhile.
      fixture.server.cloud.setFields(
        GroupModification([.maxInstanceNumber: .integer(6)]), of: fixture.reference("g-1"), now: fixture.server.now)
      let again = try await fixture.preview(export)
      #expect(again.output.contains("conflicted: max_instance_number is 6, expected was 5\n"))
      #expect(again.output.contains("conflicted: cool_down_time is 300, expected was 200\n"))
      #expect(again.output.contains("  max_instance_number: 5 → 8\n"))
      #expect(again.output.contains("  max_instance_number: 8 → 9\n"))
    }
  }

  @Test func `an existing file is not overwritten, and half a plan is not left behind`() async throws {
    try await PreviewFixture.with(groups: 2) { fixture in
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references)
      let export = try fixture.file("old.csv", "precious")
      let refused = try await fixture.preview(plan, "--export", export)
      #expect(refused.status == 73)
      #expect(try fixture.text("old.csv") == "precious")
      #expect(fixture.server.cloud.journal.isEmpty)
      await fixture.server.stop()
      let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
      #expect(files.filter { $0.hasSuffix(".part") }.isEmpty)
    }
  }

  @Test(arguments: [
    (GroupField.scalingGroupName, FieldValue.string("web-1")),
    (.description, .string("two\nlines, \"quoted\" ")),
    (.description, .null),
    (.enterpriseProjectID, .string("")),
    (.enterpriseProjectID, .null),
    (.coolDownTime, .integer(0)),
    (.deleteVolume, .boolean(false)),
    (.availableZones, .strings(["eu-de-02", "eu-de-01"])),
    (.notifications, .strings([])),
    (.notifications, .null),
    (.networks, .networks([Network(id: "n-1", ipv6Enable: false), Network(id: "n-2")])),
    (.networks, .networks([Network(id: "n-1", ipv6Enable: true, ipv6BandwidthID: "b-1")])),
    (.securityGroups, .securityGroups(["s-1"])),
    (.securityGroups, .null),
    (.lbaasListeners, .listeners([Listener(poolID: "p-1", protocolPort: 80, weight: 1)])),
    (.lbaasListeners, .null),
    (.lbListenerID, .string("l-1,l-2")),
  ])
  func `a live value is read back as what is expected`(field: GroupField, value: FieldValue) async throws {
    let planned = GroupModification([.maxInstanceNumber: .integer(7)])
    let expected = GroupModification([field: try #require(value.withCell(of: field))])
    var columns = CSVPlanWriter.Columns()
    columns.add(planned: planned, expected: expected, comment: nil)
    let writer = CSVPlanWriter(columns)
    let group = GroupReference(projectID: "p", groupID: "g")
    let line = writer.line(group: group, planned: planned, expected: expected, comment: nil)
    try await PreviewFixture.with { fixture in
      let path = try fixture.file("plan.csv", writer.header + line)
      var changes: [PlanChange] = []
      let summary = try PlanReader().read(PlanSource(argument: path), format: .csv) { changes.append($0) }
      #expect(summary.diagnostics.listed.isEmpty)
      let back = try #require(changes.first?.expected[field])
      #expect(field.areEqual(back, value, zonesAreOrdered: true))
    }
  }

  @Test func `what no cell can hold is left out of the expected values`() {
    #expect(FieldValue.null.withCell(of: .coolDownTime) == nil)
    #expect(FieldValue.string("bell \u{7}").withCell(of: .description) == nil)
    #expect(FieldValue.string(" web").withCell(of: .scalingGroupName) == nil)
    #expect(FieldValue.string(" web").withCell(of: .description) == .string(" web"))
  }
}
