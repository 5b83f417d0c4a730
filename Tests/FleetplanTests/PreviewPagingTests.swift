import AutoScaling
import AutoScalingSimulator
import ChangeRun
import Ledger
import Testing

@testable import fleetplan

/// How many requests a preview needs, and how fast it sends them.
struct PreviewPagingTests {
  @Test func `250 groups cost three list requests and nothing else`() async throws {
    try await PreviewFixture.with(groups: 250) { fixture in
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references)
      let result = try await fixture.preview(plan, "--rate", "0", "--summary")
      #expect(result.status == 0)
      #expect(fixture.requests() == [.list: 3])
    }
  }

  @Test func `groups of several projects are named with them`() async throws {
    try await PreviewFixture.with(groups: 6, { $0.projects = 2 }) { fixture in
      let references = fixture.server.cloud.references
      let result = try await fixture.preview(try fixture.coolDownPlan(references), "--rate", "0")
      for reference in references { #expect(result.output.contains(" \(reference), line ")) }
      #expect(fixture.requests() == [.list: 2])
    }
  }

  @Test func `few groups among many are read one by one`() async throws {
    try await PreviewFixture.with(groups: 1_000) { fixture in
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references.suffix(3))
      let result = try await fixture.preview(plan, "--rate", "0", "--summary")
      #expect(result.status == 0)
      #expect(result.output.contains("3 changes to 3 groups in 1 project"))
      #expect(fixture.requests() == [.list: 1, .get: 3])
    }
  }

  @Test func `many changes to few groups cost a read for each group`() async throws {
    try await PreviewFixture.with(groups: 1_000) { fixture in
      let groups = fixture.server.cloud.references.suffix(2)
      let rows = (1...300).flatMap { number in groups.map { "\($0.projectID),\($0.groupID),\(number)\n" } }
      let plan = try fixture.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
      let result = try await fixture.preview(plan, "--rate", "0", "--summary")
      #expect(result.status == 0)
      #expect(result.output.contains("600 changes to 2 groups in 1 project"))
      #expect(fixture.requests() == [.list: 1, .get: 2])
    }
  }

  @Test func `a project with one group is not listed, and refused credentials cost one request all the same`()
    async throws
  {
    try await PreviewFixture.with(groups: 900, { $0.projects = 3 }) { fixture in
      let groups = Dictionary(grouping: fixture.server.cloud.references, by: \.projectID).compactMap(\.value.last)
      let result = try await fixture.preview(try fixture.coolDownPlan(groups), "--rate", "0", "--summary")
      #expect(result.output.contains("3 changes to 3 groups in 3 projects"))
      #expect(fixture.requests() == [.get: 3])
    }
    try await PreviewFixture.with(
      groups: 900,
      {
        $0.projects = 3
        $0.authentication = .token
      }
    ) { fixture in
      let groups = Dictionary(grouping: fixture.server.cloud.references, by: \.projectID).compactMap(\.value.last)
      let result = try await fixture.preview(try fixture.coolDownPlan(groups), "--rate", "0", "--summary")
      #expect(result.status == 77)
      #expect(fixture.server.cloud.journal.count == 1)
    }
  }

  @Test func `pages end where every planned group was seen`() async throws {
    try await PreviewFixture.with(groups: 1_000) { fixture in
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references.prefix(150))
      let result = try await fixture.preview(plan, "--rate", "0", "--summary")
      #expect(result.status == 0)
      #expect(fixture.requests() == [.list: 2])
    }
  }

  @Test func `the rate holds for lists and single reads together`() async throws {
    try await PreviewFixture.with(groups: 400) { fixture in
      let present = fixture.server.cloud.references
      let missing = (1...40).map { GroupReference(projectID: present[0].projectID, groupID: "gone-\($0)") }
      let result = try await fixture.preview(try fixture.coolDownPlan(present + missing), "--rate", "40", "--summary")
      #expect(result.status == 1)
      #expect(fixture.requests() == [.list: 4, .get: 40])
      #expect(fixture.server.cloud.journal.maximumReceived(within: .seconds(1)) <= 42)
      let times = fixture.server.cloud.journal.map(\.receivedAt)
      let span = try #require(times.max()) - (try #require(times.min()))
      // 43 intervals at 40 a second.
      #expect(span >= .milliseconds(1_050))
    }
  }

  @Test func `what can be tried again is tried again`() async throws {
    try await PreviewFixture.with(
      groups: 300, { $0.faults = [try FaultSpec("503=40%"), try FaultSpec("reset=10%")] }
    ) { fixture in
      var options = RunOptions()
      options.rate = 0
      options.backoff = Backoff(base: .milliseconds(1), cap: .milliseconds(5))
      options.maxAttempts = 50
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references)
      let totals = try await fixture.look(plan, options)
      #expect(totals.changes == 300)
      #expect(totals.isClean)
      #expect(fixture.server.cloud.journal.contains { !$0.faults.isEmpty })
    }
  }

  @Test func `an endpoint that is not there ends it with 69`() async throws {
    try await PreviewFixture.with(groups: 3) { fixture in
      let plan = try fixture.coolDownPlan(fixture.server.cloud.references)
      await fixture.server.stop()
      var options = RunOptions()
      options.waitEndpoint = .zero
      let error = await #expect(throws: CommandError.self) { try await fixture.look(plan, options) }
      #expect(error?.status == .unavailable)
      #expect(error?.message.contains("refuses connections") == true)
    }
  }

  @Test func `what is refused for good is not asked for again`() async throws {
    try await PreviewFixture.with(groups: 3) { fixture in
      let plan = try fixture.file(
        "plan.csv", "project_id,scaling_group_id,cool_down_time\nno-such-project,g-1,60\nno-such-project,g-2,60\n")
      let error = await #expect(throws: CommandError.self) { try await fixture.look(plan, RunOptions()) }
      #expect(error?.message.hasPrefix("project no-such-project: ") == true)
      #expect(fixture.server.cloud.journal.count == 1)
    }
  }
}
