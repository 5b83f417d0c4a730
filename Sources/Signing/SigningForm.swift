/// The two ways of signing that share the name `SDK-HMAC-SHA256` and exclude each other (reference, section 7.2).
package enum SigningForm: Sendable, Hashable {
  /// The key signs itself: `Access=<AK>`. Huawei Cloud's SDKs.
  case access
  /// A key derived for a day, region and service signs: `Credential=<AK>/<scope>`. Open Telekom Cloud's clients leave
  /// region and service empty.
  case credential(region: String, service: String)

  /// As Open Telekom Cloud's clients sign.
  package static let openTelekomCloud = SigningForm.credential(region: "", service: "")

  /// The form that an endpoint's host is known to take (contract, section 3, `--signing auto`).
  package static func automatic(host: String) -> SigningForm {
    host.lowercased().contains(".myhuaweicloud.") ? .access : .openTelekomCloud
  }
}

/// An access key and its secret, which nothing shows: neither interpolation nor `dump`.
package struct AccessKey: Sendable, CustomStringConvertible, CustomReflectable {
  /// The public part (AK).
  package let id: String
  /// The secret part (SK).
  let secret: String
  /// The token of a temporary key, sent as `X-Security-Token`.
  package let securityToken: String?

  package init(id: String, secret: String, securityToken: String? = nil) {
    self.id = id
    self.secret = secret
    self.securityToken = securityToken
  }

  /// What must appear nowhere.
  package var secrets: [String] { [secret] + (securityToken.map { [$0] } ?? []) }

  package var description: String { "AccessKey(\(id))" }
  package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
