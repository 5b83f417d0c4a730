package import AutoScaling
import Synchronization

/// The tokens of all projects, put on the requests about them (reference, section 7.1).
///
/// It is filled by whoever fetches tokens; a request about a project that has none is not sent.
package final class TokenStore: RequestAuthorizer, CustomStringConvertible, CustomReflectable {
  /// Where tokens come from.
  let identityEndpoint: ServiceEndpoint
  let credentials: PasswordCredentials
  private let tokens = Mutex(Tokens())

  private struct Tokens {
    /// By project id.
    var current: [String: String] = [:]
    /// The ones before: requests that carry them may still be out, and the service may repeat them in its answers.
    var former: [String: String] = [:]
  }

  /// - Parameters:
  ///   - authURL: of IAM, with its version: `https://iam.eu-de.otc.t-systems.com/v3`.
  ///   - credentials: for which tokens are issued.
  /// - Throws: `ServiceConfigurationError.invalidEndpoint`.
  package init(authURL: String, credentials: PasswordCredentials) throws(ServiceConfigurationError) {
    identityEndpoint = try ServiceEndpoint(authURL)
    self.credentials = credentials
  }

  func keep(_ issued: IssuedToken) {
    tokens.withLock { $0.former[issued.projectID] = $0.current.updateValue(issued.token, forKey: issued.projectID) }
  }

  package func authorize(_ request: inout RequestDescription, secondsSince1970: Double) throws(ServiceFailure) {
    guard let token = tokens.withLock({ $0.current[request.projectID] }) else {
      throw ServiceFailure(
        certainty: .notSent, disposition: .permanent, code: FleetplanCode.invalidRequest,
        message: "there is no token for project \(request.projectID)")
    }
    request.headers.append(("X-Auth-Token", token))
  }

  package func redacted(_ text: String) -> String {
    let tokens = tokens.withLock { Array($0.current.values) + Array($0.former.values) }
    let secrets = [credentials.password, credentials.passcode].compactMap { $0 } + tokens
    return text.withoutSecrets(secrets)
  }

  package func explanation(of failure: ServiceFailure, host: String, clockAhead: Double?) -> String? {
    guard failure.status == 401 else { return nil }
    return host == identityEndpoint.authority
      ? "IAM refuses the user name, its domain or the password, or the user may not use this project"
      : "the service refuses a token that IAM has just issued: does it belong to the same cloud as IAM?"
  }

  /// Neither interpolation nor `dump` shows a token or the password.
  package var description: String { "TokenStore(\(identityEndpoint))" }
  package var customMirror: Mirror { Mirror(self, children: ["identityEndpoint": identityEndpoint]) }
}
