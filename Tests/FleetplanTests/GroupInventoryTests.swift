import ArgumentParser
import AutoScaling
import AutoScalingClient
import AutoScalingSimulator
import ChangeRun
import Foundation
import Testing

@testable import fleetplan

/// Lists that are gone through to their end, also while groups come and go.
struct GroupInventoryTests {
  /// Lists the fixture's only project.
  private static func list(
    _ fixture: PreviewFixture, _ options: RunOptions = RunOptions(), afterPage: () -> Void = {},
    visit: (ScalingGroup) throws -> Void
  ) async throws -> GroupInventory.Outcome {
    var options = options
    options.rate = 0
    let project = try #require(fixture.server.projects.first)
    let connector = try CloudConnector(
      CloudOptions.parse(["--endpoint", fixture.server.endpoint]),
      CommandContext(GlobalOptions.parse(["--quiet"]), environment: [:]))
    let client = try await EndpointDiscovery.access(projects: [project], connector, run: options).reader(options)
    let inventory = GroupInventory(PacedReader(client, options: options), pageSize: 10)
    do {
      let outcome = try await inventory.list(project, afterPage: { _ in afterPage() }, visit: visit)
      try client.shutdown()
      return outcome
    } catch {
      try client.shutdown()
      throw error
    }
  }

  @Test(arguments: [0, 1, 9, 10, 11, 19, 20, 95])
  func `every group is given once`(count: Int) async throws {
    try await PreviewFixture.with(groups: count) { fixture in
      var ids: [String] = []
      let outcome = try await Self.list(fixture) { ids.append($0.id) }
      #expect(ids.sorted() == fixture.server.cloud.references.map(\.groupID).sorted())
      #expect(outcome == GroupInventory.Outcome(groups: count, passes: 1, hasSettled: true, total: count))
    }
  }

  @Test(arguments: [false, true])
  func `a group that goes meanwhile hides no other, also where another one comes`(isReplaced: Bool) async throws {
    try await PreviewFixture.with(groups: 200) { fixture in
      let all = fixture.server.cloud.references
      var ids: [String] = []
      var gone: Set<String> = []
      let outcome = try await Self.list(fixture) { group in
        ids.append(group.id)
        // Rows that were read already go: those behind them move to rows that have been asked for.
        guard ids.count == 20 || ids.count == 60, let first = ids.first(where: { !gone.contains($0) }) else { return }
        gone.insert(first)
        fixture.server.cloud.removeGroup(GroupReference(projectID: all[0].projectID, groupID: first))
        // The number of groups then stays as it is: only the rows tell.
        if isReplaced {
          fixture.server.cloud.addGroup(GroupReference(projectID: all[0].projectID, groupID: "g-new-\(gone.count)"))
        }
      }
      #expect(gone.count == 2)
      #expect(ids.count == Set(ids).count)
      #expect(Set(ids) == Set(all.map(\.groupID) + (isReplaced ? ["g-new-1", "g-new-2"] : [])))
      #expect(
        outcome
          == GroupInventory.Outcome(
            groups: isReplaced ? 202 : 200, passes: 2, hasSettled: true, total: isReplaced ? 200 : 198))
    }
  }

  @Test func `a group that comes meanwhile is found`() async throws {
    try await PreviewFixture.with(groups: 100) { fixture in
      let project = try #require(fixture.server.projects.first)
      var ids: Set<String> = []
      let outcome = try await Self.list(fixture) { group in
        let isNew = ids.insert(group.id).inserted
        #expect(isNew)
        if ids.count == 50 { fixture.server.cloud.addGroup(GroupReference(projectID: project, groupID: "g-new")) }
      }
      #expect(ids.contains("g-new"))
      #expect(ids.count == 101)
      #expect(outcome.hasSettled)
    }
  }

  @Test func `a list that never stands still is told to be so`() async throws {
    try await PreviewFixture.with(groups: 100) { fixture in
      var ids: Set<String> = []
      var pages = 0
      func removeSome() {
        pages += 1
        // Each time that the list is read, some groups go.
        guard pages % 5 == 0, let last = fixture.server.cloud.references.last else { return }
        fixture.server.cloud.removeGroup(last)
      }
      let outcome = try await Self.list(fixture, afterPage: removeSome) { ids.insert($0.id) }
      #expect(outcome.passes == GroupInventory.mostPasses)
      #expect(!outcome.hasSettled)
      #expect(outcome.groups == ids.count)
    }
  }

  @Test func `a service that fails now and then costs no group`() async throws {
    try await PreviewFixture.with(
      groups: 120, { $0.faults = [try FaultSpec("503=30%"), try FaultSpec("reset=10%"), try FaultSpec("garbage=5%")] }
    ) { fixture in
      var ids: [String] = []
      var options = RunOptions()
      options.backoff = Backoff(base: .milliseconds(1), cap: .milliseconds(5))
      options.maxAttempts = 50
      let outcome = try await Self.list(fixture, options) { ids.append($0.id) }
      #expect(outcome.passes == 1)
      #expect(ids.sorted() == fixture.server.cloud.references.map(\.groupID).sorted())
      #expect(fixture.server.cloud.journal.contains { !$0.faults.isEmpty })
    }
  }

  // MARK: Without a service

  @Test func `what happened to a list is said`() {
    typealias Outcome = GroupInventory.Outcome
    #expect(Outcome(groups: 3, passes: 1, hasSettled: true, total: 3).notice == nil)
    #expect(
      Outcome(groups: 4, passes: 2, hasSettled: true, total: 3).notice
        == .movedOnce("the list moved while it was read, and was read again until it stood still"))
    #expect(
      Outcome(groups: 3, passes: 1, hasSettled: true, total: 4).notice
        == .incomplete("the service counts 4 groups, and has listed 3"))
    #expect(
      Outcome(groups: 3, passes: 3, hasSettled: false, total: 3).notice
        == .incomplete(
          "the list moved each of the 3 times that it was read: groups that came or went meanwhile can be missing, or gone"
        ))
  }

  private static func page(_ ids: Range<Int>, total: Int) -> GroupPage {
    GroupPage(
      groups: ids.map { ScalingGroup(id: "g-\($0)", values: GroupModification()) }, totalNumber: total, startNumber: 0)
  }

  @Test func `pages that share a row show whether the list has moved`() {
    var still = ListWatch()
    still.received(Self.page(0..<10, total: 25), at: 0)
    still.received(Self.page(9..<19, total: 25), at: 9)
    still.received(Self.page(18..<25, total: 25), at: 18)
    #expect(!still.hasMoved)
    var moved = ListWatch()
    moved.received(Self.page(0..<10, total: 25), at: 0)
    moved.received(Self.page(10..<20, total: 25), at: 9)
    #expect(moved.hasMoved)
    var longer = ListWatch()
    longer.received(Self.page(0..<10, total: 25), at: 0)
    longer.received(Self.page(9..<19, total: 26), at: 9)
    #expect(longer.hasMoved)
  }
}
