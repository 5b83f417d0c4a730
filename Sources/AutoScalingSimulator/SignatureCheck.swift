import Signing

/// A refusal of the API gateway (the reference, section 6.4).
struct GatewayRefusal: Sendable, Hashable {
  var status = 401
  var code = "APIGW.0301"
  var message: String

  /// What the gateway says about credentials that it does not take.
  static func credentials(_ detail: String) -> GatewayRefusal {
    GatewayRefusal(message: "Incorrect IAM authentication information: \(detail)")
  }
}

extension SimulatedResponse {
  static func gateway(_ refusal: GatewayRefusal, requestID: String) -> SimulatedResponse {
    gateway(status: refusal.status, code: refusal.code, message: refusal.message, requestID: requestID)
  }
}

extension CloudState {
  /// How far the date of a signature may be from the service's clock (the reference, section 7.2), in seconds.
  private static let tolerance = 900

  /// Judges the signature of a request, in whichever of the two forms it is.
  ///
  /// - Returns: `nil` where it is right.
  mutating func verifySignature(of request: SimulatedRequest, query: Query, at now: Duration) -> GatewayRefusal? {
    let check = SignatureCheck(request: request, query: query, key: options.accessKey)
    // Nobody can lock somebody else's key.
    let isOfKey = check.namesKey
    if isOfKey, keyLock.isLocked(at: now) {
      return .credentials("AK access failed to reach the limit,forbidden")
    }
    let refusal = check.refusal(wallTime: wallTime(now), tolerance: Self.tolerance)
    if refusal == nil { keyLock.succeeded() } else if isOfKey { keyLock.failed(at: now) }
    return refusal
  }
}

/// Computes the signature that a request should have, from what it says was signed, and compares.
private struct SignatureCheck {
  var request: SimulatedRequest
  var query: Query
  var key: AccessKey

  /// Whether it claims to be of this key.
  var namesKey: Bool { value("authorization").flatMap(Claim.init)?.keyID == key.id }

  func refusal(wallTime: Int, tolerance: Int) -> GatewayRefusal? {
    guard let header = value("authorization") else { return .credentials("no Authorization header") }
    guard let claim = Claim(header) else { return .credentials("the Authorization header cannot be read") }
    guard claim.keyID == key.id else { return .credentials("ak \(claim.keyID) not exist") }
    let names = claim.signedHeaders
    guard names.contains("x-sdk-date"), let text = value("x-sdk-date"), let date = SigningDate(text) else {
      return .credentials("x-sdk-date is not signed")
    }
    guard let signedAt = Self.secondsSince1970(text), abs(signedAt - wallTime) <= tolerance else {
      return .credentials(
        "signature expired, signature time:\(text),server time:"
          + SigningDate(secondsSince1970: Double(wallTime)).text)
    }
    var headers: [(name: String, value: String)] = []
    for name in names {
      guard let value = value(name) else { return .credentials("signed header \(name) is not sent") }
      headers.append((name, value))
    }
    if let token = key.securityToken, value("x-security-token") != token {
      return .credentials("verify security token fail")
    }
    let path = request.target.prefix { $0 != "?" }
    let canonical = CanonicalRequest(
      method: request.method, path: String(path), query: query.items, headersInOrder: headers, body: request.body)
    let right = RequestSignature(of: canonical, key: key, form: claim.form, date: date)
    return right.signature == claim.signature ? nil : .credentials("verify aksk signature fail")
  }

  private static func secondsSince1970(_ date: String) -> Int? {
    let digits = date.filter(\.isNumber)
    let starts = [(0, 4, ""), (4, 2, "-"), (6, 2, "-"), (8, 2, "T"), (10, 2, ":"), (12, 2, ":")]
    let parts = starts.map { start, count, separator in separator + digits.dropFirst(start).prefix(count) }
    return CalendarTime(parts.joined() + "Z")?.seconds
  }

  private func value(_ name: String) -> String? { request.headers.first { $0.name == name }?.value }
}

/// What an `Authorization` header claims.
private struct Claim {
  var keyID: String
  var form: SigningForm
  var signedHeaders: [String]
  var signature: String

  /// Reads `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`, or the same with `Credential=…`.
  init?(_ header: String) {
    let scheme = "SDK-HMAC-SHA256 "
    guard header.hasPrefix(scheme) else { return nil }
    var members: [Substring: Substring] = [:]
    for part in header.dropFirst(scheme.count).split(separator: ",") {
      let trimmed = part.drop { $0 == " " }
      guard let equals = trimmed.firstIndex(of: "=") else { return nil }
      members[trimmed[..<equals]] = trimmed[trimmed.index(after: equals)...]
    }
    guard let names = members["SignedHeaders"], let signature = members["Signature"] else { return nil }
    signedHeaders = names.split(separator: ";").map(String.init)
    self.signature = String(signature)
    if let key = members["Access"] {
      (keyID, form) = (String(key), .access)
    } else if let credential = members["Credential"] {
      let parts = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 5, parts[4] == "sdk_request" else { return nil }
      (keyID, form) = (parts[0], .credential(region: parts[2], service: parts[3]))
    } else {
      return nil
    }
  }
}
