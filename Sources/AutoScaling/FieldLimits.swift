/// The limits of "Modifying an AS Group", one constant each: validation, the simulator and the plan schema use
/// the same ones.
///
/// *Page* is `modifying-an-as-group.md`; *reference* is `autoscaling-api.md`, named where the page is silent.
package enum FieldLimits {
  /// Characters of `scaling_group_name`: "cannot exceed 64 characters" (page, table 2); an empty one is AS.2002.
  package static let nameLength = 1...64
  /// Instances a group can have. The page names no limit; 1,000 is the highest instance quota there is
  /// (reference, section 1.5), and what an account really has is for the service to judge (AS.2045).
  package static let instanceNumber = 0...1_000
  /// Seconds (page, table 2).
  package static let coolDownTime = 0...86_400
  /// Seconds (page, table 2).
  package static let healthPeriodicAuditGracePeriod = 0...86_400
  /// Minutes; 0 is every 10 seconds (page, table 2).
  package static let healthPeriodicAuditTimes = [0, 1, 5, 15, 60, 180]
  /// Subnets (page, table 2: "up to five"); there is no documented empty form (reference, section 1.1).
  package static let networkCount = 1...5
  /// Security groups (page, table 2: "a maximum of one"); there is no documented empty form.
  package static let securityGroupCount = 1...1
  /// Ids in `lb_listener_id` (page, table 2: "up to six").
  package static let lbListenerIDCount = 1...6
  /// Elements of `lbaas_listeners` (page, table 2: "up to six").
  package static let lbaasListenerCount = 1...6
  /// TCP port (page, table 3).
  package static let protocolPort = 1...65_535
  /// Page, table 3.
  package static let weight = 0...100
  /// Characters of `description` (reference, section 1.1; it is not on the page).
  package static let descriptionLength = 1...256
  /// Characters of an id or of the name of an availability zone. No page limits them: the longest that are known are UUIDs
  /// (36), so this only keeps out what is no id.
  package static let identifierLength = 1...64

  /// Page, table 2.
  package static let healthPeriodicAuditMethods = ["ELB_AUDIT", "NOVA_AUDIT"]
  /// Page, table 2, the default first.
  package static let instanceTerminatePolicies = [
    "OLD_CONFIG_OLD_INSTANCE", "OLD_CONFIG_NEW_INSTANCE", "OLD_INSTANCE", "NEW_INSTANCE",
  ]
  /// Page, table 2, the default first.
  package static let multiAZPriorityPolicies = ["EQUILIBRIUM_DISTRIBUTE", "PICK_FIRST"]
  /// Page, table 2.
  package static let notifications = ["EMAIL"]
}
