import AutoScaling
import AutoScalingSimulator
import GRDB
import JSONText
import Testing

/// A plan in memory, and what must become of the groups when it is carried out: worked out beside the program.
struct PlanModel {
  struct Change {
    var group: GroupReference
    var planned: GroupModification
  }

  let changes: [Change]
  /// What every group holds before, and after all changes.
  let before: [GroupReference: GroupModification]
  private(set) var after: [GroupReference: GroupModification]
  /// The fields that each change has to send, in the order of the plan; empty for one that changes nothing.
  private(set) var bodies: [GroupModification] = []

  init(_ changes: [Change], before: [GroupReference: GroupModification]) {
    self.changes = changes
    self.before = before
    after = before
    for change in changes {
      guard let held = after[change.group] else {
        bodies.append(GroupModification())
        continue
      }
      bodies.append(change.planned.filter { change.planned[$0] != held[$0] })
      after[change.group] = change.planned.merging(defaults: held)
    }
  }

  /// Two changes for every group, the second after all first ones: each sets some fields, one of which may be held.
  static func twoChanges(of groups: some Sequence<GroupReference>, _ stage: Stage) -> PlanModel {
    let before = stage.values
    let sorted = groups.sorted { $0.description < $1.description }
    var changes: [Change] = []
    for (number, group) in sorted.enumerated() {
      var planned = GroupModification([.coolDownTime: .integer(1000 + number)])
      let maximum = before[group]?[.maxInstanceNumber]?.integerValue ?? 1
      // Every third one plans what the group holds already: that must not be sent.
      planned[.maxInstanceNumber] = .integer(number % 3 == 0 ? maximum : maximum + 1)
      changes.append(Change(group: group, planned: planned))
    }
    for (number, group) in sorted.enumerated() {
      changes.append(
        Change(
          group: group,
          planned: GroupModification([
            .scalingGroupName: .string("renamed-\(number)"), .coolDownTime: .integer(2000 + number),
          ])))
    }
    return PlanModel(changes, before: before)
  }

  /// The plan as CSV; values are numbers and plain words.
  var csv: String {
    let fields = Set(changes.flatMap(\.planned.fields)).sorted()
    var text = "project_id,scaling_group_id," + fields.map(\.rawValue).joined(separator: ",") + "\n"
    for change in changes {
      let cells = fields.map { change.planned[$0].map { $0.stringValue ?? $0.json } ?? "" }
      text += ([change.group.projectID, change.group.groupID] + cells).joined(separator: ",") + "\n"
    }
    return text
  }

  /// The effects that every group must have seen, in order.
  var effects: [GroupReference: [GroupModification]] {
    var result: [GroupReference: [GroupModification]] = [:]
    for (change, body) in zip(changes, bodies) where !body.isEmpty { result[change.group, default: []].append(body) }
    return result
  }

  /// Compares the rows of `rollback_record` with what was held before each change.
  func checkRecords(_ stage: Stage, run: Int = 1, sourceLocation: SourceLocation = #_sourceLocation) throws {
    var held = before
    let rows = try stage.rows("SELECT * FROM rollback_record WHERE run_id = \(run) ORDER BY change, field")
    var recorded: [Int: [String]] = [:]
    for row in rows {
      let number: Int = row["change"]
      let change = changes[number - 1]
      let name: String = row["field"]
      let field = try #require(GroupField(rawValue: name), sourceLocation: sourceLocation)
      #expect(row["prior"] as String? == held[change.group]?[field]?.json, sourceLocation: sourceLocation)
      #expect(row["planned"] as String? == change.planned[field]?.json, sourceLocation: sourceLocation)
      held[change.group]?[field] = change.planned[field]
      recorded[number, default: []].append(name)
    }
    for (index, body) in bodies.enumerated() {
      #expect(
        recorded[index + 1] ?? [] == body.fields.map(\.rawValue).sorted(), "change \(index + 1)",
        sourceLocation: sourceLocation)
    }
  }

  /// What the service must have seen, whatever went wrong on the way.
  func checkJournal(_ stage: Stage, sourceLocation: SourceLocation = #_sourceLocation) {
    let journal = stage.journal
    #expect(journal.maximumInFlightPerGroup(.put) <= 1, sourceLocation: sourceLocation)
    // Each change has taken effect once, in plan order, with the fields that it changes and no others.
    let effects = journal.effectivePUTs().mapValues { $0.map(\.modification) }
    #expect(effects == self.effects, sourceLocation: sourceLocation)
    for (change, body) in zip(changes, bodies) {
      let puts = journal.filter { $0.kind == .put && $0.reference == change.group && $0.modification == body }
      // Nothing is sent again once its success was known.
      if let known = puts.firstIndex(where: { $0.status == 200 && $0.faults.isEmpty }) {
        #expect(puts.count == known + 1, "\(change.group)", sourceLocation: sourceLocation)
      }
      // And no other PUT of the group carries other fields than a change of the plan.
      let others = journal.filter { $0.kind == .put && $0.reference == change.group }
      #expect(
        others.allSatisfy { put in
          zip(changes, bodies).contains { $0.group == change.group && $1 == put.modification }
        }, "\(change.group)", sourceLocation: sourceLocation)
    }
  }
}
