import AutoScalingSimulator
import Signing

/// Which credentials `simulate` takes: those of its shell, so that a client beside it needs nothing else, or samples.
struct SimulatorCredentials {
  private static let userName = "OS_USERNAME"
  private static let password = "OS_PASSWORD"
  private static let domainName = "OS_USER_DOMAIN_NAME"
  private static let keyID = "OS_ACCESS_KEY"
  private static let secret = "OS_SECRET_KEY"
  private static let securityToken = "OS_SECURITY_TOKEN"

  /// The variables of the shell that are not empty.
  private let variables: [String: String]
  private let authentication: SimulatorOptions.Authentication

  init(_ authentication: SimulatorOptions.Authentication, environment: [String: String]) {
    self.authentication = authentication
    variables = environment.filter { !$0.value.isEmpty }
  }

  func apply(to options: inout SimulatorOptions) {
    options.authentication = authentication
    switch authentication {
    case .none: break
    case .token:
      options.userName = variables[Self.userName] ?? SimulatorOptions.sampleUserName
      options.password = variables[Self.password] ?? SimulatorOptions.samplePassword
      options.domainName = variables[Self.domainName] ?? SimulatorOptions.sampleDomainName
    case .aksk:
      if let key = shellKey { options.accessKey = key }
    }
  }

  private var shellKey: AccessKey? {
    guard let id = variables[Self.keyID], let secret = variables[Self.secret] else { return nil }
    return AccessKey(id: id, secret: secret, securityToken: variables[Self.securityToken])
  }

  /// How somebody beside it gives these credentials.
  ///
  /// - Parameters:
  ///   - endpoint: of the simulator, without a slash at the end.
  ///   - projectID: that of `OS_PROJECT_ID`.
  /// - Returns: lines for standard error: a command for another shell, ready to paste, and what is left out of it because
  ///   it is a secret of this shell. None where no credentials are wanted.
  func lines(endpoint: String, projectID: String) -> [String] {
    var exports = [("OS_AUTH_URL", endpoint + "/v3")]
    var hidden: [String] = []
    switch authentication {
    case .none: return []
    case .token:
      exports.append((Self.userName, variables[Self.userName] ?? SimulatorOptions.sampleUserName))
      if variables[Self.password] == nil {
        exports.append((Self.password, SimulatorOptions.samplePassword))
      } else {
        hidden = [Self.password]
      }
      exports.append((Self.domainName, variables[Self.domainName] ?? SimulatorOptions.sampleDomainName))
    case .aksk:
      if shellKey == nil {
        exports.append((Self.keyID, SimulatorOptions.sampleKeyID))
        exports.append((Self.secret, SimulatorOptions.sampleSecret))
      } else {
        hidden = [Self.keyID, Self.secret] + (variables[Self.securityToken] == nil ? [] : [Self.securityToken])
      }
    }
    exports.append(("OS_PROJECT_ID", projectID))
    let command = "export " + exports.map { "\($0)=\(ShellWord.quote($1))" }.joined(separator: " ")
    return ["for another shell:", command]
      + (hidden.isEmpty ? [] : ["not shown, as in this shell: \(hidden.joined(separator: ", "))"])
  }
}
