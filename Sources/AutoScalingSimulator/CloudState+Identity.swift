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

  /// `POST /v3/auth/tokens`: any user of any domain, with the password of the options.
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
    guard isKnown(identity: identity, methods: methods, at: now) else {
      return .identity(status: 401, title: "Unauthorized", message: "The username or password is wrong.")
    }
    var project: Project?
    if let scope = node["auth"]?["scope"]?["project"] {
      project = projects.first { candidate in
        scope["id"].map { $0.stringValue == candidate.id }
          ?? (scope["name"]?.stringValue == candidate.plan.name)
      }
      guard project != nil else {
        return .identity(status: 401, title: "Unauthorized", message: "The project of the scope does not exist.")
      }
    }
    let expiresAt = now + options.tokenLifetime
    let token = tokens.issue(projectID: project?.id, expiresAt: expiresAt)
    var response = SimulatedResponse(status: 201) { writer in
      writeToken(
        to: &writer, project: project, user: identity["password"]?["user"], expiresAt: expiresAt, now: now,
        host: query["nocatalog"] == nil ? request.host : nil)
    }
    response.headers.append(("X-Subject-Token", token))
    return response
  }

  private func isKnown(identity: JSONNode, methods: [String?], at now: Duration) -> Bool {
    if methods.contains("password") {
      let user = identity["password"]?["user"]
      guard let password = user?["password"]?.stringValue, !password.isEmpty else { return false }
      guard user?["name"]?.stringValue ?? user?["id"]?.stringValue != nil else { return false }
      return options.password.map { $0 == password } ?? true
    }
    if methods.contains("token"), let token = identity["token"]?["id"]?.stringValue {
      return tokens.valid(token, at: now) != nil || token == options.fixedToken
    }
    return false
  }

  private func writeToken(
    to writer: inout JSONWriter, project: Project?, user: JSONNode?, expiresAt: Duration, now: Duration, host: String?
  ) {
    writer.beginObject()
    writer.key("token")
    writer.beginObject()
    writer.key("methods")
    writer.beginArray()
    writer.string("password")
    writer.endArray()
    writer.member("issued_at", CalendarTime(seconds: wallTime(now)).iso8601Microseconds)
    writer.member("expires_at", CalendarTime(seconds: wallTime(expiresAt)).iso8601Microseconds)
    if let project {
      writer.key("project")
      writeProject(project, to: &writer)
    }
    writer.key("user")
    writer.beginObject()
    writer.member("id", user?["id"]?.stringValue ?? "0f7a3bd1c62b4ac0a1e7dbba1a2f7c55")
    writer.member("name", user?["name"]?.stringValue ?? "simulated")
    writeDomain(to: &writer)
    writer.endObject()
    writer.key("roles")
    writer.beginArray()
    writer.beginObject()
    writer.member("id", "0")
    writer.member("name", "te_admin")
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
    writer.member("id", "5b54ad5e6a4b4b9c8bd3d3f7e6a9c210")
    writer.member("name", "OTC-EU-DE-00000000001000000001")
    writer.endObject()
  }

  /// AS under both types that clients look for, and the identity service itself.
  private func writeCatalog(to writer: inout JSONWriter, projectID: String?, host: String) {
    let base = "http://\(host)"
    let services = [
      ("asv1", "asv1", base + "/autoscaling-api/v1" + (projectID.map { "/\($0)" } ?? "")),
      ("as", "as", base + "/autoscaling-api/v1"),
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
      writer.member("region", "eu-de")
      writer.member("region_id", "eu-de")
      writer.member("url", url)
      writer.member("id", "endpoint-\(type)")
      writer.endObject()
      writer.endArray()
      writer.endObject()
    }
    writer.endArray()
  }

  /// `GET /v3/auth/catalog`, for the project of the token, or the first one.
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
        writer.member("domain_id", "5b54ad5e6a4b4b9c8bd3d3f7e6a9c210")
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
