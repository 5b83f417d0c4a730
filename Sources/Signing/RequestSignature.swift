import Crypto

/// The signature of one request at one time.
package struct RequestSignature: Sendable, Hashable {
  private static let algorithm = "SDK-HMAC-SHA256"

  /// The lines whose HMAC the signature is.
  package let stringToSign: String
  /// Lower-case hexadecimal.
  package let signature: String
  /// The value of the `Authorization` header.
  package let authorization: String

  /// - Parameters:
  ///   - request: what is signed.
  ///   - key: whose secret signs.
  ///   - form: in which of the two ways.
  ///   - date: the value of the request's `X-Sdk-Date`, which must be among the signed headers.
  package init(of request: CanonicalRequest, key: AccessKey, form: SigningForm, date: SigningDate) {
    let secret: SymmetricKey
    let credential: String
    let scope: String?
    switch form {
    case .access:
      secret = SymmetricKey(data: Array(key.secret.utf8))
      credential = "Access=\(key.id)"
      scope = nil
    case .credential(let region, let service):
      secret = Self.derivedKey(secret: key.secret, day: date.day, region: region, service: service)
      scope = "\(date.day)/\(region)/\(service)/\(Self.terminator)"
      credential = "Credential=\(key.id)/\(scope ?? "")"
    }
    stringToSign = ([Self.algorithm, date.text] + (scope.map { [$0] } ?? []) + [request.sha256]).joined(separator: "\n")
    signature = Hexadecimal.text(Self.hmac(stringToSign, key: secret))
    authorization =
      "\(Self.algorithm) \(credential), SignedHeaders=\(request.signedHeaders.joined(separator: ";")), "
      + "Signature=\(signature)"
  }

  private static let terminator = "sdk_request"

  /// One HMAC after the other narrows the secret down to a day, a region and a service.
  static func derivedKey(secret: String, day: String, region: String, service: String) -> SymmetricKey {
    var key = SymmetricKey(data: Array("SDK\(secret)".utf8))
    for part in [day, region, service, terminator] { key = SymmetricKey(data: hmac(part, key: key)) }
    return key
  }

  private static func hmac(_ text: String, key: SymmetricKey) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
  }
}
