/// Signs requests with an access key: pure, so that each attempt is signed anew with the date that is given.
package struct RequestSigner: Sendable {
  package let key: AccessKey
  package let form: SigningForm

  package init(key: AccessKey, form: SigningForm) {
    self.key = key
    self.form = form
  }

  /// The headers that a request needs besides its own.
  ///
  /// Few are signed: one that is rewritten on the way would break the signature. The project is signed in the access
  /// form, as Huawei Cloud's SDKs do, and sent unsigned in the credential form, as Open Telekom Cloud's clients do
  /// (reference, section 7.2).
  ///
  /// - Parameters:
  ///   - method: upper case.
  ///   - host: the value of the `Host` header, with its port where that is not the scheme's default.
  ///   - path: as it is on the wire.
  ///   - query: names and values before percent-encoding.
  ///   - contentType: the value of the `Content-Type` header; `nil` where there is none.
  ///   - body: the exact bytes.
  ///   - projectID: for `X-Project-Id`; `nil` for requests that are about no project.
  ///   - secondsSince1970: the time of this attempt.
  /// - Returns: `X-Sdk-Date`, `X-Project-Id`, `X-Security-Token` where the key has one, and `Authorization`.
  package func headers(
    method: String, host: String, path: String, query: [(name: String, value: String)], contentType: String?,
    body: [UInt8], projectID: String?, secondsSince1970: Double
  ) -> [(name: String, value: String)] {
    let date = SigningDate(secondsSince1970: secondsSince1970)
    var own = [(name: "X-Sdk-Date", value: date.text)]
    if let projectID { own.append(("X-Project-Id", projectID)) }
    if let token = key.securityToken { own.append(("X-Security-Token", token)) }
    var signed = [(name: "host", value: host)]
    if let contentType { signed.append(("content-type", contentType)) }
    switch form {
    case .access: signed += own
    case .credential: signed += own.prefix(1)
    }
    let request = CanonicalRequest(method: method, path: path, query: query, headers: signed, body: body)
    let signature = RequestSignature(of: request, key: key, form: form, date: date)
    return own + [("Authorization", signature.authorization)]
  }
}
