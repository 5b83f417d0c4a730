import AutoScaling
import JSONText

/// A group of the simulated service.
///
/// It is kept small, there can be 100,000: texts are shared between groups where they repeat, and a group
/// whose scaling action has ended is brought up to date only when it is next looked at.
struct SimulatedGroup: Sendable {
  /// A scaling action in progress.
  struct Scaling: Sendable {
    /// Time since the start of the simulator at which it ends.
    var endsAt: Duration
    /// Its number in the group's activity log.
    var activity: Int
  }

  let id: String
  let projectID: String
  let vpcID: String
  /// Seconds since 1970.
  let createdAt: Int
  /// `INSERVICE`, `PAUSED`, `ERROR`, `DELETING` or `FREEZED`.
  var status: String
  var currentInstanceNumber: Int32 = 0
  var scaling: Scaling?
  /// How many scaling actions there were.
  var scalingCount: Int32 = 0
  /// How many requests came, by method: faults go by these numbers.
  var requestCounts = RequestCounts()

  // The parameters, in the order of `GroupField`. Optionals can be null in the service's answer.
  private var scalingGroupName = ""
  private var minInstanceNumber: Int32 = 0
  private var desireInstanceNumber: Int32 = 0
  private var maxInstanceNumber: Int32 = 0
  private var coolDownTime: Int32 = 300
  private var availableZones: [String] = []
  private var networks: [Network] = []
  private var securityGroups: [String]?
  private var lbListenerID: String?
  private var lbaasListeners: [Listener]?
  private var healthPeriodicAuditMethod = "NOVA_AUDIT"
  private var healthPeriodicAuditTime: Int32 = 5
  private var healthPeriodicAuditGracePeriod: Int32 = 600
  private var instanceTerminatePolicy = "OLD_CONFIG_OLD_INSTANCE"
  private var scalingConfigurationID: String?
  private var notifications: [String]?
  private var deletePublicIP = false
  private var deleteVolume = false
  private var enterpriseProjectID: String?
  private var multiAZPriorityPolicy = "EQUILIBRIUM_DISTRIBUTE"
  private var groupDescription: String?

  init(
    id: String, projectID: String, vpcID: String, createdAt: Int, status: String, values: GroupModification,
    currentInstanceNumber: Int
  ) {
    self.id = id
    self.projectID = projectID
    self.vpcID = vpcID
    self.createdAt = createdAt
    self.status = status
    self.currentInstanceNumber = Int32(clamping: currentInstanceNumber)
    apply(values)
  }

  /// The value that a GET shows.
  subscript(field: GroupField) -> FieldValue {
    get {
      switch field {
      case .scalingGroupName: .string(scalingGroupName)
      case .minInstanceNumber: .integer(Int(minInstanceNumber))
      case .desireInstanceNumber: .integer(Int(desireInstanceNumber))
      case .maxInstanceNumber: .integer(Int(maxInstanceNumber))
      case .coolDownTime: .integer(Int(coolDownTime))
      case .availableZones: .strings(availableZones)
      case .networks: .networks(networks)
      case .securityGroups: securityGroups.map(FieldValue.securityGroups) ?? .null
      case .lbListenerID: lbListenerID.map(FieldValue.string) ?? .null
      case .lbaasListeners: lbaasListeners.map(FieldValue.listeners) ?? .null
      case .healthPeriodicAuditMethod: .string(healthPeriodicAuditMethod)
      case .healthPeriodicAuditTime: .integer(Int(healthPeriodicAuditTime))
      case .healthPeriodicAuditGracePeriod: .integer(Int(healthPeriodicAuditGracePeriod))
      case .instanceTerminatePolicy: .string(instanceTerminatePolicy)
      case .scalingConfigurationID: scalingConfigurationID.map(FieldValue.string) ?? .null
      case .notifications: notifications.map(FieldValue.strings) ?? .null
      case .deletePublicIP: .boolean(deletePublicIP)
      case .deleteVolume: .boolean(deleteVolume)
      case .enterpriseProjectID: enterpriseProjectID.map(FieldValue.string) ?? .null
      case .multiAZPriorityPolicy: .string(multiAZPriorityPolicy)
      case .description: groupDescription.map(FieldValue.string) ?? .null
      }
    }
    set { set(field, to: newValue) }
  }

  /// Sets every field that has a value. They must have passed the service's checks.
  mutating func apply(_ modification: GroupModification) {
    for entry in modification.entries { self[entry.field] = entry.value }
  }

  private mutating func set(_ field: GroupField, to value: FieldValue) {
    switch (field, value) {
    case (.scalingGroupName, .string(let text)): scalingGroupName = text
    case (.minInstanceNumber, .integer(let number)): minInstanceNumber = Int32(clamping: number)
    case (.desireInstanceNumber, .integer(let number)): desireInstanceNumber = Int32(clamping: number)
    case (.maxInstanceNumber, .integer(let number)): maxInstanceNumber = Int32(clamping: number)
    case (.coolDownTime, .integer(let number)): coolDownTime = Int32(clamping: number)
    case (.availableZones, .strings(let zones)): availableZones = zones
    case (.networks, .networks(let list)): networks = list
    case (.securityGroups, .securityGroups(let ids)): securityGroups = ids
    case (.securityGroups, .null): securityGroups = nil
    case (.lbListenerID, .string(let text)): lbListenerID = text
    case (.lbListenerID, .null): lbListenerID = nil
    case (.lbaasListeners, .listeners(let list)): lbaasListeners = list
    case (.lbaasListeners, .null): lbaasListeners = nil
    case (.healthPeriodicAuditMethod, .string(let text)): healthPeriodicAuditMethod = text
    case (.healthPeriodicAuditTime, .integer(let number)): healthPeriodicAuditTime = Int32(clamping: number)
    case (.healthPeriodicAuditGracePeriod, .integer(let number)):
      healthPeriodicAuditGracePeriod = Int32(clamping: number)
    case (.instanceTerminatePolicy, .string(let text)): instanceTerminatePolicy = text
    case (.scalingConfigurationID, .string(let text)): scalingConfigurationID = text
    case (.scalingConfigurationID, .null): scalingConfigurationID = nil
    case (.notifications, .strings(let list)): notifications = list
    case (.notifications, .null): notifications = nil
    case (.deletePublicIP, .boolean(let flag)): deletePublicIP = flag
    case (.deleteVolume, .boolean(let flag)): deleteVolume = flag
    case (.enterpriseProjectID, .string(let text)): enterpriseProjectID = text
    case (.enterpriseProjectID, .null): enterpriseProjectID = nil
    case (.multiAZPriorityPolicy, .string(let text)): multiAZPriorityPolicy = text
    case (.description, .string(let text)): groupDescription = text
    case (.description, .null): groupDescription = nil
    default: preconditionFailure("\(field.rawValue) of a group cannot be \(value)")
    }
  }

  // MARK: What rules and lists look at

  var name: String { scalingGroupName }
  var desired: Int { Int(desireInstanceNumber) }
  var configurationID: String? { scalingConfigurationID }
  var enterpriseProject: String? { enterpriseProjectID }
  var hasListener: Bool { lbListenerID?.isEmpty == false || lbaasListeners?.isEmpty == false }

  /// All parameters with their values.
  var values: GroupModification {
    var values = GroupModification()
    for field in GroupField.allCases { values[field] = self[field] }
    return values
  }

  /// The group as a reader of the API would decode it.
  var scalingGroup: ScalingGroup {
    ScalingGroup(
      id: id, values: values, status: status, isScaling: scaling != nil,
      currentInstanceNumber: Int(currentInstanceNumber), vpcID: vpcID)
  }

  /// Writes the object of "Querying an AS Group" (the reference, section 2), keys in that order.
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("scaling_group_name", scalingGroupName)
    writer.member("scaling_group_id", id)
    writer.member("scaling_group_status", status)
    writer.member("scaling_configuration_id", scalingConfigurationID)
    writer.member("scaling_configuration_name", scalingConfigurationID.map { "as-config-\($0.prefix(4))" })
    writer.member("current_instance_number", Int(currentInstanceNumber))
    writer.member("desire_instance_number", Int(desireInstanceNumber))
    writer.member("min_instance_number", Int(minInstanceNumber))
    writer.member("max_instance_number", Int(maxInstanceNumber))
    writer.member("cool_down_time", Int(coolDownTime))
    writer.member("lb_listener_id", lbListenerID)
    writeListeners(to: &writer)
    writer.key("available_zones")
    self[.availableZones].write(to: &writer)
    writeNetworks(to: &writer)
    writer.key("security_groups")
    self[.securityGroups].write(to: &writer)
    writer.member("create_time", CalendarTime(seconds: createdAt).iso8601)
    writer.member("vpc_id", vpcID)
    writer.member("detail", nil as String?)
    writer.member("is_scaling", scaling != nil)
    writer.member("health_periodic_audit_method", healthPeriodicAuditMethod)
    writer.member("health_periodic_audit_time", Int(healthPeriodicAuditTime))
    writer.member("health_periodic_audit_grace_period", Int(healthPeriodicAuditGracePeriod))
    writer.member("instance_terminate_policy", instanceTerminatePolicy)
    writer.key("notifications")
    self[.notifications].write(to: &writer)
    writer.member("delete_publicip", deletePublicIP)
    writer.member("delete_volume", deleteVolume)
    writer.member("cloud_location_id", nil as String?)
    writer.member("enterprise_project_id", enterpriseProjectID)
    writer.member("activity_type", scaling == nil ? nil : "DIFF")
    writer.member("multi_az_priority_policy", multiAZPriorityPolicy)
    writer.member("description", groupDescription)
    writer.endObject()
  }

  private func writeListeners(to writer: inout JSONWriter) {
    writer.key("lbaas_listeners")
    guard let lbaasListeners else { return writer.null() }
    writer.beginArray()
    for listener in lbaasListeners {
      var hash = SeededHash(seed: 0, "listener")
      hash.combine(listener.poolID)
      var generator = SeededGenerator(hash)
      writer.beginObject()
      writer.member("listener_id", generator.uuid())
      writer.member("pool_id", listener.poolID)
      writer.member("protocol_port", listener.protocolPort)
      writer.member("weight", listener.weight)
      writer.endObject()
    }
    writer.endArray()
  }

  private func writeNetworks(to writer: inout JSONWriter) {
    writer.key("networks")
    writer.beginArray()
    for network in networks {
      writer.beginObject()
      writer.member("id", network.id)
      writer.member("ipv6_enable", network.ipv6Enable ?? false)
      writer.key("ipv6_bandwidth")
      if let bandwidth = network.ipv6BandwidthID {
        writer.beginObject()
        writer.member("id", bandwidth)
        writer.endObject()
      } else {
        writer.null()
      }
      writer.endObject()
    }
    writer.endArray()
  }
}

/// How many requests a group or a project had, by method.
struct RequestCounts: Sendable {
  private var gets: UInt32 = 0
  private var puts: UInt32 = 0
  private var posts: UInt32 = 0

  /// Counts one more and gives its number, from 1.
  mutating func next(_ method: FaultSpec.Method) -> Int {
    switch method {
    case .get:
      gets += 1
      return Int(gets)
    case .put:
      puts += 1
      return Int(puts)
    case .post:
      posts += 1
      return Int(posts)
    }
  }
}
