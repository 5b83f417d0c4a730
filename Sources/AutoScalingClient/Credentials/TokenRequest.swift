import JSONText

/// What Keystone names by its id or by its name.
package enum IdentityName: Sendable, Hashable {
  case id(String)
  case name(String)

  /// Writes it as one member of an object.
  func write(to writer: inout JSONWriter) {
    switch self {
    case .id(let id): writer.member("id", id)
    case .name(let name): writer.member("name", name)
    }
  }
}

/// A user with a password, and perhaps a one-time passcode.
package struct PasswordCredentials: Sendable, CustomStringConvertible, CustomReflectable {
  package var user: IdentityName
  /// The user's domain (Open Telekom Cloud: the account); needed where the user is named by name.
  package var userDomain: IdentityName?
  let password: String
  let passcode: String?

  /// - Parameters:
  ///   - user: by name or id.
  ///   - userDomain: its domain; `nil` where the user is named by id.
  ///   - password: kept, and shown nowhere.
  ///   - passcode: of a second factor; likewise.
  package init(user: IdentityName, userDomain: IdentityName?, password: String, passcode: String? = nil) {
    self.user = user
    self.userDomain = userDomain
    self.password = password
    self.passcode = passcode
  }

  package var description: String { "PasswordCredentials(\(user))" }
  package var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}

/// The body of `POST /v3/auth/tokens` (Keystone v3, "Password authentication with scoped authorization"; reference,
/// section 7.1). AS is a project-level service, so the token is always one for a project.
package struct TokenRequest: Sendable {
  package var credentials: PasswordCredentials
  package var project: IdentityName
  /// The project's domain; written only where the project is named by name.
  package var projectDomain: IdentityName?

  package init(credentials: PasswordCredentials, project: IdentityName, projectDomain: IdentityName? = nil) {
    self.credentials = credentials
    self.project = project
    self.projectDomain = projectDomain
  }

  /// The JSON, which has the password in it: to be sent, and nothing else.
  var body: [UInt8] {
    var writer = JSONWriter(capacity: 512)
    writer.beginObject()
    writer.key("auth")
    writer.beginObject()
    writer.key("identity")
    writer.beginObject()
    writer.key("methods")
    writer.beginArray()
    writer.string("password")
    if credentials.passcode != nil { writer.string("totp") }
    writer.endArray()
    writeUser("password", credentials.password, to: &writer)
    if let passcode = credentials.passcode { writeUser("totp", passcode, secretName: "passcode", to: &writer) }
    writer.endObject()
    writer.key("scope")
    writer.beginObject()
    writer.key("project")
    writer.beginObject()
    project.write(to: &writer)
    if case .name = project { Self.write(domain: projectDomain ?? credentials.userDomain, to: &writer) }
    writer.endObject()
    writer.endObject()
    writer.endObject()
    writer.endObject()
    return writer.bytes
  }

  private func writeUser(
    _ method: String, _ secret: String, secretName: String = "password", to writer: inout JSONWriter
  ) {
    writer.key(method)
    writer.beginObject()
    writer.key("user")
    writer.beginObject()
    credentials.user.write(to: &writer)
    if case .name = credentials.user { Self.write(domain: credentials.userDomain, to: &writer) }
    writer.member(secretName, secret)
    writer.endObject()
    writer.endObject()
  }

  private static func write(domain: IdentityName?, to writer: inout JSONWriter) {
    guard let domain else { return }
    writer.key("domain")
    writer.beginObject()
    domain.write(to: &writer)
    writer.endObject()
  }
}
