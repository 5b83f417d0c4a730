import AutoScaling

/// What a run has to do and to record, worked out beside the program.
struct ExpectedRun: Sendable {
  /// One change of a run.
  struct Change: Sendable {
    /// Its number in the plan, from 1.
    var number: Int
    var group: GroupReference
    /// What its PUT has to send; empty for a change that the group has no need of.
    var body: GroupModification
    /// What the group holds in these fields before it.
    var prior: GroupModification
  }

  /// In the order in which those of one group are to be carried out.
  var changes: [Change]

  /// The bodies that every group is to get, in order.
  var bodies: [GroupReference: [GroupModification]] {
    var result: [GroupReference: [GroupModification]] = [:]
    for change in changes where !change.body.isEmpty { result[change.group, default: []].append(change.body) }
    return result
  }

  /// The run that takes this one back: the newest change first, each to what was held before it.
  var rollback: ExpectedRun {
    ExpectedRun(
      changes: changes.reversed().filter { !$0.body.isEmpty }.map { change in
        Change(number: change.number, group: change.group, body: change.prior, prior: change.body)
      })
  }
}
