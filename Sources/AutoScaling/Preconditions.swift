/// Why the live values of a group speak against a change, before it is sent.
package enum LiveObjection: Sendable, Hashable {
  /// A scaling action is in progress; when it has ended, the change may be possible.
  case scaling(field: GroupField, reason: String)
  /// Waiting would not help. The code is one of `FleetplanCode`.
  case forbidden(code: String, field: GroupField, reason: String)
}

extension ScalingGroup {
  /// Judges a change by the preconditions of the API page (contract, section 4).
  ///
  /// What the group does not show is not judged: that is left to the service.
  ///
  /// - Parameter planned: only the fields whose planned value differs from the live one.
  /// - Returns: the objection that is final, if there is one; else a scaling action to wait for; else `nil`.
  package func objection(to planned: GroupModification) -> LiveObjection? {
    guard let first = planned.entries.first?.field else { return nil }
    if status == "DELETING" {
      return .forbidden(
        code: FleetplanCode.groupDeleting, field: first, reason: "the group is being deleted (status DELETING)")
    }
    if let objection = instanceRangeObjection(to: planned) { return objection }
    if let objection = auditObjection(to: planned) { return objection }

    var waiting: LiveObjection?
    for entry in planned.entries {
      switch entry.field {
      case .networks, .securityGroups, .lbListenerID, .lbaasListeners:
        if entry.field == .lbaasListeners, keepsPools(entry.value) { continue }
        guard let objection = emptinessObjection(to: entry.field) else { continue }
        if case .forbidden = objection { return objection }
        waiting = waiting ?? objection
      case .availableZones where isScaling == true:
        waiting =
          waiting
          ?? .scaling(
            field: .availableZones,
            reason: "the group is scaling; available_zones can change only while no scaling action is in progress")
      default: continue
      }
    }
    return waiting
  }

  /// How many instances the change adds (positive) or removes (negative).
  ///
  /// Only a planned `desire_instance_number` moves instances: where min or max alone would force the number, the
  /// service refuses. It is compared with the live desired number, and only where that is not shown with the instances there are.
  package func instanceChange(by planned: GroupModification) -> Int {
    guard let desired = planned[.desireInstanceNumber]?.integerValue,
      let live = values[.desireInstanceNumber]?.integerValue ?? currentInstanceNumber
    else { return 0 }
    return desired - live
  }

  // MARK: The rules

  /// The three conditions of networks, security groups and listeners (API page, tables 2 and 3).
  private func emptinessObjection(to field: GroupField) -> LiveObjection? {
    let rule = "can change only in a group that is not in service, has no instances and is not scaling"
    let name = field == .lbaasListeners ? "the pool_ids of lbaas_listeners" : field.rawValue
    func forbidden(_ found: String) -> LiveObjection {
      .forbidden(code: FleetplanCode.precondition, field: field, reason: "\(found); \(name) \(rule)")
    }
    if status == "INSERVICE" { return forbidden("the group is in service (status INSERVICE)") }
    if let current = currentInstanceNumber, current > 0 {
      let count = "the group has \(current) instance\(current == 1 ? "" : "s")"
      // Only a scaling action on its way to 0 can empty the group.
      let desired = values[.desireInstanceNumber]?.integerValue ?? 0
      guard isScaling == true, desired == 0 else { return forbidden(count) }
      return .scaling(field: field, reason: "\(count) and is scaling; \(name) \(rule)")
    }
    guard isScaling == true else { return nil }
    return .scaling(field: field, reason: "the group is scaling; \(name) \(rule)")
  }

  /// Weight and port are free as long as the set of pools stays (API page, table 3).
  private func keepsPools(_ planned: FieldValue) -> Bool {
    guard let live = values[.lbaasListeners] else { return true }
    return Self.pools(live) == Self.pools(planned)
  }

  private static func pools(_ value: FieldValue) -> Set<String> {
    guard case .listeners(let list) = value else { return [] }
    return Set(list.map(\.poolID))
  }

  /// min ≤ desired ≤ max over the values that will hold, planned or else live (API page, table 2).
  private func instanceRangeObjection(to planned: GroupModification) -> LiveObjection? {
    func bound(_ field: GroupField) -> (value: Int, isPlanned: Bool)? {
      if let value = planned[field]?.integerValue { return (value, true) }
      return values[field]?.integerValue.map { ($0, false) }
    }
    for (lower, upper) in [
      (GroupField.minInstanceNumber, GroupField.maxInstanceNumber),
      (.minInstanceNumber, .desireInstanceNumber),
      (.desireInstanceNumber, .maxInstanceNumber),
    ] {
      guard let low = bound(lower), let high = bound(upper), low.isPlanned || high.isPlanned, low.value > high.value
      else { continue }
      // The planned one is to blame; where both are, the upper one, as on loading.
      guard high.isPlanned else {
        return .forbidden(
          code: FleetplanCode.instanceRange, field: lower,
          reason: "\(low.value) is above the group's \(upper.rawValue) (\(high.value))")
      }
      return .forbidden(
        code: FleetplanCode.instanceRange, field: upper,
        reason: "\(high.value) is below the \(low.isPlanned ? "planned" : "group's") \(lower.rawValue) (\(low.value))")
    }
    return nil
  }

  /// ELB_AUDIT "takes effect in an AS group with a listener" (API page, table 2) and requires one (reference, 1.2).
  private func auditObjection(to planned: GroupModification) -> LiveObjection? {
    guard planned[.healthPeriodicAuditMethod]?.stringValue == "ELB_AUDIT",
      let classic = planned[.lbListenerID] ?? values[.lbListenerID], classic.isEmpty,
      let enhanced = planned[.lbaasListeners] ?? values[.lbaasListeners], enhanced.isEmpty
    else { return nil }
    return .forbidden(
      code: FleetplanCode.noListener, field: .healthPeriodicAuditMethod,
      reason: "ELB_AUDIT needs a listener, and the group has neither lb_listener_id nor lbaas_listeners")
  }
}
