import JSONText
import Testing

@testable import AutoScalingSimulator

struct IdentityTests {
  private func login(_ test: TestCloud, password: String = "secret", scope: String, query: String = "")
    -> TestCloud.Reply
  {
    test.send(
      "POST", "/v3/auth/tokens\(query)",
      """
      {"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"anna","password":"\(password)",
      "domain":{"name":"ACCOUNT"}}}}\(scope)}}
      """)
  }

  private func header(_ reply: TestCloud.Reply) -> String? {
    reply.answer.response.headers.first { $0.name == "X-Subject-Token" }?.value
  }

  @Test func `a token opens its project and no other`() throws {
    let test = try TestCloud { options in
      options.authentication = .token
      options.projects = 2
      options.groups = 2
    }
    let (first, second) = (test.cloud.projects[0], test.cloud.projects[1])
    let reply = login(test, scope: ",\"scope\":{\"project\":{\"name\":\"eu-de\",\"domain\":{\"name\":\"ACCOUNT\"}}}")
    #expect(reply.status == 201)
    let token = try #require(header(reply))
    let body = try #require(try reply.json()["token"])
    #expect(body["project"]?["id"]?.stringValue == first)
    #expect(body["issued_at"]?.stringValue == "2026-01-15T09:30:00.000000Z")
    #expect(body["expires_at"]?.stringValue == "2026-01-16T09:30:00.000000Z")
    let catalog = try #require(body["catalog"]?.arrayValue)
    func url(_ type: String) -> String? {
      catalog.first { $0["type"]?.stringValue == type }?["endpoints"]?.arrayValue?.first?["url"]?.stringValue
    }
    #expect(url("asv1") == "http://127.0.0.1:8080/autoscaling-api/v1/\(first)")
    #expect(url("as") == "http://127.0.0.1:8080/autoscaling-api/v1")

    let list = "/autoscaling-api/v1/\(first)/scaling_group"
    #expect(test.send("GET", list, token: token).status == 200)
    let missing = test.send("GET", list)
    #expect(missing.status == 401)
    #expect(try missing.code() == "AS.0005")
    #expect(try test.send("GET", list, token: "wrong").code() == "AS.0006")
    #expect(try test.send("GET", "/autoscaling-api/v1/\(second)/scaling_group", token: token).code() == "AS.0008")
    #expect(test.send("GET", "/v3/auth/catalog", token: token).status == 200)
    #expect(test.send("GET", "/v3/auth/catalog").status == 401)
  }

  @Test func `a token can be asked what it is for`() throws {
    var test = try TestCloud { $0.authentication = .token }
    let scope = ",\"scope\":{\"project\":{\"id\":\"\(TestCloud.project)\"}}"
    let token = try #require(header(login(test, scope: scope)))
    test.now += .seconds(60)
    let subject = [(name: "x-subject-token", value: token)]
    let reply = test.send("GET", "/v3/auth/tokens", token: token, headers: subject)
    #expect(reply.status == 200)
    #expect(header(reply) == token)
    let body = try #require(try reply.json()["token"])
    #expect(body["project"]?["id"]?.stringValue == TestCloud.project)
    #expect(body["issued_at"]?.stringValue == "2026-01-15T09:30:00.000000Z")
    #expect(body["expires_at"]?.stringValue == "2026-01-16T09:30:00.000000Z")
    #expect(body["catalog"]?.arrayValue?.isEmpty == false)
    #expect(test.send("GET", "/v3/auth/tokens?nocatalog", token: token, headers: subject).status == 200)
    #expect(test.send("GET", "/v3/auth/tokens", headers: subject).status == 401)
    #expect(test.send("GET", "/v3/auth/tokens", token: token).status == 404)
  }

  @Test func `a token ends with its lifetime or when all are revoked`() throws {
    var test = try TestCloud { options in
      options.authentication = .token
      options.tokenLifetime = .seconds(60)
    }
    let scope = ",\"scope\":{\"project\":{\"id\":\"\(TestCloud.project)\"}}"
    let token = try #require(header(login(test, scope: scope)))
    test.now = .milliseconds(59_999)
    #expect(test.send("GET", TestCloud.path(), token: token).status == 200)
    let later = try #require(header(login(test, scope: scope)))
    test.now = .seconds(60)
    #expect(try test.send("GET", TestCloud.path(), token: token).code() == "AS.0006")
    #expect(test.send("GET", TestCloud.path(), token: later).status == 200)
    test.cloud.revokeTokens()
    #expect(test.send("GET", TestCloud.path(), token: later).status == 401)
  }

  @Test func `the fixed token opens everything`() throws {
    let test = try TestCloud { options in
      options.authentication = .token
      options.fixedToken = "fixed"
    }
    #expect(test.send("GET", TestCloud.path(), token: "fixed").status == 200)
  }

  @Test func `wrong credentials are refused in the identity service's form`() throws {
    let test = try TestCloud { $0.password = "secret" }
    let reply = login(test, password: "guess", scope: "")
    #expect(reply.status == 401)
    #expect(try reply.json()["error"]?["code"]?.integerValue == 401)
    #expect(try reply.json()["error"]?["title"]?.stringValue == "Unauthorized")
    #expect(login(test, password: "", scope: "").status == 401)
    #expect(login(test, scope: ",\"scope\":{\"project\":{\"name\":\"mars\"}}").status == 401)
    #expect(test.send("POST", "/v3/auth/tokens", "{").status == 400)
    #expect(test.send("POST", "/v3/auth/tokens", "{}").status == 400)
    let short = login(test, scope: "", query: "?nocatalog=true")
    #expect(short.status == 201)
    #expect(try short.json()["token"]?["catalog"] == nil)
  }

  @Test func `clients can discover the version and the projects`() throws {
    let test = try TestCloud()
    #expect(try test.send("GET", "/v3").json()["version"]?["status"]?.stringValue == "stable")
    #expect(test.send("GET", "/v3/").status == 200)
    let projects = try test.send("GET", "/v3/projects?name=eu-de").json()["projects"]?.arrayValue
    #expect(projects?.first?["id"]?.stringValue == test.cloud.projects[0])
  }

  /// `auth.identity.password.user`, and what becomes of it.
  private static let users: [(user: String, status: Int)] = [
    (#"{"name":"ada","password":"right","domain":{"name":"ACCOUNT"}}"#, 201),
    (#"{"name":"ada","password":"right","domain":{"id":"5b54ad5e6a4b4b9c8bd3d3f7e6a9c210"}}"#, 201),
    (#"{"id":"0f7a3bd1c62b4ac0a1e7dbba1a2f7c55","password":"right"}"#, 201),
    (#"{"name":"ada","password":"wrong","domain":{"name":"ACCOUNT"}}"#, 401),
    (#"{"name":"ada","password":"right","domain":{"name":"OTHER"}}"#, 401),
    (#"{"name":"ada","password":"right"}"#, 401),
    (#"{"name":"bob","password":"right","domain":{"name":"ACCOUNT"}}"#, 401),
    (#"{"id":"another","password":"right"}"#, 401),
  ]

  @Test(arguments: users) func `only its user gets a token, by name and domain or by id`(user: String, status: Int)
    throws
  {
    let test = try TestCloud { options in
      (options.userName, options.password, options.domainName) = ("ada", "right", "ACCOUNT")
    }
    let reply = test.send(
      "POST", "/v3/auth/tokens", #"{"auth":{"identity":{"methods":["password"],"password":{"user":\#(user)}}}}"#)
    #expect(reply.status == status)
    if status == 201 {
      let answer = try #require(try reply.json()["token"]?["user"])
      #expect(answer["name"]?.stringValue == "ada")
      #expect(answer["domain"]?["name"]?.stringValue == "ACCOUNT")
    } else {
      #expect(
        reply.text
          == #"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#)
    }
  }

  /// `auth.scope.project`, and what becomes of it.
  private static let scopes: [(project: String, status: Int)] = [
    (#"{"name":"eu-de","domain":{"name":"ACCOUNT"}}"#, 201),
    (#"{"name":"eu-de","domain":{"id":"5b54ad5e6a4b4b9c8bd3d3f7e6a9c210"}}"#, 201),
    (#"{"name":"mars","domain":{"name":"ACCOUNT"}}"#, 401),
    (#"{"name":"eu-de","domain":{"name":"OTHER"}}"#, 401),
    (#"{"id":"mars"}"#, 401),
    ("{}", 401),
  ]

  @Test(arguments: scopes) func `there is no token for a project that does not exist`(project: String, status: Int)
    throws
  {
    let test = try TestCloud { $0.domainName = "ACCOUNT" }
    let reply = login(test, scope: #","scope":{"project":\#(project)}"#)
    #expect(reply.status == status)
    if status == 401 {
      #expect(
        try reply.json()["error"]?["message"]?.stringValue == "The request you have made requires authentication.")
    }
  }

  @Test func `five wrong passwords lock the user out for fifteen minutes`() throws {
    var test = try TestCloud { $0.password = "secret" }
    for _ in 1...4 { #expect(login(test, password: "guess", scope: "").status == 401) }
    // A right one in between, or a quarter of an hour, and they are counted anew.
    #expect(login(test, scope: "").status == 201)
    for _ in 1...4 { #expect(login(test, password: "guess", scope: "").status == 401) }
    test.now += .seconds(900)
    for _ in 1...5 {
      let wrong = login(test, password: "guess", scope: "")
      #expect(try wrong.json()["error"]?["message"]?.stringValue == "The username or password is wrong.")
    }
    let locked = login(test, scope: "")
    #expect(locked.text == #"{"error":{"code":401,"message":"Account locked.","title":"Unauthorized"}}"#)
    test.now += .milliseconds(899_999)
    #expect(login(test, scope: "").status == 401)
    test.now += .milliseconds(1)
    #expect(login(test, scope: "").status == 201)
  }

  @Test func `a token without a project opens none`() throws {
    let test = try TestCloud { $0.authentication = .token }
    for scope in ["", #","scope":{"domain":{"name":"ACCOUNT"}}"#] {
      let token = try #require(header(login(test, scope: scope)))
      let reply = test.send("GET", TestCloud.path(), token: token)
      #expect(reply.status == 400)
      #expect(try reply.code() == "AS.0008")
    }
  }

  @Test func `who may only look is refused with 403, not 401`() throws {
    let test = try TestCloud { options in
      options.authentication = .token
      options.isReadOnly = true
    }
    let reply = login(test, scope: ",\"scope\":{\"project\":{\"id\":\"\(TestCloud.project)\"}}")
    #expect(try reply.json()["token"]?["roles"]?.arrayValue?.first?["name"]?.stringValue == "readonly")
    let token = try #require(header(reply))
    let before = test.send("GET", TestCloud.path(), token: token)
    #expect(before.status == 200)
    #expect(test.send("GET", "/autoscaling-api/v1/\(TestCloud.project)/scaling_group", token: token).status == 200)
    for (method, path, body) in [
      ("PUT", TestCloud.path(), #"{"cool_down_time":1}"#),
      ("POST", TestCloud.path() + "/action", #"{"action":"pause"}"#),
    ] {
      let refused = test.send(method, path, body, token: token)
      #expect(refused.status == 403)
      #expect(try refused.code() == "AS.0011")
      // Who has no token is told that first.
      #expect(test.send(method, path, body).status == 401)
    }
    #expect(test.send("GET", TestCloud.path(), token: token).text == before.text)
  }
}
