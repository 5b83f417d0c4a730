import AutoScaling
import Foundation

/// A plan of random changes, each of them valid for the group as it is: something to run against the simulator.
package enum RandomPlan {
  private static let fields: [GroupField] = [
    .scalingGroupName, .minInstanceNumber, .desireInstanceNumber, .maxInstanceNumber, .coolDownTime,
    .healthPeriodicAuditTime, .healthPeriodicAuditGracePeriod, .instanceTerminatePolicy,
  ]

  /// Writes a CSV plan with one change for every group that can be modified.
  ///
  /// The file is written as the groups are walked through; a plan for 100,000 groups needs no more memory than
  /// one for ten.
  ///
  /// - Parameters:
  ///   - path: a file that is made anew.
  ///   - cloud: the groups.
  ///   - seed: the same seed and groups give the same plan.
  /// - Returns: how many changes it has.
  /// - Throws: `CocoaError` or `POSIXError` where the file cannot be made or written.
  @discardableResult
  package static func write(to path: String, for cloud: SimulatedCloud, seed: UInt64) throws -> Int {
    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { file.closeFile() }
    var text = "scaling_group_id,project_id," + fields.map(\.rawValue).joined(separator: ",") + ",comment\n"
    var changes = 0
    var first = 0
    while let groups = cloud.groups(numbered: first..<first + 500) {
      first += 500
      for group in groups where group.status != "DELETING" && group.status != "FREEZED" {
        var hash = SeededHash(seed: seed, "plan")
        hash.combine(group.id)
        var random = SeededGenerator(hash)
        let (change, comment) = change(for: group, &random)
        let cells = fields.map { change[$0].map(cell) ?? "" }
        text += ([group.id, group.projectID] + cells + [comment]).joined(separator: ",") + "\n"
        changes += 1
      }
      try file.write(contentsOf: Data(text.utf8))
      text = ""
    }
    if !text.isEmpty { try file.write(contentsOf: Data(text.utf8)) }
    return changes
  }

  /// Names, numbers and choices: none of them needs quotes.
  private static func cell(_ value: FieldValue) -> String {
    value.integerValue.map { "\($0)" } ?? value.stringValue ?? ""
  }

  /// At least one field gets another value than it has, and no field the value that it has.
  static func change(
    for group: SimulatedGroup, _ random: inout SeededGenerator
  ) -> (change: GroupModification, comment: String) {
    var change = GroupModification()
    var comment: String
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      comment = "room for the season"
      raiseLimits(of: group, in: &change, &random)
    case 1:
      comment = "fewer or more instances"
      changeDesired(of: group, in: &change, &random)
    case 2:
      comment = "new naming scheme"
      change[.scalingGroupName] = .string(String(group.name.prefix(60)) + random.pick(["-a", "-b", "-v2", "_x"]))
    case 3:
      comment = "removal policy"
      change[.instanceTerminatePolicy] = other(
        than: group[.instanceTerminatePolicy], FieldLimits.instanceTerminatePolicies.map(FieldValue.string), &random)
    case 4:
      comment = "health checks"
      change[.healthPeriodicAuditTime] = other(
        than: group[.healthPeriodicAuditTime], FieldLimits.healthPeriodicAuditTimes.map(FieldValue.integer), &random)
      // Without ELB_AUDIT the grace period has no effect.
      if group[.healthPeriodicAuditMethod] == .string("ELB_AUDIT"), random.chance(0.5) {
        change[.healthPeriodicAuditGracePeriod] = other(
          than: group[.healthPeriodicAuditGracePeriod], [120, 300, 600, 900].map(FieldValue.integer), &random)
      }
    default:
      comment = "calmer alarms"
    }
    // Some have a second field, and a change that came out empty (no room to scale in) gets its only one.
    if change.isEmpty || random.chance(0.3) {
      change[.coolDownTime] = other(
        than: group[.coolDownTime], [0, 60, 120, 300, 450, 600, 1800].map(FieldValue.integer), &random)
    }
    return (change, comment)
  }

  private static func raiseLimits(
    of group: SimulatedGroup, in change: inout GroupModification, _ random: inout SeededGenerator
  ) {
    let maximum = group[.maxInstanceNumber].integerValue ?? 0
    let raised = min(maximum + Int.random(in: 1...10, using: &random), FieldChecks.maximumInstances)
    if raised > maximum { change[.maxInstanceNumber] = .integer(raised) }
    let minimum = group[.minInstanceNumber].integerValue ?? 0
    if minimum < group.desired, random.chance(0.3) { change[.minInstanceNumber] = .integer(minimum + 1) }
  }

  private static func changeDesired(
    of group: SimulatedGroup, in change: inout GroupModification, _ random: inout SeededGenerator
  ) {
    let minimum = group[.minInstanceNumber].integerValue ?? 0
    let maximum = group[.maxInstanceNumber].integerValue ?? 0
    let choices = [group.desired - 1, group.desired + 1, group.desired + 2].filter { (minimum...maximum).contains($0) }
    if !choices.isEmpty { change[.desireInstanceNumber] = .integer(random.pick(choices)) }
  }

  private static func other(
    than value: FieldValue, _ choices: [FieldValue], _ random: inout SeededGenerator
  ) -> FieldValue {
    random.pick(choices.filter { $0 != value })
  }
}
