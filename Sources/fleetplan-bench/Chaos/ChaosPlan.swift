import AutoScaling
import ChangeRun
import JSONText

/// A random plan in which no two changes of a group send the same, and what it makes of the groups.
struct ChaosPlan: Sendable {
  struct Change: Sendable {
    var group: GroupReference
    var planned: GroupModification
  }

  private(set) var changes: [Change] = []
  private(set) var expected = ExpectedRun(changes: [])
  /// What the groups hold before.
  let before: [GroupReference: GroupModification]
  /// What they hold after all changes.
  private(set) var after: [GroupReference: GroupModification]

  /// - Parameters:
  ///   - groups: as they are.
  ///   - changesPerGroup: how many changes a group gets.
  ///   - random: the same numbers and groups give the same plan.
  init(
    groups: [GroupReference: GroupModification], changesPerGroup: ClosedRange<Int>, using random: inout SplitMix64
  ) {
    before = groups
    after = groups
    var turns: [GroupReference] = []
    // A dictionary has another order in each process.
    for group in groups.keys.sorted(by: { $0.description < $1.description }) {
      turns += Array(repeating: group, count: Int.random(in: changesPerGroup, using: &random))
    }
    turns.shuffle(using: &random)
    for group in turns { append(to: group, using: &random) }
  }

  private mutating func append(to group: GroupReference, using random: inout SplitMix64) {
    guard let held = after[group] else { return }
    let planned =
      Int.random(in: 0..<10, using: &random) == 0
      ? Self.whatIsHeld(held, using: &random) : Self.newValues(held, mark: changes.count + 1, using: &random)
    let shown = ScalingGroup(id: group.groupID, values: held)
    let body = planned.filter { field in
      planned[field].map { shown.holds($0, for: field, given: planned) != true } ?? false
    }
    changes.append(Change(group: group, planned: planned))
    expected.changes.append(
      ExpectedRun.Change(
        number: changes.count, group: group, body: body, prior: held.filter { body[$0] != nil }))
    after[group] = body.merging(defaults: held)
  }

  // MARK: Values

  /// A change that the group has no need of.
  private static func whatIsHeld(
    _ held: GroupModification, using random: inout SplitMix64
  ) -> GroupModification {
    let fields: [GroupField] = [.coolDownTime, .maxInstanceNumber, .instanceTerminatePolicy, .healthPeriodicAuditTime]
    let chosen = fields.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
    return held.filter { chosen.contains($0) }
  }

  /// At least one field gets a value that no other change has, so that a PUT in the journal is that change's.
  private static func newValues(
    _ held: GroupModification, mark: Int, using random: inout SplitMix64
  ) -> GroupModification {
    var planned = GroupModification()
    for field in marking.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random)) {
      switch field {
      case .coolDownTime: planned[field] = .integer(1_000 + mark)
      case .healthPeriodicAuditGracePeriod: planned[field] = .integer(2_000 + mark)
      default: planned[field] = .string("chaos-\(mark)")
      }
    }
    for field in others.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random)) {
      // What cannot be taken back would be another test.
      if case .impossible = field.restoration(of: held[field]) { continue }
      planned[field] = other(field, held, using: &random)
    }
    addNumbers(to: &planned, held, using: &random)
    return planned
  }

  private static let marking: [GroupField] = [.coolDownTime, .scalingGroupName, .healthPeriodicAuditGracePeriod]
  private static let others: [GroupField] = [
    .availableZones, .healthPeriodicAuditTime, .instanceTerminatePolicy, .deletePublicIP, .deleteVolume, .description,
    .notifications,
  ]

  private static func other(
    _ field: GroupField, _ held: GroupModification, using random: inout SplitMix64
  ) -> FieldValue? {
    let choices: [FieldValue] =
      switch field {
      case .availableZones: [.strings(["eu-de-01"]), .strings(["eu-de-03", "eu-de-02"]), .strings(["eu-de-02"])]
      case .healthPeriodicAuditTime: FieldLimits.healthPeriodicAuditTimes.map(FieldValue.integer)
      case .instanceTerminatePolicy: FieldLimits.instanceTerminatePolicies.map(FieldValue.string)
      case .deletePublicIP, .deleteVolume: [.boolean(true), .boolean(false)]
      case .description: [.string("by chaos"), .string("Zur Prüfung, \"1\"")]
      case .notifications: [.strings(["EMAIL"])]
      default: []
      }
    return choices.randomElement(using: &random)
  }

  /// Sometimes numbers of instances, min ≤ desired ≤ max.
  private static func addNumbers(
    to planned: inout GroupModification, _ held: GroupModification, using random: inout SplitMix64
  ) {
    guard let low = held[.minInstanceNumber]?.integerValue, let high = held[.maxInstanceNumber]?.integerValue,
      let desired = held[.desireInstanceNumber]?.integerValue
    else { return }
    switch Int.random(in: 0..<5, using: &random) {
    case 0: planned[.desireInstanceNumber] = .integer(Int.random(in: low...high, using: &random))
    case 1: planned[.maxInstanceNumber] = .integer(Int.random(in: desired...desired + 9, using: &random))
    case 2: planned[.minInstanceNumber] = .integer(Int.random(in: 0...desired, using: &random))
    default: break
    }
  }

  // MARK: Files

  /// The plan as CSV, every cell in quotes.
  var csv: String {
    let fields = Set(changes.flatMap(\.planned.fields)).sorted()
    let header = (["project_id", "scaling_group_id"] + fields.map(\.rawValue)).joined(separator: ",")
    let rows = changes.map { change in
      let cells = fields.map { field in change.planned[field].map { $0.stringValue ?? $0.json } ?? "" }
      return ([change.group.projectID, change.group.groupID] + cells)
        .map { "\"" + $0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" }
        .joined(separator: ",")
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// The plan as JSON Lines.
  var jsonLines: String {
    changes.map { change in
      var writer = JSONWriter()
      writer.beginObject()
      writer.member("project_id", change.group.projectID)
      writer.member("scaling_group_id", change.group.groupID)
      for entry in change.planned.entries {
        writer.key(entry.field.rawValue)
        entry.value.write(to: &writer)
      }
      writer.endObject()
      return writer.text + "\n"
    }.joined()
  }
}
