import ArgumentParser
import AutoScaling
import AutoScalingSimulator
import Foundation
import JSONText
import Testing

@testable import fleetplan

struct PreviewCommandTests {
  /// One change of every kind.
  private static let plan = """
    scaling_group_id,min_instance_number,desire_instance_number,max_instance_number,cool_down_time,available_zones,\
    description,expect:cool_down_time
    g-web,,4,10,,,,
    g-same,,,,300,,,
    g-low,,,1,,,,
    g-drift,,,,600,,,200
    g-busy,,,,,eu-de-01;eu-de-03,,
    g-gone,,,,60,,,
    g-last,0,0,,,,nobody needs it,
    g-low,,,,60,,,

    """

  private static func addGroups(_ fixture: PreviewFixture) {
    fixture.addGroup("g-web", name: "web-1")
    fixture.addGroup("g-same", name: "same-1")
    fixture.addGroup("g-low", name: "low-1", minimum: 2)
    fixture.addGroup("g-drift", name: "drift-1")
    fixture.addGroup("g-busy", name: "busy-1", GroupModification([.availableZones: .strings(["eu-de-02"])]))
    fixture.addGroup("g-last", name: "last-1", desired: 3, GroupModification([.description: .string("")]))
    fixture.addGroup("g-other", name: "nobody plans for it")
    fixture.server.cloud.startScaling(fixture.reference("g-busy"), lasting: .seconds(3600), now: fixture.server.now)
  }

  @Test func `a small plan is shown to the character`() async throws {
    try await PreviewFixture.with { fixture in
      Self.addGroups(fixture)
      let plan = try fixture.file("plan.csv", Self.plan)
      let result = try await fixture.preview(plan, "--project", PreviewFixture.project)
      let expected = """
        \(plan):9:1: warning: scaling_group_id: line 4 changes the same group (g-low); both are run, in the order of the plan
        web-1 g-web, line 2
          desire_instance_number: 2 → 4 (2 instances added)
          max_instance_number: 5 → 10
        same-1 g-same, line 3
          unchanged
        low-1 g-low, line 4
          blocked: max_instance_number: 1 is below the group's min_instance_number (2)
        drift-1 g-drift, line 5
          conflicted: cool_down_time is 300, expected was 200
        busy-1 g-busy, line 6
          available_zones: ["eu-de-02"] → ["eu-de-01","eu-de-03"]
          waiting: available_zones: the group is scaling; available_zones can change only while no scaling action is in progress
        g-gone, line 7
          missing: HTTP 400 AS.2007: The AS group does not exist.
        last-1 g-last, line 8
          min_instance_number: 1 → 0
          desire_instance_number: 3 → 0 (3 instances removed)
          description: "" → "nobody needs it"
          cannot be taken back: description was empty before the change, and the API takes no empty description
        low-1 g-low, line 9
          blocked: line 4 is for the same group and would end blocked (--keep-going goes on)

        \(plan): 8 changes to 7 groups in 1 project
          to apply        2
          unchanged       1
          blocked         2 (lines 4, 9)
          conflicted      1 (line 5)
          waiting         1 (line 6), until the group's scaling action has ended
          missing         1 (line 7)
          instances       2 added, at most 2 by one change (line 2, web-1)
                          3 removed, at most 3 by one change (line 8, last-1)
          groups to zero  1 (last-1)
          fields          min_instance_number 1, desire_instance_number 2, max_instance_number 1, available_zones 1, description 1
          not reversible  1 change: 1 with a prior value that cannot be written back, 1 removing instances
          a run sends     11 requests, about 1 s at 10/s

        """
      #expect(result.output == expected)
      #expect(result.status == 1)
      #expect(fixture.requests() == [.list: 1, .get: 1])
    }
  }

  @Test func `nothing that is looked at is changed, and no ledger is made`() async throws {
    try await PreviewFixture.with(groups: 30) { fixture in
      let before = fixture.server.cloud.snapshotAll(now: fixture.server.now)
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references)
      let result = try await fixture.preview(plan)
      #expect(result.status == 0)
      #expect(fixture.server.cloud.snapshotAll(now: fixture.server.now) == before)
      #expect(fixture.requests()[.put] == nil)
      #expect(!FileManager.default.fileExists(atPath: fixture.ledger))
    }
  }

  @Test func `a loaded plan is read from its ledger, which stays as it is`() async throws {
    try await PreviewFixture.with(groups: 3) { fixture in
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references)
      try LoadCommand.parse([plan, "--ledger", fixture.ledger, "--quiet", "--json"]).run()
      let before = try Data(contentsOf: URL(fileURLWithPath: fixture.ledger))
      let result = try await fixture.preview("--plan", "1", "--summary")
      #expect(result.status == 0)
      #expect(
        result.output == """
          \(plan): 3 changes to 3 groups in 1 project
            to apply        3
            unchanged       0
            instances       none added, none removed
            fields          cool_down_time 3
            a run sends     6 requests, about 600 ms at 10/s

          """)
      #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.ledger)) == before)
      let missing = try await fixture.preview("--plan", "2")
      #expect(missing.status == 66)
    }
  }

  @Test func `the JSON document has every change and the sums`() async throws {
    try await PreviewFixture.with { fixture in
      Self.addGroups(fixture)
      let plan = try fixture.file("plan.csv", Self.plan.replacing("g-low,,,,60,,,\n", with: ""))
      let result = try await fixture.preview(plan, "--project", PreviewFixture.project, "--json")
      let document = try JSONParser.parse(result.output)
      let changes = try #require(document["changes"]?.arrayValue)
      let verdicts = changes.map { "\($0["line"]?.integerValue ?? 0) \($0["verdict"]?.stringValue ?? "")" }
      #expect(
        verdicts == [
          "2 apply", "3 unchanged", "4 blocked", "5 conflicted", "6 waiting", "7 missing", "8 apply",
        ])
      let first = try #require(changes.first)
      #expect(first["scaling_group_name"]?.stringValue == "web-1")
      #expect(first["fields"]?["desire_instance_number"]?["prior"]?.integerValue == 2)
      #expect(first["fields"]?["desire_instance_number"]?["planned"]?.integerValue == 4)
      #expect(first["instance_change"]?.integerValue == 2)
      let summary = try #require(document["summary"])
      #expect(summary["changes"]?.integerValue == 7)
      #expect(summary["apply"]?.integerValue == 2)
      #expect(summary["instances_removed"]?.integerValue == 3)
      #expect(summary["groups_to_zero"]?.integerValue == 1)
      #expect(summary["fields"]?["max_instance_number"]?.integerValue == 1)
      #expect(document["plan_id"]?.isNull == true)
      #expect(document["kind"]?.stringValue == "apply")
    }
  }

  @Test func `a bad plan is refused with its diagnostics`() async throws {
    try await PreviewFixture.with { fixture in
      let plan = try fixture.file("bad.csv", "scaling_group_id,cool_down_time\ng-1,soon\n")
      let result = try await fixture.preview(plan, "--project", PreviewFixture.project)
      #expect(result.status == 65)
      #expect(result.output.hasPrefix("\(plan):2:5: error: cool_down_time: "))
      #expect(fixture.server.cloud.journal.isEmpty)
    }
  }

  @Test func `refused credentials cost one request`() async throws {
    try await PreviewFixture.with(groups: 300, { $0.authentication = .token }) { fixture in
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references)
      let result = try await fixture.preview(plan)
      #expect(result.status == 77)
      #expect(fixture.server.cloud.journal.count == 1)
    }
  }

  @Test(arguments: [
    ([], ["blocked", "apply", "apply"]),
    (["--skip-preconditions"], ["apply", "apply", "apply"]),
    (["--require-reversible"], ["blocked", "blocked", "blocked"]),
  ])
  func `flags of the run are honoured`(flags: [String], verdicts: [String]) async throws {
    try await PreviewFixture.with { fixture in
      fixture.addGroup("g-low", name: "low-1", minimum: 2)
      fixture.addGroup("g-few", name: "few-1", desired: 3)
      fixture.addGroup("g-text", name: "text-1", GroupModification([.description: .null]))
      let plan = try fixture.file(
        "plan.csv",
        """
        scaling_group_id,max_instance_number,desire_instance_number,description
        g-low,1,,
        g-few,,2,
        g-text,,,new

        """)
      let result = try await fixture.preview([plan, "--project", PreviewFixture.project, "--json"] + flags)
      let changes = try JSONParser.parse(result.output)["changes"]?.arrayValue ?? []
      #expect(changes.map { $0["verdict"]?.stringValue } == verdicts)
    }
  }
}
