extension GroupField {
  /// Whether two values mean the same to the service, which is not the same as equal JSON
  /// (contract, section 4; reference, section 2.2).
  ///
  /// - `null`, `""` and `[]` are all "none", so they are equal; but not to 0 or `false`.
  /// - Availability zones are a set, unless their order counts.
  /// - Listeners are a set, of which the service keeps each once.
  /// - `lb_listener_id` is a set of ids, joined by commas.
  /// - Networks are in order (the first is the primary NIC); an absent `ipv6_enable` is `false`.
  /// - `null`, `""` and `"0"` are the default enterprise project.
  /// - No `multi_az_priority_policy` is its default, EQUILIBRIUM_DISTRIBUTE.
  ///
  /// - Parameters:
  ///   - left: a planned or a live value.
  ///   - right: the other one; the order of the two does not matter.
  ///   - zonesAreOrdered: whether the policy that holds is PICK_FIRST (`ScalingGroup.zonesAreOrdered(given:)`).
  /// - Returns: whether the service would see no difference.
  package func areEqual(_ left: FieldValue, _ right: FieldValue, zonesAreOrdered: Bool) -> Bool {
    if left == right { return true }
    switch self {
    case .enterpriseProjectID:
      return Self.isDefaultEnterpriseProject(left) && Self.isDefaultEnterpriseProject(right)
    case .multiAZPriorityPolicy:
      return Self.policy(left) == Self.policy(right)
    default: break
    }
    if left.isEmpty || right.isEmpty { return left.isEmpty && right.isEmpty }
    switch (self, left, right) {
    case (.availableZones, .strings(let left), .strings(let right)):
      return !zonesAreOrdered && Set(left) == Set(right)
    case (.notifications, .strings(let left), .strings(let right)):
      return Set(left) == Set(right)
    case (.lbListenerID, .string(let left), .string(let right)):
      return Self.listenerIDs(left) == Self.listenerIDs(right)
    case (.lbaasListeners, .listeners(let left), .listeners(let right)):
      return Set(left) == Set(right)
    case (.securityGroups, .securityGroups(let left), .securityGroups(let right)):
      return Set(left) == Set(right)
    case (.networks, .networks(let left), .networks(let right)):
      return left.map(\.withoutDefaults) == right.map(\.withoutDefaults)
    default:
      return false
    }
  }

  private static func isDefaultEnterpriseProject(_ value: FieldValue) -> Bool {
    value.isEmpty || value.stringValue == "0"
  }

  private static func policy(_ value: FieldValue) -> String? {
    value.isEmpty ? FieldLimits.multiAZPriorityPolicies.first : value.stringValue
  }

  private static func listenerIDs(_ text: String) -> Set<String> {
    Set(text.split(separator: ",").map { $0.filter { $0 != " " } })
  }
}

extension Network {
  /// The form in which it is sent: `ipv6_enable` only when it is true, the bandwidth only when there is one.
  package var withoutDefaults: Network {
    Network(
      id: id, ipv6Enable: ipv6Enable == true ? true : nil,
      ipv6BandwidthID: ipv6BandwidthID.flatMap { $0.isEmpty ? nil : $0 })
  }
}

extension ScalingGroup {
  /// Whether the order of availability zones counts: under PICK_FIRST, planned or else live
  /// (API page, table 2, `multi_az_priority_policy`).
  package func zonesAreOrdered(given planned: GroupModification) -> Bool {
    (planned[.multiAZPriorityPolicy] ?? values[.multiAZPriorityPolicy])?.stringValue == "PICK_FIRST"
  }

  /// Whether the group holds a value, as the service means it.
  ///
  /// - Parameters:
  ///   - value: a planned, expected or prior value.
  ///   - field: the field that is to hold it.
  ///   - planned: the whole change, whose policy decides whether the order of zones counts.
  /// - Returns: `nil` where the group does not show the field: unknown, which is neither null nor false.
  package func holds(_ value: FieldValue, for field: GroupField, given planned: GroupModification) -> Bool? {
    guard let live = values[field] else { return nil }
    return field.areEqual(live, value, zonesAreOrdered: zonesAreOrdered(given: planned))
  }
}
