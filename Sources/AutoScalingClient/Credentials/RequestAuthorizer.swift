package import AutoScaling

/// A request as its authorizer sees it: everything that a signature covers.
package struct RequestDescription: Sendable {
  /// Upper case: `GET`, `PUT`.
  package var method: String
  /// The value of the `Host` header, with the port where it is not the scheme's default.
  package var host: String
  /// Path as it is on the wire, percent-encoded.
  package var path: String
  /// Names and values before percent-encoding.
  package var query: [(name: String, value: String)]
  /// Headers of the request; authorizers append theirs.
  package var headers: [(String, String)]
  package var body: [UInt8]
  package var projectID: String

  package init(
    method: String, host: String, path: String, query: [(name: String, value: String)] = [],
    headers: [(String, String)] = [], body: [UInt8] = [], projectID: String
  ) {
    self.method = method
    self.host = host
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.projectID = projectID
  }
}

/// Puts credentials on each single attempt of a request: a repeated request gets a fresh date and signature.
package protocol RequestAuthorizer: Sendable {
  /// Appends the headers that carry the credentials.
  ///
  /// - Parameters:
  ///   - request: the request, complete but for its credentials.
  ///   - secondsSince1970: the time of this attempt, for signatures.
  /// - Throws: `ServiceFailure` with certainty `notSent` where there are no credentials to send.
  func authorize(_ request: inout RequestDescription, secondsSince1970: Double) throws(ServiceFailure)

  /// A text of the service's, without the secrets that it may have echoed.
  func redacted(_ text: String) -> String

  /// What may be wrong with the credentials where the service has refused them.
  ///
  /// - Parameters:
  ///   - failure: the refusal.
  ///   - host: host and port that answered.
  ///   - clockAhead: by how many seconds our clock is ahead of the server's `Date`; `nil` where it has sent none.
  /// - Returns: some words to be added to the message; `nil` for none.
  func explanation(of failure: ServiceFailure, host: String, clockAhead: Double?) -> String?
}

extension RequestAuthorizer {
  package func explanation(of failure: ServiceFailure, host: String, clockAhead: Double?) -> String? { nil }
}

/// No credentials: for the simulator, and for gateways that add their own.
package struct NoAuthorizer: RequestAuthorizer {
  package init() {}

  package func authorize(_ request: inout RequestDescription, secondsSince1970: Double) throws(ServiceFailure) {}

  package func redacted(_ text: String) -> String { text }

  package func explanation(of failure: ServiceFailure, host: String, clockAhead: Double?) -> String? {
    guard failure.status == 401 else { return nil }
    return "sent without credentials: give OS_TOKEN, OS_ACCESS_KEY and OS_SECRET_KEY, or OS_AUTH_URL, OS_USERNAME, "
      + "OS_USER_DOMAIN_NAME and OS_PASSWORD, or choose a cloud of clouds.yaml with --cloud"
  }
}
