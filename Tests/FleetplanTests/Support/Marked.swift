import AutoScaling
import AutoScalingSimulator
import Foundation
import Signing
import Testing

/// Secrets that are found again wherever they are written, and what searches for them.
enum Marked {
  /// Characters that are written otherwise in JSON, in URLs and in YAML.
  static let password = #"Marked-Passw0rd "\ %41&<b>é 7f3c9b-the-end"#
  static let passcode = "marked-passcode-2468013579"
  /// Longer than any message that is shown.
  static let token = (0..<90).map { "mark\($0)T" }.joined()
  static let secretKey = "MarkedSecretKey0123456789abcdefghij"
  static let securityToken = (0..<90).map { "mark\($0)S" }.joined()
  /// Percent-encoded in the variable.
  static let proxyPassword = "marked-proxy-passwo@d-7f3c9b"

  /// What the test writes itself.
  static let inputs: Set<String> = ["clouds.yaml", "secure.yaml", "credentials"]
  static let search = SecretSearch([
    password, passcode, token, secretKey, securityToken, proxyPassword,
    proxyPassword.replacing("@", with: "%40"),
  ])

  static func writePlan(_ stage: Stage, seconds: Int = 77) throws {
    let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),\(seconds)\n" }.joined()
    try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows)
  }

  /// - Returns: the names of the files that were searched.
  @discardableResult
  static func expectNothing(
    _ stage: Stage, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Set<String> {
    let (found, searched) = try search.findings(below: stage.folder, without: inputs)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))", sourceLocation: sourceLocation)
    return searched
  }
}

/// How credentials are given.
enum CredentialsWay: CaseIterable, Sendable {
  case passwordInVariables, passwordInFiles, token, key, temporaryKey, sdkVariables, terraformVariables

  func configure(_ options: inout SimulatorOptions) {
    switch self {
    case .passwordInVariables, .passwordInFiles:
      options.authentication = .token
      options.password = Marked.password
    case .token:
      options.authentication = .token
      options.fixedToken = Marked.token
    case .key, .terraformVariables:
      options.authentication = .aksk
      options.accessKey = AccessKey(id: "MARKEDACCESSKEY", secret: Marked.secretKey)
    case .temporaryKey, .sdkVariables:
      options.authentication = .aksk
      options.accessKey = AccessKey(
        id: "MARKEDACCESSKEY", secret: Marked.secretKey, securityToken: Marked.securityToken)
    }
  }

  /// Variables, once the files that are needed were written.
  func environment(_ stage: Stage) throws -> [String: String] {
    let authURL = stage.server.endpoint + "/v3"
    switch self {
    case .passwordInVariables:
      return [
        "OS_AUTH_URL": authURL, "OS_USERNAME": "ada", "OS_USER_DOMAIN_NAME": "account", "OS_PASSWORD": Marked.password,
        "OS_PASSCODE": Marked.passcode,
      ]
    case .passwordInFiles:
      try stage.folder.file(
        "clouds.yaml",
        "clouds:\n  fleet:\n    auth: {auth_url: '\(authURL)', username: ada, user_domain_name: account}\n")
      try stage.folder.file("secure.yaml", "clouds:\n  fleet:\n    auth:\n      password: '\(Marked.password)'\n")
      return ["OS_CLOUD": "fleet"]
    case .token: return ["OS_TOKEN": Marked.token]
    case .key: return ["OS_ACCESS_KEY": "MARKEDACCESSKEY", "OS_SECRET_KEY": Marked.secretKey]
    case .temporaryKey:
      return [
        "OS_ACCESS_KEY": "MARKEDACCESSKEY", "OS_SECRET_KEY": Marked.secretKey,
        "OS_SECURITY_TOKEN": Marked.securityToken,
      ]
    case .sdkVariables:
      return [
        "HUAWEICLOUD_SDK_AK": "MARKEDACCESSKEY", "HUAWEICLOUD_SDK_SK": Marked.secretKey,
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": Marked.securityToken,
      ]
    case .terraformVariables: return ["HW_ACCESS_KEY": "MARKEDACCESSKEY", "HW_SECRET_KEY": Marked.secretKey]
    }
  }

  /// Where the endpoint is not found out by itself.
  func connection(_ stage: Stage) -> [String] {
    self == .passwordInVariables || self == .passwordInFiles ? [] : stage.connection
  }
}
