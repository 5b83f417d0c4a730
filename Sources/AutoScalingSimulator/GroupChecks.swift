import AutoScaling

/// What the service refuses because of the group that a modification is for (the reference, sections 1.2 to 1.4).
struct GroupChecks {
  let group: SimulatedGroup
  let modification: GroupModification
  /// The VPC of each network that the simulator knows; others are taken to be in the group's own.
  let vpcOfNetwork: [String: String]
  let faults: FaultPlan

  /// Every check, in the service's order: status, numbers, listeners, then what the group's state forbids.
  ///
  /// A field that is given with the value that the group has is no change and is never refused by state.
  ///
  /// - Throws: the first refusal.
  func run() throws(ServiceError) {
    if group.status == "DELETING" || group.status == "FREEZED" {
      throw ServiceError(.statusForbids, group.status)
    }
    if group.scaling != nil, let code = faults.busyScalingCode.flatMap(AutoScalingCode.init(rawValue:)) {
      throw ServiceError(code, "SCALING")
    }
    try checkNumbers()
    try checkHealthMethod()
    try checkVPC()
    try checkState()
    try checkRepeats()
  }

  /// The value that will hold after the modification.
  private func value(_ field: GroupField) -> FieldValue { modification[field] ?? group[field] }

  private func checkNumbers() throws(ServiceError) {
    let minimum = value(.minInstanceNumber).integerValue ?? 0
    let desired = value(.desireInstanceNumber).integerValue ?? 0
    let maximum = value(.maxInstanceNumber).integerValue ?? 0
    if minimum > maximum {
      throw ServiceError(.limitsInvalid, "the minimum \(minimum) is above the maximum \(maximum)")
    }
    if !(minimum...maximum).contains(desired) {
      throw ServiceError(.desireOutOfRange, "\(desired) is not within \(minimum) to \(maximum)")
    }
  }

  private func checkHealthMethod() throws(ServiceError) {
    let hasClassic = !value(.lbListenerID).isEmpty
    let hasEnhanced = !value(.lbaasListeners).isEmpty
    if hasClassic, hasEnhanced { throw ServiceError(.bothListenerKinds) }
    if modification[.healthPeriodicAuditMethod] == .string("ELB_AUDIT"), !hasClassic, !hasEnhanced {
      throw ServiceError(.auditMethodInvalid, "ELB_AUDIT without a listener")
    }
  }

  private func checkVPC() throws(ServiceError) {
    guard case .networks(let networks)? = modification[.networks] else { return }
    for network in networks where vpcOfNetwork[network.id].map({ $0 != group.vpcID }) ?? false {
      throw ServiceError(.networkOutsideVPC, network.id)
    }
  }

  /// The seed page's conditions, with the codes of the reference, section 1.3.
  private func checkState() throws(ServiceError) {
    let isScaling = group.scaling != nil
    let isFree = !isScaling && group.currentInstanceNumber == 0 && group.status != "INSERVICE"
    if changesListeners {
      if isScaling { throw ServiceError(.listenersWhileScaling) }
      if !isFree { throw ServiceError(.placementFixed) }
    }
    if changesZones, isScaling { throw ServiceError(.zonesWhileScaling) }
    if !isFree, changesNetworks || changesSecurityGroups { throw ServiceError(.placementFixed) }
  }

  private func checkRepeats() throws(ServiceError) {
    if faults.refusesSameNumber, let desired = modification[.desireInstanceNumber],
      desired == group[.desireInstanceNumber]
    {
      throw ServiceError(.sameNumber)
    }
    if faults.refusesSamePublicIP, let flag = modification[.deletePublicIP], flag == group[.deletePublicIP] {
      throw ServiceError(.publicIPFixed)
    }
  }

  // MARK: What is a change

  /// The ids of classic listeners as a set; of enhanced ones the set of pools: weight and port are free.
  private var changesListeners: Bool {
    if case .string(let planned)? = modification[.lbListenerID] {
      let live = group[.lbListenerID].stringValue ?? ""
      if Set(planned.split(separator: ",")) != Set(live.split(separator: ",")) { return true }
    }
    if case .listeners(let planned)? = modification[.lbaasListeners] {
      guard case .listeners(let live) = group[.lbaasListeners] else { return true }
      return Set(planned.map(\.poolID)) != Set(live.map(\.poolID))
    }
    return false
  }

  /// The order of zones means something to PICK_FIRST only.
  private var changesZones: Bool {
    guard case .strings(let planned)? = modification[.availableZones],
      case .strings(let live) = group[.availableZones]
    else { return false }
    if value(.multiAZPriorityPolicy) == .string("PICK_FIRST") { return planned != live }
    return Set(planned) != Set(live)
  }

  /// The order of networks always means something: the first one is the primary interface's.
  private var changesNetworks: Bool {
    guard case .networks(let planned)? = modification[.networks], case .networks(let live) = group[.networks] else {
      return false
    }
    return planned.count != live.count
      || zip(planned, live).contains { planned, live in
        planned.id != live.id || planned.ipv6Enable ?? false != live.ipv6Enable ?? false
          || planned.ipv6BandwidthID != live.ipv6BandwidthID
      }
  }

  private var changesSecurityGroups: Bool {
    guard case .securityGroups(let planned)? = modification[.securityGroups] else { return false }
    guard case .securityGroups(let live) = group[.securityGroups] else { return true }
    return planned != live
  }
}
