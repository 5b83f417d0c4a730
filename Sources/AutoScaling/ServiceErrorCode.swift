/// One error code that the service or the gateway before it is known to answer with (reference, sections 6.3 and 6.4).
package struct ServiceErrorCode: Sendable, Hashable {
  /// What a code asks for: the classes of the reference, section 6.3.
  package enum Class: String, Sendable, Hashable, CaseIterable {
    /// T: wait and retry.
    case transient
    /// S: wait until the group is not scaling.
    case state
    /// S or P: a read tells which.
    case stateIfScaling
    /// AS.2028: the desired number is that already.
    case sameNumber
    /// The token or the signature.
    case credentials
    /// P.
    case permanent
  }

  /// As answered; the gateway's with the prefix `APIG.`.
  package var code: String
  /// The HTTP statuses that it is documented with, the usual one first.
  package var statuses: [Int]
  package var errorClass: Class
  package var meaning: String

  private init(_ code: String, _ errorClass: Class, _ meaning: String) {
    self.init(code, errorClass, [400], meaning)
  }

  private init(_ code: String, _ errorClass: Class, _ statuses: [Int], _ meaning: String) {
    self.code = code
    self.statuses = statuses
    self.errorClass = errorClass
    self.meaning = meaning
  }

  /// The entry of a code; the prefixes `APIG.` and `APIGW.` are alike (reference, section 6.4).
  package static func entry(of code: String) -> ServiceErrorCode? {
    code.hasPrefix("APIGW.") ? byCode["APIG." + code.dropFirst("APIGW.".count)] : byCode[code]
  }

  private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })

  /// The table, in the order of the reference.
  package static let all: [ServiceErrorCode] = groupCodes + queryCodes + otherServiceCodes + gatewayCodes

  private static let groupCodes: [ServiceErrorCode] = [
    .init("AS.0001", .transient, [500], "system error"),
    .init("AS.0002", .permanent, "the request body is empty"),
    .init("AS.0003", .state, "AS group lock conflict"),
    .init("AS.0005", .credentials, [401], "the token is missing or wrong"),
    .init("AS.0006", .credentials, [401], "the token has expired"),
    .init("AS.0007", .permanent, [404], "the requested resource is not found"),
    .init("AS.0008", .permanent, "the project of the URL is not the token's"),
    .init("AS.0011", .permanent, [403], "no rights"),
    .init("AS.0012", .permanent, [403], "the role is suspended"),
    .init("AS.0013", .permanent, [403], "the rights are disabled"),
    .init("AS.0022", .permanent, "malformed body or unsupported parameter"),
    .init("AS.0026", .state, "the group is cooling down"),
    .init("AS.0031", .permanent, "a fine-grained policy does not allow it"),
    .init("AS.0033", .permanent, [404, 400], "API version"),
    .init("AS.0034", .state, "a policy is being carried out"),
    .init("AS.0049", .transient, [500], "the IAM call failed"),
    .init("AS.0050", .state, "the maximum number of instances is reached"),
    .init("AS.1001", .permanent, "start_number is invalid"),
    .init("AS.1002", .permanent, "limit is invalid"),
    .init("AS.1003", .permanent, "the configuration id is null"),
    .init("AS.1004", .permanent, "the configuration does not exist"),
    .init("AS.1086", .permanent, "the configuration cannot be used"),
    .init("AS.1088", .permanent, "the image is not in the availability zone"),
    .init("AS.2002", .permanent, "the name is null"),
    .init("AS.2003", .permanent, "the name is too long"),
    .init("AS.2004", .permanent, "the minimum or maximum number of instances is invalid"),
    .init("AS.2005", .permanent, "the desired number of instances is out of range"),
    .init("AS.2006", .permanent, "the cooldown period is invalid"),
    .init("AS.2007", .permanent, [400, 404], "the AS group does not exist"),
    .init("AS.2008", .permanent, "the action is invalid"),
    .init("AS.2009", .permanent, "the group id is null"),
    .init("AS.2010", .permanent, "the desired number is below the protected instances"),
    .init("AS.2011", .permanent, "an availability zone is invalid"),
    .init("AS.2012", .permanent, "the VPC is missing"),
    .init("AS.2013", .permanent, "networks are invalid"),
    .init("AS.2014", .permanent, "the security group is missing"),
    .init("AS.2015", .permanent, "a listener is invalid"),
    .init("AS.2016", .permanent, "a listener is not in the VPC"),
    .init("AS.2017", .permanent, "the VPC is null"),
    .init("AS.2018", .permanent, "the group has no configuration"),
    .init("AS.2019", .permanent, "for deletion or creation only"),
    .init("AS.2020", .state, "the status is illegal"),
    .init("AS.2021", .permanent, "for deletion or creation only"),
    .init("AS.2022", .permanent, "the name has bad characters"),
    .init("AS.2023", .permanent, "for deletion or creation only"),
    .init("AS.2024", .permanent, "too many networks"),
    .init("AS.2025", .permanent, "too many security groups"),
    .init("AS.2026", .permanent, "listeners of both kinds"),
    .init("AS.2027", .permanent, "a network is not in the VPC"),
    .init("AS.2028", .sameNumber, "the desired number is the original number"),
    .init("AS.2029", .permanent, "the health check method is invalid"),
    .init("AS.2030", .stateIfScaling, "cannot change with instances, while scaling or in service"),
    .init("AS.2031", .permanent, "the health check period is invalid"),
    .init("AS.2032", .permanent, "the removal policy is invalid"),
    .init("AS.2033", .stateIfScaling, "not allowed in the current status"),
    .init("AS.2034", .permanent, "the notification mode is invalid"),
    .init("AS.2035", .permanent, "adding instances would exceed the maximum"),
    .init("AS.2036", .permanent, "removing instances would fall below the minimum"),
    .init("AS.2037", .permanent, "too many listeners"),
    .init("AS.2038", .permanent, "the flavor is sold out in the availability zone"),
    .init("AS.2039", .permanent, "protocol_port is invalid"),
    .init("AS.2040", .permanent, "weight is invalid"),
    .init("AS.2042", .permanent, "a pool is invalid"),
    .init("AS.2043", .permanent, "the volume type is sold out in the availability zone"),
    .init("AS.2044", .permanent, "an availability zone is unavailable"),
    .init("AS.2045", .permanent, "the maximum number is above the upper limit"),
    .init("AS.2046", .permanent, "the grace period is invalid"),
    .init("AS.2047", .state, "the load balancer cannot change while a scaling action runs"),
    .init("AS.2048", .permanent, "IPv6: subnet"),
    .init("AS.2049", .permanent, "IPv6: availability zone"),
    .init("AS.2050", .permanent, "IPv6: bandwidth without IPv6"),
    .init("AS.2051", .permanent, "the desired number is below the standby instances"),
    .init("AS.2052", .permanent, "the desired number is below protected and standby instances"),
    .init("AS.2053", .permanent, "the multi-AZ policy is invalid"),
    .init("AS.2054", .state, "availability zones cannot change while a scaling action runs"),
    .init("AS.2057", .permanent, "the EIP release configuration cannot be modified"),
  ]

  private static let queryCodes: [ServiceErrorCode] =
    (0...6).map { ServiceErrorCode("AS.400\($0)", .permanent, "instance query") }
    + (1...13).map { ServiceErrorCode($0 < 10 ? "AS.900\($0)" : "AS.90\($0)", .permanent, "activity log query") }

  private static let otherServiceCodes: [ServiceErrorCode] = [
    .init("AS.7012", .permanent, "a listener is unavailable"),
    .init("AS.7019", .permanent, "no free private IP address"),
    .init("AS.7022", .permanent, "the key pair is missing"),
    .init("AS.7059", .permanent, "the enterprise project is missing"),
    .init("AS.7060", .permanent, "the enterprise project is unavailable"),
    .init("AS.7065", .permanent, "the enterprise project's value is invalid"),
    .init("AS.7078", .transient, "cannot get the security group from the VPC, try again later"),
    .init("AS.7081", .permanent, "the enterprise project is disabled"),
    .init("AS.7111", .permanent, "ECS quota"),
    .init("AS.7112", .permanent, "EVS quota"),
    .init("AS.7113", .permanent, "EIP quota"),
    .init("AS.7114", .permanent, "RAM quota"),
    .init("AS.7115", .permanent, "vCPU quota"),
  ]

  private static let gatewayCodes: [ServiceErrorCode] = [
    .init("APIG.0101", .permanent, [404], "the path or method does not exist"),
    .init("APIG.0201", .permanent, [400, 413, 414, 494, 500, 502, 504], "bad request, or backend down"),
    .init("APIG.0202", .transient, [502], "the backend is unavailable"),
    .init("APIG.0203", .transient, [504], "the backend timed out"),
    .init("APIG.0301", .credentials, [401], "the token or signature is wrong"),
    .init("APIG.0302", .permanent, [403], "not allowed"),
    .init("APIG.0306", .permanent, [403], "not allowed"),
    .init("APIG.0307", .credentials, [401], "the token must be updated"),
    .init("APIG.0308", .transient, [429], "throttled"),
    .init("APIG.0310", .permanent, [403], "the project is unavailable"),
    .init("APIG.0601", .transient, [500], "internal error"),
    .init("APIG.0610", .transient, [502], "no backend"),
    .init("APIG.0613", .transient, [503], "IAM is unavailable"),
    .init("IAM.0001", .credentials, [401], "authentication is needed"),
    .init("IAM.0012", .transient, [429], "throttled"),
    .init("IAM.0061", .credentials, [401], "the account is locked"),
    .init("IAM.0062", .credentials, [401], "the password is wrong"),
    .init("IAM.0066", .credentials, [401], "the token has expired"),
    .init("IAM.0067", .credentials, [401], "the token is invalid"),
  ]
}
