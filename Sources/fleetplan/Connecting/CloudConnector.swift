import AutoScalingClient
import ChangeRun
import CloudConfiguration
import Foundation
import Logging
import Signing

/// What flags, variables and `clouds.yaml` say about the cloud, before anything was asked of it.
struct CloudConnector {
  let options: CloudOptions
  let settings: CloudSettings
  let credentials: ChosenCredentials
  let context: CommandContext

  /// - Throws: `CommandError` 78 where something is contradictory or missing.
  init(_ options: CloudOptions, _ context: CommandContext) throws {
    self.options = options
    self.context = context
    settings = try mappingErrors {
      try CloudSettings.resolve(cloud: options.cloud, in: .current(variables: context.environment))
    }
    credentials = try mappingErrors { [settings] in try settings.credentials(for: options.auth) }
    context.logger.debug("credentials", metadata: ["source": "\(credentials.source)"])
    if !settings.verifies.value {
      context.warn(
        "certificates are not verified (\(settings.verifies.source)): whoever is in between can read and change everything"
      )
    }
  }

  /// The project that is configured, by its id.
  var projectID: String? { settings.projectID?.value }

  /// What clients are made from.
  ///
  /// - Parameters:
  ///   - endpoints: by project id.
  ///   - run: its time-out and concurrency count.
  /// - Returns: the options, with the endpoints of all projects.
  func clientOptions(endpoints: [String: String], run: RunOptions) -> ServiceClientOptions {
    ServiceClientOptions(
      endpoints: endpoints, requestTimeout: run.requestTimeout,
      maximumConnections: run.concurrency ?? RunOptions.automaticConcurrency.upperBound,
      caFile: options.caFile ?? settings.caFile?.value, skipsCertificateVerification: !settings.verifies.value,
      proxies: ProxySettings(context.environment), allowsHTTP: options.allowHttp,
      userAgent: "fleetplan/\(ToolVersion.text)",
      wallClock: { Date().timeIntervalSince1970 })
  }

  /// What puts the credentials on requests.
  ///
  /// - Throws: `CommandError` 78 where they cannot be sent in a header, or IAM's address is none.
  func authorizer() throws -> any RequestAuthorizer {
    try mappingErrors {
      switch credentials.credentials {
      case .none: return NoAuthorizer()
      case .token(let token): return try TokenAuthorizer(token: token.reveal())
      case .accessKey(let id, let secret, let securityToken):
        let key = AccessKey(id: id, secret: secret.reveal(), securityToken: securityToken?.reveal())
        return try AccessKeyAuthorizer(key: key, form: options.signing.form)
      case .password(let user): return try TokenStore(authURL: user.authURL, credentials: PasswordCredentials(user))
      }
    }
  }
}

extension PasswordCredentials {
  /// The user's id is enough to name a user; a name needs its domain.
  fileprivate init(_ settings: PasswordSettings) {
    let domain = settings.userDomainID.map(IdentityName.id) ?? settings.userDomainName.map(IdentityName.name)
    self.init(
      user: settings.userID.map(IdentityName.id) ?? .name(settings.userName ?? ""), userDomain: domain,
      password: settings.password.reveal(), passcode: settings.passcode?.reveal())
  }
}
