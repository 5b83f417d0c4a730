/// A body parameter of "Modifying an AS Group" (API page, table 2), and `description`, which newer pages add.
///
/// The raw value is the parameter's name in the API, in plans and in the ledger. The order of the cases is
/// the order in which fields are written and shown.
package enum GroupField: String, CaseIterable, Sendable, Hashable {
  case scalingGroupName = "scaling_group_name"
  case minInstanceNumber = "min_instance_number"
  case desireInstanceNumber = "desire_instance_number"
  case maxInstanceNumber = "max_instance_number"
  case coolDownTime = "cool_down_time"
  case availableZones = "available_zones"
  case networks = "networks"
  case securityGroups = "security_groups"
  case lbListenerID = "lb_listener_id"
  case lbaasListeners = "lbaas_listeners"
  case healthPeriodicAuditMethod = "health_periodic_audit_method"
  case healthPeriodicAuditTime = "health_periodic_audit_time"
  case healthPeriodicAuditGracePeriod = "health_periodic_audit_grace_period"
  case instanceTerminatePolicy = "instance_terminate_policy"
  case scalingConfigurationID = "scaling_configuration_id"
  case notifications = "notifications"
  case deletePublicIP = "delete_publicip"
  case deleteVolume = "delete_volume"
  case enterpriseProjectID = "enterprise_project_id"
  case multiAZPriorityPolicy = "multi_az_priority_policy"
  case description = "description"

  /// The shape of a field's value.
  package enum Kind: Sendable, Hashable {
    case string
    case integer
    case boolean
    /// An array of strings: `available_zones`, `notifications`.
    case strings
    case networks
    case securityGroups
    case listeners
  }

  package var kind: Kind {
    switch self {
    case .scalingGroupName, .lbListenerID, .healthPeriodicAuditMethod, .instanceTerminatePolicy,
      .scalingConfigurationID, .enterpriseProjectID, .multiAZPriorityPolicy, .description:
      .string
    case .minInstanceNumber, .desireInstanceNumber, .maxInstanceNumber, .coolDownTime, .healthPeriodicAuditTime,
      .healthPeriodicAuditGracePeriod:
      .integer
    case .deletePublicIP, .deleteVolume: .boolean
    case .availableZones, .notifications: .strings
    case .networks: .networks
    case .securityGroups: .securityGroups
    case .lbaasListeners: .listeners
    }
  }
}

extension GroupField: Comparable {
  /// Position among `allCases`, from 0: a case without a payload is laid out as its number.
  package var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }

  package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}
