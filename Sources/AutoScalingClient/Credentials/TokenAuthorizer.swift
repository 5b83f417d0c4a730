package import AutoScaling

/// A token that is ready to use, sent as `X-Auth-Token` (reference, section 7.1).
package struct TokenAuthorizer: RequestAuthorizer, CustomStringConvertible, CustomReflectable {
  private let token: String

  /// - Parameter token: visible ASCII, as IAM gives it.
  /// - Throws: `ServiceConfigurationError.unusableToken` for an empty one, or one that a header cannot carry.
  package init(token: String) throws(ServiceConfigurationError) {
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw ServiceConfigurationError.unusableToken
    }
    self.token = token
  }

  package func authorize(_ request: inout RequestDescription, secondsSince1970: Double) throws(ServiceFailure) {
    request.headers.append(("X-Auth-Token", token))
  }

  package func redacted(_ text: String) -> String {
    text.withoutSecrets([token])
  }

  package func explanation(of failure: ServiceFailure, host: String, clockAhead: Double?) -> String? {
    guard failure.status == 401 else { return nil }
    return "the token may have expired (they live 24 hours at most), or be one for another project or cloud"
  }

  /// Neither interpolation nor `dump` shows the token.
  package var description: String { "TokenAuthorizer([token])" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
