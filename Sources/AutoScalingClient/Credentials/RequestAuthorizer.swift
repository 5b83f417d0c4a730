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
}

/// No credentials: for the simulator, and for gateways that add their own.
package struct NoAuthorizer: RequestAuthorizer {
  package init() {}

  package func authorize(_ request: inout RequestDescription, secondsSince1970: Double) throws(ServiceFailure) {}

  package func redacted(_ text: String) -> String { text }
}
