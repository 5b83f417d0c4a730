import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Testing

/// The ends that a change can have other than success (contract, section 4), by the executable.
struct ChangeLifeTests {
  private static func plan(_ columns: String, _ rows: String...) -> String {
    "project_id,scaling_group_id,\(columns)\n" + rows.map { "\(Stage.project),\($0)\n" }.joined()
  }

  @Test func `a conflict is left alone, and taken up again when its cause is gone`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2", "g-3"] { stage.addGroup(group) }
      stage.change("g-2", GroupModification([.coolDownTime: .integer(77)]))
      // What is planned already is no conflict.
      stage.change("g-3", GroupModification([.coolDownTime: .integer(60)]))
      try stage.folder.file(
        "plan.csv",
        Self.plan(
          "cool_down_time,max_instance_number,expect:cool_down_time", "g-1,60,9,300", "g-2,60,9,300", "g-3,60,9,300"))
      let run = try await stage.fleetplan(stage.running("plan.csv", "--json"))
      #expect(run.ending == .exit(1))
      #expect(try stage.states() == ["succeeded": 2, "conflicted": 1])
      let failure = try #require(try run.json()["failures"]?.arrayValue?.first)
      #expect(failure["error_code"]?.stringValue == "FP.CONFLICT")
      #expect(failure["message"]?.stringValue == "cool_down_time is 77, expected was 300")
      #expect(stage.value("g-2", .coolDownTime) == .integer(77))
      #expect(stage.value("g-2", .maxInstanceNumber) == .integer(5))
      let row = try #require(try stage.rows("SELECT * FROM change_report WHERE change = 2").first)
      #expect(row["applied"] == "no")
      #expect(row["attempts"] == 0)
      #expect(row["found"] == #"{"cool_down_time":77}"#)

      // Without the flag nothing is left to do.
      let requests = stage.journal.count
      #expect(try await stage.fleetplan("resume", "--yes").ending == .exit(1))
      #expect(stage.journal.count == requests)
      stage.change("g-2", GroupModification([.coolDownTime: .integer(300)]))
      let retried = try await stage.fleetplan("resume", "--yes", "--retry-failed", "--json")
      #expect(retried.ending == .exit(0))
      #expect(try retried.json().count("succeeded") == 3)
      #expect(stage.value("g-2", .coolDownTime) == .integer(60))
      #expect(stage.value("g-2", .maxInstanceNumber) == .integer(9))
    }
  }

  @Test func `what a later change has superseded under --keep-going is not taken up again`() async throws {
    try await Stage.with({ $0.faults = [try FaultSpec("409=100%:only=put:nth=1")] }) { stage in
      for group in ["g-1", "g-2"] { stage.addGroup(group) }
      // The first change of each group is refused. In g-1 the second one sets the same field, in g-2 another.
      try stage.folder.file(
        "plan.csv", Self.plan("cool_down_time,max_instance_number", "g-1,60,", "g-2,60,", "g-1,90,", "g-2,,9"))
      let run = try await stage.fleetplan(
        stage.running("plan.csv", "--keep-going", "--max-attempts", "1", "--max-failures", "9"))
      #expect(run.ending == .exit(1), "\(run.errors)")
      #expect(try stage.states() == ["failed": 2, "succeeded": 2])
      let retried = try await stage.fleetplan("resume", "--retry-failed", "--yes", "--json")
      #expect(retried.ending == .exit(1), "\(retried.errors)")
      #expect(try stage.states() == ["blocked": 1, "succeeded": 3])
      #expect(try retried.json().count("blocked") == 1)
      let failure = try #require(try retried.json()["failures"]?.arrayValue?.first)
      #expect(failure["error_code"]?.stringValue == "FP.SUPERSEDED")
      #expect(
        failure["message"]?.stringValue
          == "change 3 to the same group was applied after it (--keep-going): it would set that back")
      #expect(stage.value("g-1", .coolDownTime) == .integer(90))
      #expect(stage.value("g-2", .coolDownTime) == .integer(60))
      #expect(stage.value("g-2", .maxInstanceNumber) == .integer(9))
      // And again: nothing is left to be taken up.
      let requests = stage.journal.count
      #expect(try await stage.fleetplan("resume", "--retry-failed", "--yes").ending == .exit(1))
      #expect(stage.journal.count == requests)
    }
  }

  @Test(arguments: [false, true])
  func `after a failure the later changes of the group are blocked, unless --keep-going`(
    keepGoing: Bool
  ) async throws {
    try await Stage.with { stage in
      stage.addGroup("g-2")
      // Its maximum cannot be 1: with --skip-preconditions it is the service that says so.
      stage.addGroup("g-1", GroupModification([.minInstanceNumber: .integer(2)]))
      try stage.folder.file(
        "plan.csv",
        Self.plan(
          "max_instance_number,cool_down_time", "g-1,1,", "g-2,9,", "g-1,,60", "g-1,,90", "g-2,,60"))
      let run = try await stage.fleetplan(
        stage.running("plan.csv", "--max-failures", "9", "--json", "--skip-preconditions")
          + (keepGoing ? ["--keep-going"] : []))
      #expect(run.ending == .exit(1))
      let failures = try #require(try run.json()["failures"]?.arrayValue)
      #expect(failures.first?["state"]?.stringValue == "failed")
      #expect(failures.first?["http_status"]?.integerValue == 400)
      if keepGoing {
        #expect(try stage.states() == ["failed": 1, "succeeded": 4])
        #expect(stage.value("g-1", .coolDownTime) == .integer(90))
      } else {
        #expect(try stage.states() == ["failed": 1, "blocked": 2, "succeeded": 2])
        #expect(failures.dropFirst().map { $0["error_code"]?.stringValue } == ["FP.PREDECESSOR", "FP.PREDECESSOR"])
        #expect(
          failures.last?["message"]?.stringValue
            == "change 3 to the same group ended blocked (--keep-going goes on)")
        #expect(stage.value("g-1", .coolDownTime) == .integer(300))
        // The cause goes away, and all of them are taken up in order.
        stage.change("g-1", GroupModification([.minInstanceNumber: .integer(0), .desireInstanceNumber: .integer(1)]))
        let retried = try await stage.fleetplan("resume", "--retry-failed", "--yes")
        #expect(retried.ending == .exit(0), "\(retried.errors)")
        #expect(
          stage.puts.filter { $0.groupID == "g-1" && $0.status == 200 }.map(\.modification.fields)
            == [[.maxInstanceNumber], [.coolDownTime], [.coolDownTime]])
        #expect(stage.value("g-1", .coolDownTime) == .integer(90))
      }
      #expect(stage.value("g-2", .coolDownTime) == .integer(60))
    }
  }

  @Test func `what the group holds already is not sent`() async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1")
      stage.addGroup("g-2")
      stage.addGroup("g-3", GroupModification([.availableZones: .strings(["eu-de-01", "eu-de-02"])]))
      try stage.folder.file(
        "plan.csv",
        Self.plan(
          "cool_down_time,max_instance_number,available_zones", "g-1,300,5,", "g-2,300,6,", "g-3,,,eu-de-02;eu-de-01"))
      let run = try await stage.fleetplan(stage.running("plan.csv", "--json"))
      #expect(run.ending == .exit(0))
      #expect(try stage.states() == ["unchanged": 2, "succeeded": 1])
      #expect(stage.puts.map(\.modification) == [GroupModification([.maxInstanceNumber: .integer(6)])])
      #expect(
        try stage.rows("SELECT change, field FROM rollback_record").map { "\($0[0] as Int) \($0[1] as String)" }
          == ["2 max_instance_number"])
    }
  }

  @Test(arguments: [nil, "busy-scaling=AS.2033", "busy-scaling=AS.0003"])
  func `a scaling group is waited for while others go on`(fault: String?) async throws {
    try await Stage.with({ options in
      options.faults = try [fault].compactMap { try $0.map { try FaultSpec($0) } }
    }) { stage in
      let groups = (1...8).map { "g-\($0)" }
      for group in groups { stage.addGroup(group) }
      stage.server.cloud.startScaling(stage.reference("g-1"), lasting: .seconds(3600), now: stage.server.now)
      let (column, value) = fault == nil ? ("available_zones", "eu-de-03") : ("cool_down_time", "60")
      try stage.folder.file(
        "plan.csv",
        "project_id,scaling_group_id,\(column)\n"
          + groups.map { "\(Stage.project),\($0),\(value)\n" }.joined())
      let process = try stage.start(
        stage.running("plan.csv", "--max-attempts", "1", "--busy-poll", "500ms:1s", "--json"))
      try await stage.wait(for: "the others") { stage.puts.count { $0.status == 200 && $0.answeredAt != nil } == 7 }
      // It was asked, and asked again.
      try await stage.wait(for: "another poll") { stage.journal.count { $0.groupID == "g-1" && $0.kind == .get } > 2 }
      // AS.2033 is settled by a read: that must still see it scaling, so it ends between two polls.
      try await stage.wait(for: "the end of a poll") {
        let own = stage.journal.filter { $0.groupID == "g-1" }
        guard own.last?.answeredAt != nil else { return false }
        return fault?.hasSuffix("AS.2033") != true || own.suffix(2).map(\.kind) == [.put, .get]
      }
      stage.server.cloud.startScaling(stage.reference("g-1"), lasting: .zero, now: stage.server.now)
      let run = try await process.wait()
      #expect(run.ending == .exit(0), "\(run.errors)")
      let succeeded = stage.puts.filter { $0.status == 200 }
      #expect(succeeded.count == 8)
      #expect(succeeded.last?.groupID == "g-1")
      let refused = stage.puts.filter { $0.status != 200 }
      if let fault {
        #expect(!refused.isEmpty)
        #expect(refused.allSatisfy { fault.hasSuffix($0.code ?? "none") && $0.groupID == "g-1" })
      } else {
        #expect(refused.isEmpty)
      }
      // Waiting has used no attempt, and what was seen before is what is restored.
      #expect(try stage.rows("SELECT * FROM rollback_record").count == 8)
    }
  }

  @Test func `a group that stays busy is blocked after --wait-scaling`() async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1")
      stage.server.cloud.startScaling(stage.reference("g-1"), lasting: .seconds(3600), now: stage.server.now)
      try stage.folder.file("plan.csv", Self.plan("available_zones", "g-1,eu-de-03"))
      let run = try await stage.fleetplan(stage.running("plan.csv", "--wait-scaling", "400ms", "--json"))
      #expect(run.ending == .exit(1))
      let failure = try #require(try run.json()["failures"]?.arrayValue?.first)
      #expect(failure["state"]?.stringValue == "blocked")
      #expect(failure["error_code"]?.stringValue == "FP.BUSY")
      #expect(stage.puts.isEmpty)
    }
  }

  @Test(arguments: [(2, 8, "below"), (9, 5, "above")])
  func `what the live values forbid is blocked without a PUT`(desired: Int, maximum: Int, word: String) async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1", GroupModification([.minInstanceNumber: .integer(3), .desireInstanceNumber: .integer(4)]))
      try stage.folder.file("plan.csv", Self.plan("desire_instance_number", "g-1,\(desired)"))
      let run = try await stage.fleetplan(stage.running("plan.csv", "--json"))
      #expect(run.ending == .exit(1))
      let failure = try #require(try run.json()["failures"]?.arrayValue?.first)
      #expect(failure["state"]?.stringValue == "blocked")
      #expect(failure["message"]?.stringValue?.contains(word) == true)
      #expect(stage.puts.isEmpty)
      #expect(stage.value("g-1", .desireInstanceNumber) == .integer(4))
    }
  }

  @Test func `a missing group has failed`() async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1")
      try stage.folder.file("plan.csv", Self.plan("cool_down_time", "g-gone,60", "g-1,60"))
      let run = try await stage.fleetplan(stage.running("plan.csv", "--json"))
      #expect(run.ending == .exit(1))
      #expect(try stage.states() == ["failed": 1, "succeeded": 1])
      let row = try #require(
        try stage.rows("SELECT method, http_status, error_code, outcome FROM attempt_report WHERE change = 1").first)
      #expect(row["method"] == "GET")
      #expect(row["http_status"] == 400)
      #expect(row["error_code"] == "AS.2007")
      #expect(row["outcome"] == "refused")
    }
  }

  @Test func `a number that somebody else has set meanwhile is no failure`() async throws {
    // A GET shows the group as it was when it came in: there is time to interfere until its answer leaves.
    try await Stage.with({ options in
      options.latency = .milliseconds(500) ... .milliseconds(500)
      options.faults = [try FaultSpec("same-number")]
    }) { stage in
      stage.addGroup("g-1")
      stage.addGroup("g-2")
      try stage.folder.file(
        "plan.csv", Self.plan("desire_instance_number,cool_down_time", "g-1,4,", "g-2,4,60"))
      let run = try stage.start(stage.running("plan.csv", "--json"))
      for group in ["g-1", "g-2"] {
        try await stage.wait(for: "the GET of \(group)") { stage.journal.contains { $0.groupID == group } }
        stage.change(group, GroupModification([.desireInstanceNumber: .integer(4)]))
      }
      let result = try await run.wait()
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(stage.puts.filter { $0.code == "AS.2028" }.count == 2)
      #expect(try stage.states() == ["unchanged": 1, "succeeded": 1])
      let last = try #require(stage.puts.last)
      #expect(last.groupID == "g-2")
      #expect(last.modification == GroupModification([.coolDownTime: .integer(60)]))
      // Only what this run has changed is restored.
      #expect(
        try stage.rows("SELECT change, field, prior FROM rollback_record").map {
          "\($0[0] as Int) \($0[1] as String) \($0[2] as String)"
        } == ["2 cool_down_time 300"])
    }
  }

  @Test(arguments: [("answered:3", 3), ("recorded:3", 2)])
  func `abandon settles what is in doubt by reading, and changes nothing`(
    death: String, applied: Int
  ) async throws {
    try await Stage.with(groups: 6) { stage in
      let before = stage.groups
      let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),77\n" }
      try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
      let killed = try await stage.fleetplan(
        stage.running("plan.csv", "--concurrency", "1", "--request-timeout", "2s"),
        environment: ["FLEETPLAN_TEST_KILL": death])
      #expect(killed.ending == .signal(SIGKILL))
      let puts = stage.puts.count
      let abandoned = try await stage.fleetplan("abandon", "1", "--json")
      #expect(abandoned.ending == .exit(0), "\(abandoned.errors)")
      #expect(stage.puts.count == puts)
      let document = try abandoned.json()
      #expect(document["state"]?.stringValue == "abandoned")
      #expect(document.count("succeeded") == applied)
      #expect(document.count("abandoned") == 6 - applied)
      #expect(try stage.states() == ["succeeded": applied, "abandoned": 6 - applied])
      let again = try await stage.fleetplan("abandon", "1")
      #expect(again.ending == .exit(0))
      #expect(again.errors.contains("run 1 is abandoned: there is nothing to abandon"))
      let resumed = try await stage.fleetplan("resume", "1", "--yes")
      #expect(resumed.ending == .exit(64))
      #expect(try await stage.fleetplan(["rollback", "--yes"] + Stage.quick).ending == .exit(0))
      #expect(stage.groups == before)
    }
  }

  @Test func `--verify reads back what was set`() async throws {
    try await Stage.with({ $0.faults = [try FaultSpec("stale-read=100%:nth=2")] }) { stage in
      stage.addGroup("g-1")
      try stage.folder.file("plan.csv", Self.plan("cool_down_time", "g-1,60"))
      let run = try await stage.fleetplan(stage.running("plan.csv", "--verify"))
      #expect(run.ending == .exit(0), "\(run.errors)")
      // The first look back was stale; the next one was not.
      #expect(stage.journal.map(\.kind) == [.get, .put, .get, .get])
    }
  }
}
