import AutoScaling
import AutoScalingSimulator
import Foundation
import JSONText
import Ledger
import Testing

@testable import fleetplan

/// `rollback --dry-run` and `--export`.
@Suite(.serialized)
struct PreviewRollbackTests {
  private static let plan = """
    scaling_group_id,desire_instance_number,max_instance_number,cool_down_time,description,comment
    g-1,,,60,,first
    g-2,4,,,,
    g-3,,,,now with words,
    g-1,,10,90,,second
    g-4,,,300,,

    """

  private static func with(_ body: (PreviewFixture) async throws -> Void) async throws {
    try await PreviewFixture.with { fixture in
      fixture.addGroup("g-1", name: "web-1")
      fixture.addGroup("g-2", name: "web-2")
      fixture.addGroup("g-3", name: "web-3", GroupModification([.description: .string("")]))
      fixture.addGroup("g-4", name: "web-4")
      try await fixture.execute(try fixture.file("plan.csv", plan), project: PreviewFixture.project)
      try await body(fixture)
    }
  }

  @Test func `a dry run shows what would be restored, newest first within a group, and sends no PUT`() async throws {
    try await Self.with { fixture in
      fixture.server.cloud.setFields(
        GroupModification([.desireInstanceNumber: .integer(5)]), of: fixture.reference("g-2"), now: fixture.server.now)
      let puts = fixture.requests()[.put]
      let ledger = try Data(contentsOf: URL(fileURLWithPath: fixture.ledger))
      let result = try await fixture.rollback("--dry-run")
      #expect(
        result.output == """
          web-1 g-1, line 5
            max_instance_number: 10 → 5
            cool_down_time: 90 → 60
          web-3 g-3, line 4
            blocked: description: description was empty before the change, and the API takes no empty description
          web-2 g-2, line 3
            conflicted: desire_instance_number is 5, expected was 4
          web-1 g-1, line 2, after line 5
            cool_down_time: 60 → 300

          rollback of run 1: 4 changes to 3 groups in 1 project
            to apply        2
            unchanged       0
            blocked         1 (line 4)
            conflicted      1 (line 3)
            instances       none added, none removed
            fields          max_instance_number 1, cool_down_time 2
            a run sends     5 requests, about 500 ms at 10/s

          """)
      #expect(result.status == 1)
      #expect(fixture.requests()[.put] == puts)
      #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.ledger)) == ledger)
    }
  }

  @Test func `drift that is to be overwritten is no conflict`() async throws {
    try await Self.with { fixture in
      fixture.server.cloud.setFields(
        GroupModification([.desireInstanceNumber: .integer(5)]), of: fixture.reference("g-2"), now: fixture.server.now)
      let result = try await fixture.rollback("--dry-run", "--overwrite-drift", "--json")
      let document = try JSONParser.parse(result.output)
      #expect(document["kind"]?.stringValue == "rollback")
      #expect(document["run_id"]?.integerValue == 1)
      #expect(document["summary"]?["conflicted"]?.integerValue == 0)
      #expect(document["summary"]?["instances_removed"]?.integerValue == 3)
      #expect(document["changes"]?.arrayValue?.count == 4)
    }
  }

  @Test func `the inverse plan is written from the ledger alone`() async throws {
    try await Self.with { fixture in
      let count = fixture.server.cloud.journal.count
      let path = fixture.path("undo.csv")
      let result = try await fixture.rollback("--export", path, "--json")
      #expect(result.status == 0)
      let project = PreviewFixture.project
      #expect(
        try fixture.text("undo.csv") == """
          project_id,scaling_group_id,desire_instance_number,max_instance_number,cool_down_time,\
          expect:desire_instance_number,expect:max_instance_number,expect:cool_down_time,comment
          \(project),g-1,,5,60,,10,90,second
          \(project),g-2,2,,,4,,,
          \(project),g-1,,,300,,,60,first

          """)
      #expect(
        result.output
          == #"{"run_id":1,"plan_id":1,"file":"\#(path)","changes":4,"written":3,"unrestorable":1}"# + "\n")
      #expect(fixture.server.cloud.journal.count == count)
      // It does what the rollback would have done.
      try await fixture.execute(path, project: nil)
      let group = fixture.server.cloud.group(fixture.reference("g-1"), now: fixture.server.now)
      #expect(group?.values[.coolDownTime] == .integer(300))
      #expect(group?.values[.maxInstanceNumber] == .integer(5))
    }
  }

  @Test func `a rollback is taken back from the oldest change on, and then there is nothing left`() async throws {
    try await PreviewFixture.with { fixture in
      fixture.addGroup("g-1", name: "web-1")
      let plan = try fixture.file("plan.csv", "scaling_group_id,cool_down_time\ng-1,60\ng-1,90\n")
      try await fixture.execute(plan, project: PreviewFixture.project)
      try await fixture.rollBack("1")
      let puts = fixture.requests()[.put]
      let again = try await fixture.rollback("2", "--dry-run")
      #expect(
        again.output.hasPrefix(
          """
          web-1 g-1, line 2
            cool_down_time: 300 → 60
          web-1 g-1, line 3, after line 2
            cool_down_time: 60 → 90

          """))
      #expect(again.status == 0)
      // Two changes, and one group to look at.
      #expect(fixture.requests()[.list] == nil)
      let gets = fixture.server.cloud.journal.count
      let done = try await fixture.rollback("1", "--dry-run", "--json")
      #expect(done.status == 0)
      #expect(try JSONParser.parse(done.output)["changes"]?.arrayValue?.isEmpty == true)
      #expect(fixture.server.cloud.journal.count == gets)
      #expect(fixture.requests()[.put] == puts)
    }
  }

  @Test func `a run that is not there is said so`() async throws {
    try await Self.with { fixture in
      let result = try await fixture.rollback("7", "--dry-run")
      #expect(result.status == 66)
    }
  }
}
