import AutoScaling

/// What the service refuses about the value of one field, whatever group it is for (the reference, section 1.1).
///
/// Which networks, configurations, listeners … exist is not simulated: everything that looks like an id exists, except the
/// nil UUID, by which a test gets the refusal of a missing one.
enum FieldChecks {
  /// Instances a group of this account can have at most: the range of the page "Creating an AS Group".
  static let maximumInstances = 300
  /// An id that never exists (RFC 9562, section 5.9).
  static let missingID = "00000000-0000-0000-0000-000000000000"

  /// - Throws: the field's code.
  static func check(_ modification: GroupModification) throws(ServiceError) {
    for entry in modification.entries {
      switch entry.value {
      case .integer(let number): try check(number, of: entry.field)
      case .string(let text): try check(text, of: entry.field)
      case .strings(let list): try check(list, of: entry.field)
      case .networks(let networks): try check(networks)
      case .securityGroups(let ids): try check(securityGroups: ids)
      case .listeners(let listeners): try check(listeners)
      case .boolean, .null: continue
      }
    }
    if modification[.lbListenerID] != nil, modification[.lbaasListeners] != nil {
      throw ServiceError(.bothListenerKinds)
    }
  }

  private static func check(_ number: Int, of field: GroupField) throws(ServiceError) {
    switch field {
    case .minInstanceNumber, .maxInstanceNumber:
      if number < 0 { throw ServiceError(.limitsInvalid, "\(number)") }
      if number > maximumInstances { throw ServiceError(.aboveUpperLimit, "\(number)") }
    case .desireInstanceNumber:
      // Numbers beyond 32 bits are out of every range; the group's own limits are checked with the group.
      if !(0...Int(Int32.max)).contains(number) { throw ServiceError(.desireOutOfRange, "\(number)") }
    case .coolDownTime:
      if !FieldLimits.coolDownTime.contains(number) { throw ServiceError(.coolDownInvalid, "\(number)") }
    case .healthPeriodicAuditTime:
      if !FieldLimits.healthPeriodicAuditTimes.contains(number) { throw ServiceError(.auditTimeInvalid, "\(number)") }
    case .healthPeriodicAuditGracePeriod:
      if !FieldLimits.healthPeriodicAuditGracePeriod.contains(number) {
        throw ServiceError(.gracePeriodInvalid, "\(number)")
      }
    default: break
    }
  }

  private static func check(_ text: String, of field: GroupField) throws(ServiceError) {
    switch field {
    case .scalingGroupName: try check(name: text)
    case .lbListenerID: try check(listenerIDs: text)
    case .healthPeriodicAuditMethod:
      try check(text, isOneOf: FieldLimits.healthPeriodicAuditMethods, else: .auditMethodInvalid)
    case .instanceTerminatePolicy:
      try check(text, isOneOf: FieldLimits.instanceTerminatePolicies, else: .terminatePolicyInvalid)
    case .multiAZPriorityPolicy:
      try check(text, isOneOf: FieldLimits.multiAZPriorityPolicies, else: .priorityPolicyInvalid)
    case .scalingConfigurationID:
      if text.isEmpty { throw ServiceError(.configurationNull) }
      try check(id: text, else: .configurationMissing)
    case .enterpriseProjectID:
      guard text.isEmpty || text == "0" || (Identifier.isUUID(text) && text != missingID) else {
        throw ServiceError(.enterpriseProjectInvalid, text)
      }
    case .description:
      // No code is documented for it: a value that the service does not support.
      guard FieldLimits.descriptionLength.contains(text.unicodeScalars.count) else {
        throw ServiceError(.bodyMalformed, "description has \(text.unicodeScalars.count) characters, not 1 to 256")
      }
    default: break
    }
  }

  private static func check(name: String) throws(ServiceError) {
    if name.isEmpty { throw ServiceError(.nameEmpty) }
    let isClean = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    if !isClean { throw ServiceError(.nameCharacters) }
    if name.utf8.count > FieldLimits.nameLength.upperBound { throw ServiceError(.nameTooLong) }
  }

  private static func check(_ list: [String], of field: GroupField) throws(ServiceError) {
    if field == .notifications {
      for mode in list { try check(mode, isOneOf: FieldLimits.notifications, else: .notificationInvalid) }
      return
    }
    if list.isEmpty { throw ServiceError(.zoneInvalid, "") }
    for zone in list where !isZone(zone) { throw ServiceError(.zoneInvalid, zone) }
  }

  /// Zones of Open Telekom Cloud: `eu-de-01`, `eu-nl-02`, `eu-ch2a` …
  private static func isZone(_ name: String) -> Bool {
    for region in ["eu-de-0", "eu-nl-0"] where name.hasPrefix(region) {
      return ["1", "2", "3"].contains(name.dropFirst(region.count))
    }
    return name == "eu-ch2a" || name == "eu-ch2b"
  }

  private static func check(_ networks: [Network]) throws(ServiceError) {
    if networks.isEmpty { throw ServiceError(.networkInvalid, "null") }
    if networks.count > FieldLimits.networkCount.upperBound { throw ServiceError(.tooManyNetworks) }
    for network in networks {
      try check(id: network.id, else: .networkInvalid)
      if network.ipv6BandwidthID != nil, network.ipv6Enable != true { throw ServiceError(.bandwidthWithoutIPv6) }
    }
  }

  private static func check(securityGroups ids: [String]) throws(ServiceError) {
    if ids.isEmpty { throw ServiceError(.securityGroupMissing, "null") }
    if ids.count > FieldLimits.securityGroupCount.upperBound { throw ServiceError(.tooManySecurityGroups) }
    for id in ids { try check(id: id, else: .securityGroupMissing) }
  }

  private static func check(listenerIDs text: String) throws(ServiceError) {
    let ids = text.split(separator: ",", omittingEmptySubsequences: false)
    if ids.count > FieldLimits.lbListenerIDCount.upperBound { throw ServiceError(.tooManyListeners) }
    for id in ids { try check(id: String(id), else: .listenerInvalid) }
  }

  private static func check(_ listeners: [Listener]) throws(ServiceError) {
    if listeners.isEmpty { throw ServiceError(.listenerInvalid, "null") }
    if listeners.count > FieldLimits.lbaasListenerCount.upperBound { throw ServiceError(.tooManyListeners) }
    for listener in listeners {
      try check(id: listener.poolID, else: .poolInvalid)
      if !FieldLimits.protocolPort.contains(listener.protocolPort) {
        throw ServiceError(.portInvalid, "\(listener.protocolPort)")
      }
      if !FieldLimits.weight.contains(listener.weight) { throw ServiceError(.weightInvalid, "\(listener.weight)") }
    }
  }

  private static func check(
    _ text: String, isOneOf choices: [String], else code: AutoScalingCode
  ) throws(ServiceError) {
    if !choices.contains(text) { throw ServiceError(code, text) }
  }

  private static func check(id: String, else code: AutoScalingCode) throws(ServiceError) {
    if Identifier.problem(with: id) != nil || id == missingID { throw ServiceError(code, id) }
  }
}
