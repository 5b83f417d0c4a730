package import AutoScaling
package import Signing

/// Signs every attempt with an access key (AK/SK; reference, section 7.2).
package struct AccessKeyAuthorizer: RequestAuthorizer, CustomStringConvertible, CustomReflectable {
  private let key: AccessKey
  private let form: SigningForm?

  /// - Parameters:
  ///   - key: the access key, temporary ones with their security token.
  ///   - form: how it signs; `nil` for the form that the host of each request is known to take.
  /// - Throws: `ServiceConfigurationError.unusableAccessKey` where a part cannot be sent in a header.
  package init(key: AccessKey, form: SigningForm?) throws(ServiceConfigurationError) {
    for part in [key.id] + (key.securityToken.map { [$0] } ?? []) {
      guard !part.isEmpty, part.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw ServiceConfigurationError.unusableAccessKey
      }
    }
    self.key = key
    self.form = form
  }

  package func authorize(_ request: inout RequestDescription, secondsSince1970: Double) throws(ServiceFailure) {
    let signer = RequestSigner(key: key, form: form ?? .automatic(host: request.host))
    let contentType = request.headers.first { $0.0 == "Content-Type" }?.1
    for header in signer.headers(
      method: request.method, host: request.host, path: request.path, query: request.query, contentType: contentType,
      body: request.body, projectID: request.projectID, secondsSince1970: secondsSince1970)
    {
      request.headers.append((header.name, header.value))
    }
  }

  /// A 401 to a signature has three usual causes: the wrong form, a clock that is wrong, a wrong key.
  package func explanation(of failure: ServiceFailure, host: String, clockAhead: Double?) -> String? {
    guard failure.status == 401 else { return nil }
    let form = form ?? .automatic(host: host)
    var text: String
    switch form {
    case .access: text = "signed in the access form; --signing credential is the other one"
    case .credential: text = "signed in the credential form; --signing access is the other one"
    }
    if let clockAhead {
      let seconds = Int(clockAhead.magnitude.rounded())
      text +=
        seconds < 2
        ? "; our clock and the server's agree"
        : "; our clock is \(seconds) s \(clockAhead > 0 ? "ahead of" : "behind") the server's"
          + (seconds > 900 ? ", more than the 15 minutes that are allowed" : "")
    }
    return text
  }

  package func redacted(_ text: String) -> String {
    // Whoever has a signature can repeat its request for 15 minutes.
    text.withoutSecrets(key.secrets + [key.id]).replacing(/Signature=[0-9A-Fa-f]+/, with: "[secret]")
  }

  /// Neither interpolation nor `dump` shows the secret.
  package var description: String { "AccessKeyAuthorizer(\(key))" }
  package var customMirror: Mirror { Mirror(self, children: ["key": key]) }
}
