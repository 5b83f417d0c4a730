import AutoScaling
import Foundation
import JSONText
import Testing

@testable import AutoScalingSimulator

struct JournalTests {
  @Test func `every request is noted with what became of it`() throws {
    var test = try TestCloud()
    test.now = .seconds(1)
    let put = test.put("{\"cool_down_time\":9,\"max_instance_number\":7}")
    try test.cloud.answered(put.answer.sequence, now: .seconds(2))
    #expect(test.put("{\"cool_down_time\":-9}").status == 400)
    #expect(test.get().status == 200)
    #expect(test.list("").status == 200)
    #expect(test.act("pause").status == 204)
    let journal = test.cloud.journal
    #expect(journal.map(\.sequence) == [1, 2, 3, 4, 5])
    #expect(journal.map(\.kind) == [.put, .put, .get, .list, .action])
    #expect(journal.map(\.status) == [200, 400, 200, 200, 204])
    #expect(journal.map(\.effect) == [.applied, .none, .none, .none, .applied])
    #expect(journal[0].reference == TestCloud.group)
    #expect(journal[0].receivedAt == .seconds(1))
    #expect(journal[0].answeredAt == .seconds(2))
    #expect(journal[0].modification.fields == [.maxInstanceNumber, .coolDownTime])
    #expect(journal[1].code == "AS.2006")
    #expect(journal[1].answeredAt == nil)
  }

  @Test func `the journal in memory has a limit`() throws {
    let test = try TestCloud { $0.journalLimit = 100 }
    for _ in 0..<1000 {
      let sequence = test.get().answer.sequence
      try test.cloud.answered(sequence, now: .zero)
    }
    #expect(test.cloud.journal.map(\.sequence) == Array(901...1000))
    #expect(test.cloud.journal.allSatisfy { $0.answeredAt != nil })
  }

  @Test func `the file has a line for every answer before it leaves`() throws {
    let path = NSTemporaryDirectory() + "journal-\(UUID().uuidString).jsonl"
    defer { unlink(path) }
    var test = try TestCloud("late-effect=100%:delay=2s:nth=2") { $0.journalPath = path }
    for value in [9, 10] {
      test.now += .seconds(1)
      let reply = test.put("{\"cool_down_time\":\(value)}")
      try test.cloud.answered(reply.answer.sequence, now: test.now + .milliseconds(5))
    }
    test.now = .seconds(60)
    #expect(try test.shown("cool_down_time").integerValue == 10)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = try text.split(separator: "\n").map { try JSONParser.parse(String($0)) }
    #expect(lines.map { $0["sequence"]?.integerValue } == [1, 2, 2])
    #expect(lines.map { $0["effect"]?.stringValue } == ["applied", "pending", "applied_late"])
    #expect(lines[0]["method"]?.stringValue == "PUT")
    #expect(lines[0]["scaling_group_id"]?.stringValue == TestCloud.group.groupID)
    #expect(lines[0]["fields"]?["cool_down_time"]?.integerValue == 9)
    #expect(lines[0]["time"]?.integerValue == 1_768_469_401)
    #expect(lines[0]["answered_seconds"]?.value == .number("1.005"))
    #expect(lines[2]["effect_seconds"]?.integerValue == 4)
    #expect(lines[2]["faults"]?.arrayValue?.first?.stringValue == "late-effect")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `a file that cannot be made is an error`() {
    #expect(throws: JournalError.self) { try TestCloud { $0.journalPath = "/nowhere/journal" } }
  }

  @Test func `analysis finds overlaps, rates and effects`() throws {
    func entry(_ sequence: Int, _ group: String, _ received: Int, _ answered: Int?, _ effect: JournalEntry.Effect)
      -> JournalEntry
    {
      JournalEntry(
        sequence: sequence, kind: .put, method: "PUT", projectID: "p", groupID: group,
        receivedAt: .milliseconds(received), answeredAt: answered.map { .milliseconds($0) }, status: 200, code: nil,
        effect: effect, effectAt: effect == .appliedLate ? .milliseconds(900) : nil,
        modification: GroupModification(), faults: [])
    }
    let journal = [
      entry(1, "a", 0, 100, .appliedLate), entry(2, "a", 100, 200, .applied), entry(3, "b", 150, 400, .none),
      entry(4, "a", 250, nil, .applied), entry(5, "b", 1000, 1100, .applied),
    ]
    #expect(journal.maximumInFlightPerGroup() == 1)
    #expect((journal + [entry(6, "a", 260, 270, .none)]).maximumInFlightPerGroup() == 2)
    #expect(journal.maximumReceived(within: .seconds(1)) == 4)
    #expect(journal.maximumReceived(within: .milliseconds(1001)) == 5)
    let effective = journal.effectivePUTs()
    #expect(effective[GroupReference(projectID: "p", groupID: "a")]?.map(\.sequence) == [2, 4, 1])
    #expect(effective[GroupReference(projectID: "p", groupID: "b")]?.map(\.sequence) == [5])
  }

  private static func put(
    _ sequence: Int, _ group: String, cooldown: Int, at received: Int, lateAt: Int? = nil
  ) -> JournalEntry {
    JournalEntry(
      sequence: sequence, kind: .put, method: "PUT", projectID: "p", groupID: group,
      receivedAt: .milliseconds(received), answeredAt: .milliseconds(received + 400), status: 200, code: nil,
      effect: lateAt == nil ? .applied : .appliedLate, effectAt: lateAt.map { .milliseconds($0) },
      modification: GroupModification([.coolDownTime: .integer(cooldown)]), faults: [])
  }

  @Test func `analysis finds old values on top of new ones, and bodies that were not planned`() {
    let bodies = [
      GroupReference(projectID: "p", groupID: "a"): [1, 2].map { GroupModification([.coolDownTime: .integer($0)]) },
      GroupReference(projectID: "p", groupID: "b"): [GroupModification([.coolDownTime: .integer(3)])],
    ]
    let journal = [
      Self.put(1, "a", cooldown: 1, at: 0), Self.put(2, "b", cooldown: 3, at: 100),
      Self.put(3, "a", cooldown: 1, at: 500, lateAt: 2_100), Self.put(4, "a", cooldown: 2, at: 2_000),
      Self.put(5, "b", cooldown: 1, at: 2_500), Self.put(6, "c", cooldown: 1, at: 2_500),
    ]
    #expect(journal.prefix(2).map(\.self).effectsOutOfOrder(bodies).isEmpty)
    #expect(journal.effectsOutOfOrder(bodies).map(\.sequence) == [3])
    #expect(journal.puts(besides: bodies).map(\.sequence) == [5, 6])
  }

  @Test func `the fullest window is told with its beginning, and an answer can be given up`() throws {
    let journal = [0, 900, 950, 1_000, 1_899, 1_900].enumerated().map { Self.put($0 + 1, "a", cooldown: 1, at: $1) }
    let fullest = try #require(journal.fullestWindow(of: .seconds(1)))
    #expect(fullest.count == 4)
    #expect(fullest.beginning == .milliseconds(900))
    let allowed = try #require(journal.fullestWindow(of: .seconds(1)) { $0 == .milliseconds(900) ? 2 : 0 })
    #expect(allowed.count == 4)
    #expect(allowed.beginning == .milliseconds(950))
    #expect([JournalEntry]().fullestWindow(of: .seconds(1)) == nil)
    #expect(journal.maximumInFlightPerGroup() == 3)
    #expect(journal.maximumInFlightPerGroup(givenUpAfter: .milliseconds(1)) == 1)
  }
}
