package import AutoScaling

/// What a group, as just read, means for a change: the decisions of contract section 4 that need live values.
///
/// Pure: the same change, group and options give the same answer.
package enum LiveAssessment: Sendable, Hashable {
  /// The group holds every planned value already.
  case holds
  /// A field is neither what was expected nor what is planned.
  case conflicted(found: GroupModification, reason: String)
  /// The live values forbid the change, and waiting would not help.
  case blocked(code: String, reason: String)
  /// The group is scaling and a field needs it still.
  case busy(reason: String)
  /// The fields to send, each with its prior value.
  case send(PriorRecord, instanceChange: Int)

  /// Judges a change of which no PUT may have taken effect yet.
  ///
  /// - Parameters:
  ///   - change: what is planned and expected.
  ///   - group: the group as just read.
  ///   - attempt: the number of the PUT that would follow, from 1.
  ///   - options: `skipPreconditions`, `requireReversible` and `overwriteDrift` count.
  ///   - omitted: fields that are left out of this attempt (after AS.2028).
  /// - Returns: what to do with the change.
  package static func assess(
    _ change: ClaimedChange, group: ScalingGroup, attempt: Int, options: RunOptions, omitted: Set<GroupField> = []
  ) -> LiveAssessment {
    var changed = GroupModification()
    for entry in change.planned.entries where !omitted.contains(entry.field) {
      if group.holds(entry.value, for: entry.field, given: change.planned) != true {
        changed[entry.field] = entry.value
      }
    }
    if changed.isEmpty, !guardsSomethingElse(change) { return .holds }
    if !options.overwriteDrift, let conflict = conflict(of: change, with: group) { return conflict }
    if changed.isEmpty { return .holds }
    if !options.skipPreconditions, let objection = group.objection(to: changed) {
      switch objection {
      case .scaling(let field, let reason): return .busy(reason: "\(field.rawValue): \(reason)")
      case .forbidden(let code, let field, let reason):
        return .blocked(code: code, reason: "\(field.rawValue): \(reason)")
      }
    }
    return sending(changed, to: group, attempt: attempt, options: options)
  }

  private static func sending(
    _ changed: GroupModification, to group: ScalingGroup, attempt: Int, options: RunOptions
  ) -> LiveAssessment {
    var prior = GroupModification()
    var unrestorable: [GroupField] = []
    for entry in changed.entries {
      let live = group.values[entry.field]
      prior[entry.field] = live ?? .null
      if case .impossible = entry.field.restoration(of: live) { unrestorable.append(entry.field) }
    }
    let instanceChange = group.instanceChange(by: changed)
    if options.requireReversible {
      if let field = unrestorable.first, case .impossible(let reason) = field.restoration(of: group.values[field]) {
        return .blocked(code: FleetplanCode.irreversible, reason: "\(field.rawValue): \(reason)")
      }
      if instanceChange < 0 {
        return .blocked(
          code: FleetplanCode.irreversible,
          reason: "desire_instance_number: \(-instanceChange) instances would be removed, and they do not come back")
      }
    }
    let record = PriorRecord(attempt: attempt, prior: prior, planned: changed, unrestorable: unrestorable)
    return .send(record, instanceChange: instanceChange)
  }

  /// An expectation about a field that is not planned is a guard: it must hold even where nothing is to do.
  private static func guardsSomethingElse(_ change: ClaimedChange) -> Bool {
    change.expected.entries.contains { change.planned[$0.field] == nil }
  }

  private static func conflict(of change: ClaimedChange, with group: ScalingGroup) -> LiveAssessment? {
    var found = GroupModification()
    var reasons: [String] = []
    for entry in change.expected.entries {
      if group.holds(entry.value, for: entry.field, given: change.planned) == true { continue }
      if let planned = change.planned[entry.field],
        group.holds(planned, for: entry.field, given: change.planned) == true
      {
        continue
      }
      let live = group.values[entry.field]
      found[entry.field] = live ?? .null
      reasons.append(
        "\(entry.field.rawValue) is \(live?.json ?? "not shown"), expected was \(entry.value.json)")
    }
    return found.isEmpty ? nil : .conflicted(found: found, reason: reasons.joined(separator: "; "))
  }
}

/// What a read says about a change whose PUT may have taken effect (contract, section 4).
package enum DoubtSettlement: Sendable, Hashable {
  /// All planned fields hold.
  case applied(Applied)
  /// Each field holds its planned or its prior value; these still have to be sent.
  case sendAgain(GroupModification, applied: Applied)
  /// A field holds something else.
  case conflicted(found: GroupModification, applied: Applied, reason: String)

  var isToSendAgain: Bool {
    if case .sendAgain = self { true } else { false }
  }

  /// Compares a group with the record in force and the plan.
  ///
  /// - Returns: `applied` is `yes` where a field whose prior differs from the plan now holds the planned value.
  package static func settle(_ change: ClaimedChange, record: PriorRecord, group: ScalingGroup) -> DoubtSettlement {
    var remaining = GroupModification()
    var found = GroupModification()
    var reasons: [String] = []
    var applied = Applied.no
    for entry in change.planned.entries {
      let field = entry.field
      if group.holds(entry.value, for: field, given: change.planned) == true {
        if record.planned[field] != nil { applied = .yes }
        continue
      }
      let live = group.values[field]
      // A field that was not sent held its planned value then: that was its prior too.
      let prior = record.planned[field] == nil ? entry.value : record.prior[field] ?? .null
      if field.areEqual(live ?? .null, prior, zonesAreOrdered: false) {
        remaining[field] = entry.value
      } else {
        found[field] = live ?? .null
        reasons.append(
          "\(field.rawValue) is \(live?.json ?? "not shown"), neither the planned \(entry.value.json) nor the prior "
            + prior.json)
      }
    }
    if !found.isEmpty {
      return .conflicted(found: found, applied: applied, reason: reasons.joined(separator: "; "))
    }
    return remaining.isEmpty ? .applied(applied) : .sendAgain(remaining, applied: applied)
  }
}
