import AutoScaling
import AutoScalingSimulator
import ChangeRun
import JSONText
import TestSupport
import Testing

@testable import fleetplan_bench

struct ChaosPlanTests {
  private static func plan(seed: UInt64) throws -> (ChaosPlan, SimulatedCloud) {
    var options = SimulatorOptions()
    options.groups = 30
    options.projects = 2
    options.seed = seed
    let cloud = try SimulatedCloud(options: options)
    var random = SplitMix64(seed: seed)
    let plan = ChaosPlan(
      groups: cloud.snapshotAll(now: .zero).mapValues(\.values), changesPerGroup: 1...4, using: &random)
    return (plan, cloud)
  }

  @Test(arguments: ReplaySeed.seeds(1..<40))
  func `the service takes every body in turn, and every one back`(seed: UInt64) throws {
    let (plan, cloud) = try Self.plan(seed: seed)
    var now = Duration.zero
    for run in [plan.expected, plan.expected.rollback] {
      for change in run.changes where !change.body.isEmpty {
        // Whatever was scaling has ended.
        now += .seconds(3_600)
        let group = try #require(cloud.group(change.group, now: now))
        let held = group.values.filter { change.body[$0] != nil }
        #expect(held.meansTheSame(as: change.prior), "seed \(seed), change \(change.number)")
        let answer = cloud.handle(
          SimulatedRequest(
            method: "PUT",
            target: "/autoscaling-api/v1/\(change.group.projectID)/scaling_group/\(change.group.groupID)",
            host: "localhost", token: nil, body: Array(change.body.json.utf8)), now: now)
        #expect(answer.response.status == 200, "seed \(seed), change \(change.number): \(change.body.json)")
      }
      let values = cloud.snapshotAll(now: now).mapValues(\.values)
      let wanted = run.changes.count == plan.changes.count ? plan.after : plan.before
      #expect(values.allSatisfy { wanted[$0.key].map($0.value.meansTheSame) ?? false }, "seed \(seed)")
    }
  }

  @Test(arguments: ReplaySeed.seeds(1..<40))
  func `no two changes of a group send the same`(seed: UInt64) throws {
    let (plan, _) = try Self.plan(seed: seed)
    #expect(plan.changes.count >= 30)
    #expect(plan.expected.changes.contains { !$0.body.isEmpty })
    for run in [plan.expected, plan.expected.rollback] {
      for (group, bodies) in run.bodies {
        for (index, body) in bodies.enumerated() {
          #expect(!bodies.dropFirst(index + 1).contains { $0.meansTheSame(as: body) }, "seed \(seed), \(group)")
        }
      }
    }
  }

  @Test func `the same seed gives the same plan and the same round`() throws {
    #expect(try Self.plan(seed: 7).0.csv == Self.plan(seed: 7).0.csv)
    #expect(try Self.plan(seed: 7).0.csv != Self.plan(seed: 8).0.csv)
    let (first, second) = (try ChaosScenario(seed: 7), try ChaosScenario(seed: 7))
    #expect(first.options == second.options)
    #expect(first.simulator.faults == second.simulator.faults)
    #expect(first.kills == second.kills)
  }

  @Test func `scenarios have all the faults that a run gets over`() throws {
    var names: Set<String> = []
    for seed in UInt64(0)..<200 { names.formUnion(try ChaosScenario(seed: seed).simulator.faults.map(\.name)) }
    #expect(
      names == [
        "408", "409", "429", "500", "502", "503", "504", "lost-500", "lost-502", "lost-503", "lost-504", "lock",
        "reset",
        "lost-answer", "late-effect", "stale-read", "truncated", "garbage", "wrong-id", "slow", "throttle",
        "busy-scaling", "same-number",
      ])
  }
}
