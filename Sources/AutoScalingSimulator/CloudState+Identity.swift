import JSONText

/// The identity service: enough of Keystone v3 for the clients of the reference, sections 7.1 and 9.
extension CloudState {
  func identityVersion(host: String) -> SimulatedResponse {
    SimulatedResponse { writer in
      writer.beginObject()
      writer.key("version")
      writer.beginObject()
      writer.member("id", "v3.6")
      writer.member("status", "stable")
      writer.member("updated", "2016-04-04T00:00:00Z")
      writer.key("links")
      writer.beginArray()
      writer.beginObject()
      writer.member("rel", "self")
      writer.member("href", "http://\(host)/v3/")
      writer.endObject()
      writer.endArray()
      writer.key("media-types")
      writer.beginArray()
      writer.beginObject()
      writer.member("base", "application/json")
      writer.member("type", "application/vnd.openstack.identity-v3+json")
      writer.endObject()
      writer.endArray()
      writer.endObject()
      writer.endObject()
    }
  }

  /// `POST /v3/auth/tokens`: for the user of the options, to one project or none.
  mutating func issueToken(_ request: SimulatedRequest, query: Query, at now: Duration) -> SimulatedResponse {
    let node: JSONNode
    do {
      node = try JSONParser.parse(request.body)
    } catch {
      return .identity(status: 400, title: "Bad Request", message: "The request body is invalid: \(error).")
    }
    guard let identity = node["auth"]?["identity"], let methods = identity["methods"]?.arrayValue?.map(\.stringValue)
    else {
      return .identity(status: 400, title: "Bad Request", message: "The request body has no auth.identity.methods.")
    }
    if let refusal = refusal(of: identity, methods: methods, at: now) { return .unauthorized(refusal) }
    var project: Project?
    if let scope = node["auth"]?["scope"]?["project"] {
      // Keystone does not tell those who ask for a project that there is none of that name.
      guard let found = self.project(of: scope) else { return .unauthorized(Self.authenticationRequired) }
      project = found
    }
    let expiresAt = now + options.tokenLifetime
    let token = tokens.issue(projectID: project?.id, expiresAt: expiresAt)
    var response = SimulatedResponse(status: 201) { writer in
      writeToken(
        to: &writer, project: project, user: identity["password"]?["user"], issuedAt: now, expiresAt: expiresAt,
        host: query["nocatalog"] == nil ? request.host : nil)
    }
    response.headers.append(("X-Subject-Token", token))
    return response
  }

  /// `GET /v3/auth/tokens`: what the token in `X-Subject-Token` is for, and until when.
  func inspectToken(_ request: SimulatedRequest, query: Query, at now: Duration) -> SimulatedResponse {
    let subject = request.headers.first { $0.name == "x-subject-token" }?.value ?? ""
    guard let token = tokens.valid(subject, at: now) else {
      return .identity(status: 404, title: "Not Found", message: "Could not find token.")
    }
    let project = token.projectID.flatMap { projectIndex[$0] }.map { projects[$0] }
    var response = SimulatedResponse { writer in
      writeToken(
        to: &writer, project: project, user: nil, issuedAt: token.expiresAt - options.tokenLifetime,
        expiresAt: token.expiresAt, host: query["nocatalog"] == nil ? request.host : nil)
    }
    response.headers.append(("X-Subject-Token", subject))
    return response
  }

  private static let authenticationRequired = "The request you have made requires authentication."
  private static let userID = "0f7a3bd1c62b4ac0a1e7dbba1a2f7c55"
  private static let domainID = "5b54ad5e6a4b4b9c8bd3d3f7e6a9c210"

  /// What the service says to whoever asks for a token with credentials that it does not take; `nil` where it does.
  private mutating func refusal(of identity: JSONNode, methods: [String?], at now: Duration) -> String? {
    if methods.contains("password") {
      guard let user = identity["password"]?["user"], isKnown(user: user) else { return Self.wrongPassword }
      if userLock.isLocked(at: now) { return "Account locked." }
      let password = user["password"]?.stringValue ?? ""
      guard !password.isEmpty, options.password.map({ $0 == password }) ?? true else {
        userLock.failed(at: now)
        return Self.wrongPassword
      }
      userLock.succeeded()
      return nil
    }
    if methods.contains("token"), let token = identity["token"]?["id"]?.stringValue {
      return tokens.valid(token, at: now) != nil || token == options.fixedToken ? nil : Self.authenticationRequired
    }
    return Self.authenticationRequired
  }

  private static let wrongPassword = "The username or password is wrong."

  /// By id, or by name and domain.
  private func isKnown(user: JSONNode) -> Bool {
    if let id = user["id"]?.stringValue { return options.userName == nil || id == Self.userID }
    guard let name = user["name"]?.stringValue else { return false }
    return options.userName.map { $0 == name } ?? true && isKnown(domain: user["domain"])
  }

  private func isKnown(domain: JSONNode?) -> Bool {
    guard let expected = options.domainName else { return true }
    if let id = domain?["id"]?.stringValue { return id == Self.domainID }
    return domain?["name"]?.stringValue == expected
  }

  private func project(of scope: JSONNode) -> Project? {
    if let id = scope["id"]?.stringValue { return projectIndex[id].map { projects[$0] } }
    guard let name = scope["name"]?.stringValue, isKnown(domain: scope["domain"]) else { return nil }
    return projects.first { $0.plan.name == name }
  }

  private func writeToken(
    to writer: inout JSONWriter, project: Project?, user: JSONNode?, issuedAt: Duration, expiresAt: Duration,
    host: String?
  ) {
    writer.beginObject()
    writer.key("token")
    writer.beginObject()
    writer.key("methods")
    writer.beginArray()
    writer.string("password")
    writer.endArray()
    writer.member("issued_at", CalendarTime(seconds: wallTime(issuedAt)).iso8601Microseconds)
    writer.member("expires_at", CalendarTime(seconds: wallTime(expiresAt)).iso8601Microseconds)
    if let project {
      writer.key("project")
      writeProject(project, to: &writer)
    }
    writer.key("user")
    writer.beginObject()
    writer.member("id", user?["id"]?.stringValue ?? Self.userID)
    writer.member("name", user?["name"]?.stringValue ?? options.userName ?? SimulatorOptions.sampleUserName)
    writeDomain(to: &writer)
    writer.endObject()
    writer.key("roles")
    writer.beginArray()
    writer.beginObject()
    writer.member("id", "0")
    writer.member("name", options.isReadOnly ? "readonly" : "te_admin")
    writer.endObject()
    writer.endArray()
    if let host { writeCatalog(to: &writer, projectID: project?.id, host: host) }
    writer.endObject()
    writer.endObject()
  }

  private func writeProject(_ project: Project, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("id", project.id)
    writer.member("name", project.plan.name)
    writeDomain(to: &writer)
    writer.endObject()
  }

  private func writeDomain(to writer: inout JSONWriter) {
    writer.key("domain")
    writer.beginObject()
    writer.member("id", Self.domainID)
    writer.member("name", options.domainName ?? SimulatorOptions.sampleDomainName)
    writer.endObject()
  }

  /// AS under both types that clients look for, and the identity service itself.
  private func writeCatalog(to writer: inout JSONWriter, projectID: String?, host: String) {
    let base = "http://\(host)"
    let elsewhere = projectID.flatMap { options.catalogEndpoints[$0] }
    let region = elsewhere?.region ?? "eu-de"
    let service = (elsewhere?.endpoint ?? base) + "/autoscaling-api/v1"
    let services = [
      ("asv1", "asv1", service + (projectID.map { "/\($0)" } ?? "")),
      ("as", "as", service),
      ("identity", "keystone", base + "/v3"),
      ("iam", "iam", base + "/v3.0"),
    ]
    writer.key("catalog")
    writer.beginArray()
    for (type, name, url) in services {
      writer.beginObject()
      writer.member("type", type)
      writer.member("name", name)
      writer.member("id", "service-\(type)")
      writer.key("endpoints")
      writer.beginArray()
      writer.beginObject()
      writer.member("interface", "public")
      writer.member("region", region)
      writer.member("region_id", region)
      writer.member("url", url)
      writer.member("id", "endpoint-\(type)")
      writer.endObject()
      writer.endArray()
      writer.endObject()
    }
    writer.endArray()
  }

  /// `GET /v3/auth/catalog`, for the project of the token or of `X-Project-Id`, or the first one.
  func catalog(_ request: SimulatedRequest, projectID: String?) -> SimulatedResponse {
    SimulatedResponse { writer in
      writer.beginObject()
      writeCatalog(to: &writer, projectID: projectID ?? projects.first?.id, host: request.host)
      writeSelfLink("http://\(request.host)/v3/auth/catalog", to: &writer)
      writer.endObject()
    }
  }

  /// `GET /v3/projects?name=…` and `GET /v3/auth/projects`.
  func projectList(_ request: SimulatedRequest, query: Query) -> SimulatedResponse {
    SimulatedResponse { writer in
      writer.beginObject()
      writer.key("projects")
      writer.beginArray()
      for project in projects where query["name"].map({ $0 == project.plan.name }) ?? true {
        writer.beginObject()
        writer.member("id", project.id)
        writer.member("name", project.plan.name)
        writer.member("domain_id", Self.domainID)
        writer.member("enabled", true)
        writer.endObject()
      }
      writer.endArray()
      writeSelfLink("http://\(request.host)/v3/projects", to: &writer)
      writer.endObject()
    }
  }

  private func writeSelfLink(_ url: String, to writer: inout JSONWriter) {
    writer.key("links")
    writer.beginObject()
    writer.member("self", url)
    writer.member("previous", nil as String?)
    writer.member("next", nil as String?)
    writer.endObject()
  }
}
