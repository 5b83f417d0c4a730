import AutoScaling
import Foundation
import Testing

@testable import AutoScalingSimulator

struct GroupGeneratorTests {
  private func cloud(seed: UInt64, groups: Int = 120, projects: Int = 3) throws -> SimulatedCloud {
    var options = SimulatorOptions()
    options.seed = seed
    options.groups = groups
    options.projects = projects
    return try SimulatedCloud(options: options, startedAt: 1_768_469_400)
  }

  @Test func `a seed repeats its groups and another one does not`() throws {
    let first = try cloud(seed: 5)
    #expect(try first.snapshotAll(now: .zero) == cloud(seed: 5).snapshotAll(now: .zero))
    #expect(try Set(first.references).isDisjoint(with: cloud(seed: 6).references))
  }

  @Test func `groups are of many kinds`() throws {
    let cloud = try cloud(seed: 1)
    #expect(cloud.projects.count == 3)
    #expect(cloud.projects.allSatisfy { $0.count == 32 && Identifier.isUUID($0) })
    let groups = Array(cloud.snapshotAll(now: .zero).values)
    #expect(groups.count == 120)
    #expect(groups.allSatisfy { Identifier.isUUID($0.id) && $0.id.count == 36 })
    func share(_ isCounted: (ScalingGroup) -> Bool) -> Double { Double(groups.count(where: isCounted)) / 120 }
    #expect(share { $0.status == "INSERVICE" } > 0.6)
    #expect(share { $0.status == "PAUSED" && $0.currentInstanceNumber == 0 } > 0.05)
    #expect(share { $0.values[.multiAZPriorityPolicy] == .string("PICK_FIRST") } > 0.05)
    for field in [GroupField.description, .notifications, .enterpriseProjectID, .lbListenerID, .lbaasListeners] {
      #expect(share { $0.values[field] == .null } > 0.05, "\(field)")
      #expect(share { $0.values[field]?.isEmpty == false } > 0.02, "\(field)")
    }
    #expect(Set(groups.map { $0.values[.availableZones] }).count > 2)
  }

  @Test func `every group accepts its own values`() throws {
    let cloud = try cloud(seed: 9)
    for (reference, group) in cloud.snapshotAll(now: .zero) {
      // What has no documented empty form cannot be sent.
      let body = group.values.filter { field in
        group.values[field].map { !$0.isEmpty || field == .notifications && $0 != .null } ?? false
      }
      let answer = cloud.handle(
        SimulatedRequest(method: "PUT", target: TestCloud.path(reference), body: Array(body.json.utf8)), now: .zero)
      #expect(answer.response.status == 200, "\(body.json) → \(String(decoding: answer.response.body, as: UTF8.self))")
    }
  }

  @Test func `no two of many groups have the same id`() throws {
    let cloud = try cloud(seed: 2, groups: 10_000, projects: 4)
    #expect(Set(cloud.references).count == 10_000)
  }
}

struct RandomPlanTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `every change of a random plan is valid and changes something`(seed: UInt64) throws {
    var options = SimulatorOptions()
    options.seed = seed
    options.groups = 700
    options.projects = 2
    let cloud = try SimulatedCloud(options: options)
    cloud.setStatus("DELETING", of: cloud.references[3], now: .zero)
    let path = NSTemporaryDirectory() + "plan-\(UUID().uuidString).csv"
    defer { unlink(path) }
    #expect(try RandomPlan.write(to: path, for: cloud, seed: seed) == 699)

    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let header = lines[0].split(separator: ",").map(String.init)
    #expect(header.first == "scaling_group_id" && header[1] == "project_id" && header.last == "comment")
    #expect(lines.count == 700)
    for line in lines.dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let reference = GroupReference(projectID: cells[1], groupID: cells[0])
      let live = try #require(cloud.group(reference, now: .zero))
      var change = GroupModification()
      for (name, cell) in zip(header, cells) where !cell.isEmpty {
        guard let field = GroupField(rawValue: name) else { continue }
        change[field] = field.kind == .integer ? .integer(try #require(Int(cell))) : .string(cell)
      }
      #expect(!change.isEmpty, "seed \(seed): \(line)")
      for entry in change.entries {
        #expect(entry.field.problem(with: entry.value) == nil, "seed \(seed): \(line)")
        #expect(live.values[entry.field] != entry.value, "seed \(seed): \(line)")
      }
      let answer = cloud.handle(
        SimulatedRequest(method: "PUT", target: TestCloud.path(reference), body: Array(change.json.utf8)), now: .zero)
      #expect(answer.response.status == 200, "seed \(seed): \(line)")
    }
  }

  @Test func `a seed repeats its plan`() throws {
    var options = SimulatorOptions()
    options.groups = 50
    let cloud = try SimulatedCloud(options: options)
    let paths = (0..<2).map { "\(NSTemporaryDirectory())plan-\($0)-\(UUID().uuidString).csv" }
    defer { for path in paths { unlink(path) } }
    for path in paths { try RandomPlan.write(to: path, for: cloud, seed: 4) }
    #expect(
      try String(contentsOfFile: paths[0], encoding: .utf8) == String(contentsOfFile: paths[1], encoding: .utf8))
  }
}
