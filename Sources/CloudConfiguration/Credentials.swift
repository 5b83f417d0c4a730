/// What a command proves its right with.
package enum Credentials: Sendable, Hashable {
  case none
  /// A token that is ready to use.
  case token(Secret)
  /// A token is fetched with these.
  case password(PasswordSettings)
  /// Requests are signed; the security token belongs to temporary keys.
  case accessKey(id: String, secret: Secret, securityToken: Secret?)
}

/// What IAM wants to know for a token (reference, section 7.1). The project it is for is a matter of each request.
package struct PasswordSettings: Sendable, Hashable {
  /// With its version, such as `https://iam.eu-de.otc.t-systems.com/v3`.
  package let authURL: String
  /// The name or the id is there, or both.
  package let userName: String?
  package let userID: String?
  /// The name or the id is there wherever the user has no id.
  package let userDomainName: String?
  package let userDomainID: String?
  package let password: Secret
  /// Of the user's second factor (`totp`).
  package let passcode: Secret?

  package init(
    authURL: String, userName: String?, userID: String?, userDomainName: String?, userDomainID: String?,
    password: Secret, passcode: Secret?
  ) {
    self.authURL = authURL
    self.userName = userName
    self.userID = userID
    self.userDomainName = userDomainName
    self.userDomainID = userDomainID
    self.password = password
    self.passcode = passcode
  }
}

/// The values of `--auth` (contract, section 3).
package enum AuthenticationChoice: String, Sendable, Hashable, CaseIterable {
  case auto, none, token, password, aksk
}

/// Credentials, and where they came from.
package struct ChosenCredentials: Sendable, Hashable {
  package let credentials: Credentials
  /// For `--verbose`: names of variables, files and keys, never a value.
  package let source: String
}
