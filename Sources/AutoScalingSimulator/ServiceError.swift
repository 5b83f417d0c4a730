/// A refusal of the service: HTTP status, code and text (the reference, section 6).
struct ServiceError: Error, Sendable, Hashable {
  var status: Int
  var code: String
  var message: String

  /// A refusal with a code of the AS service; its status is the documented one, and the detail fills the `%s` of its text.
  init(_ code: AutoScalingCode, _ detail: String = "") {
    status = code.status
    self.code = code.rawValue
    let pieces = code.text.split(separator: "%s", omittingEmptySubsequences: false)
    message = pieces.joined(separator: detail)
  }
}

/// The codes of the AS service that the simulator answers with (the reference, section 6.3).
enum AutoScalingCode: String, Sendable, CaseIterable {
  case systemError = "AS.0001"
  case bodyEmpty = "AS.0002"
  case lockConflict = "AS.0003"
  case tokenMissing = "AS.0005"
  case tokenInvalid = "AS.0006"
  case resourceNotFound = "AS.0007"
  case projectMismatch = "AS.0008"
  case noRights = "AS.0011"
  case bodyMalformed = "AS.0022"
  case versionUnknown = "AS.0033"
  case startNumberInvalid = "AS.1001"
  case limitInvalid = "AS.1002"
  case configurationNull = "AS.1003"
  case configurationMissing = "AS.1004"
  case nameEmpty = "AS.2002"
  case nameTooLong = "AS.2003"
  case limitsInvalid = "AS.2004"
  case desireOutOfRange = "AS.2005"
  case coolDownInvalid = "AS.2006"
  case groupMissing = "AS.2007"
  case actionInvalid = "AS.2008"
  case groupIDNull = "AS.2009"
  case zoneInvalid = "AS.2011"
  case networkInvalid = "AS.2013"
  case securityGroupMissing = "AS.2014"
  case listenerInvalid = "AS.2015"
  case noConfiguration = "AS.2018"
  case statusIllegal = "AS.2020"
  case nameCharacters = "AS.2022"
  case tooManyNetworks = "AS.2024"
  case tooManySecurityGroups = "AS.2025"
  case bothListenerKinds = "AS.2026"
  case networkOutsideVPC = "AS.2027"
  case sameNumber = "AS.2028"
  case auditMethodInvalid = "AS.2029"
  case placementFixed = "AS.2030"
  case auditTimeInvalid = "AS.2031"
  case terminatePolicyInvalid = "AS.2032"
  case statusForbids = "AS.2033"
  case notificationInvalid = "AS.2034"
  case tooManyListeners = "AS.2037"
  case portInvalid = "AS.2039"
  case weightInvalid = "AS.2040"
  case poolInvalid = "AS.2042"
  case aboveUpperLimit = "AS.2045"
  case gracePeriodInvalid = "AS.2046"
  case listenersWhileScaling = "AS.2047"
  case bandwidthWithoutIPv6 = "AS.2050"
  case priorityPolicyInvalid = "AS.2053"
  case zonesWhileScaling = "AS.2054"
  case publicIPFixed = "AS.2057"
  case enterpriseProjectInvalid = "AS.7065"
  case logTimeInvalid = "AS.9001"

  var status: Int {
    switch self {
    case .systemError: 500
    case .tokenMissing, .tokenInvalid: 401
    case .noRights: 403
    case .resourceNotFound, .versionUnknown: 404
    default: 400
    }
  }

  /// `%s` is filled with what the request had.
  var text: String {
    switch self {
    case .systemError: "System error."
    case .bodyEmpty: "The request message body is empty."
    case .lockConflict: "AS group lock conflict."
    case .tokenMissing: "The token in the request is empty."
    case .tokenInvalid: "The token is invalid or has expired."
    case .resourceNotFound: "The requested resource [%s] is not found."
    case .projectMismatch: "The project ID in the URL is inconsistent with that in the token."
    case .noRights: "You do not have the rights to perform the operation."
    case .bodyMalformed: "The request message body is incorrect: %s."
    case .versionUnknown: "The API version [%s] does not exist."
    case .startNumberInvalid: "The start_number [%s] is invalid."
    case .limitInvalid: "The limit [%s] is invalid; it ranges from 0 to 100."
    case .configurationNull: "The AS configuration ID is null."
    case .configurationMissing: "The AS configuration [%s] does not exist."
    case .nameEmpty: "The AS group name is null."
    case .nameTooLong: "The AS group name is longer than 64 characters."
    case .limitsInvalid: "The minimum or maximum number of instances is invalid: %s."
    case .desireOutOfRange: "The expected number of instances is not between the minimum and the maximum: %s."
    case .coolDownInvalid: "The cooldown period [%s] is invalid; it ranges from 0 to 86400."
    case .groupMissing: "The AS group does not exist."
    case .actionInvalid: "The action [%s] is invalid."
    case .groupIDNull: "The AS group ID is null."
    case .zoneInvalid: "The AZ [%s] is invalid."
    case .networkInvalid: "The network [%s] is invalid."
    case .securityGroupMissing: "The security group [%s] does not exist."
    case .listenerInvalid: "The load balancer listener [%s] is invalid."
    case .noConfiguration: "The AS group has no AS configuration."
    case .statusIllegal: "The AS group status [%s] is illegal."
    case .nameCharacters: "The AS group name contains invalid characters."
    case .tooManyNetworks: "The number of networks exceeds the upper limit of 5."
    case .tooManySecurityGroups: "The number of security groups exceeds the upper limit of 1."
    case .bothListenerKinds: "A classic and an enhanced load balancer cannot be used at the same time."
    case .networkOutsideVPC: "The network [%s] does not belong to the VPC of the AS group."
    case .sameNumber: "The expected number of instances is the same as the original one."
    case .auditMethodInvalid: "The health check method [%s] is invalid."
    case .placementFixed:
      "The load balancer, AZ, subnet or security group cannot be changed while the AS group has instances, "
        + "performs a scaling action or is in service."
    case .auditTimeInvalid: "The health check period [%s] is invalid."
    case .terminatePolicyInvalid: "The instance removal policy [%s] is invalid."
    case .statusForbids: "The operation is not allowed because the AS group is in the current [%s] status."
    case .notificationInvalid: "The notification mode [%s] is invalid."
    case .tooManyListeners: "The number of load balancer listeners exceeds the upper limit of 6."
    case .portInvalid: "The backend port [%s] is invalid."
    case .weightInvalid: "The weight [%s] is invalid."
    case .poolInvalid: "The backend ECS group [%s] is invalid."
    case .aboveUpperLimit: "The maximum number of instances [%s] exceeds the upper limit."
    case .gracePeriodInvalid: "The health check grace period [%s] is invalid; it ranges from 0 to 86400."
    case .listenersWhileScaling: "The load balancer cannot be changed while a scaling action is being performed."
    case .bandwidthWithoutIPv6: "An IPv6 bandwidth needs a network with IPv6 enabled."
    case .priorityPolicyInvalid: "The multi-AZ priority policy [%s] is invalid."
    case .zonesWhileScaling: "The AZ cannot be changed while a scaling action is being performed."
    case .publicIPFixed: "The EIP release configuration cannot be modified."
    case .enterpriseProjectInvalid: "The enterprise project ID [%s] is invalid."
    case .logTimeInvalid: "The time [%s] is invalid; its format is yyyy-MM-ddThh:mm:ssZ."
    }
  }
}
