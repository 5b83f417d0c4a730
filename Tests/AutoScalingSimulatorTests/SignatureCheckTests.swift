import JSONText
import Signing
import Testing

@testable import AutoScalingSimulator

/// What the service says of signatures (the reference, sections 6.4, 7.2 and 9).
struct SignatureCheckTests {
  private static let key = AccessKey(id: "ID", secret: "secret-of-the-tests")
  private static let target = TestCloud.path()
  private static let list = "/autoscaling-api/v1/\(TestCloud.project)/scaling_group?limit=1&scaling_group_name=a%20b"
  /// 2026-01-15T09:30:00Z, when the simulator of these tests begins.
  private static let start = 1_768_469_400.0

  private static func cloud(_ configure: (inout SimulatorOptions) -> Void = { _ in }) throws -> TestCloud {
    try TestCloud { options in
      options.authentication = .aksk
      options.accessKey = key
      configure(&options)
    }
  }

  /// Sends a request that is signed as our own client signs it, with whatever is done to it afterwards.
  private static func send(
    _ test: TestCloud, _ method: String = "GET", _ target: String = target, body: String = "",
    key: AccessKey = key, form: SigningForm = .access, projectID: String? = TestCloud.project,
    at seconds: Double = start,
    change: (inout SimulatedRequest) -> Void = { _ in }
  ) -> TestCloud.Reply {
    let parts = target.split(separator: "?")
    let query = parts.count > 1 ? Query(String(parts[1])).items : []
    let signed = RequestSigner(key: key, form: form).headers(
      method: method, host: "127.0.0.1:8080", path: String(parts[0]), query: query, contentType: "application/json",
      body: Array(body.utf8), projectID: projectID, secondsSince1970: seconds)
    var request = SimulatedRequest(
      method: method, target: target, host: "127.0.0.1:8080",
      headers: [("host", "127.0.0.1:8080"), ("content-type", "application/json"), ("user-agent", "tests")]
        + signed.map { (name: $0.name.lowercased(), value: $0.value) },
      body: Array(body.utf8))
    change(&request)
    return TestCloud.Reply(answer: test.cloud.handle(request, now: test.now))
  }

  private static func message(_ reply: TestCloud.Reply) throws -> String {
    try #require(try reply.json()["error_msg"]?.stringValue)
  }

  @Test(arguments: [
    SigningForm.access, .openTelekomCloud, .credential(region: "eu-de", service: "as"),
  ])
  func `right signatures of both forms are taken`(form: SigningForm) throws {
    let test = try Self.cloud()
    #expect(Self.send(test, form: form).status == 200)
    #expect(Self.send(test, "GET", Self.list, form: form).status == 200)
    // A trailing newline, as the Go client sends it, is part of the body.
    #expect(Self.send(test, "PUT", body: "{\"cool_down_time\":60}\n", form: form).status == 200)
    #expect(Self.send(test, "GET", "/v3/auth/catalog", form: form).status == 200)
  }

  @Test func `whatever was changed after signing breaks the signature`() throws {
    let changes: [(String, (inout SimulatedRequest) -> Void)] = [
      ("body", { $0.body.append(32) }),
      ("method", { $0.method = "PUT" }),
      ("path", { $0.target += "x" }),
      ("query", { $0.target += "?limit=2" }),
      ("host", { $0.headers[0].value = "127.0.0.1" }),
    ]
    for (name, change) in changes {
      let reply = Self.send(try Self.cloud(), change: change)
      #expect(reply.status == 401, "\(name)")
      #expect(try Self.message(reply).hasSuffix("verify aksk signature fail"), "\(name)")
    }
    // What was not signed may be changed: proxies do.
    #expect(Self.send(try Self.cloud()) { $0.headers[2].value = "another" }.status == 200)
  }

  @Test func `refusals say what is wrong`() throws {
    let test = try Self.cloud()
    let missing = test.send("GET", Self.target)
    #expect(missing.status == 401)
    #expect(try missing.json()["error_code"]?.stringValue == "APIGW.0301")
    #expect(try Self.message(missing).contains("no Authorization header"))
    #expect(
      try Self.message(Self.send(test, key: AccessKey(id: "OTHER", secret: "x"))).hasSuffix("ak OTHER not exist"))
    #expect(
      try Self.message(Self.send(test, at: Self.start - 901)).hasSuffix(
        "signature expired, signature time:20260115T091459Z,server time:20260115T093000Z"))
    #expect(Self.send(test, at: Self.start + 899).status == 200)
    #expect(
      try Self.message(Self.send(test, key: AccessKey(id: "ID", secret: "wrong"))).hasSuffix(
        "verify aksk signature fail"))
  }

  @Test func `six bad signatures in a row lock the key for five minutes`() throws {
    var test = try Self.cloud()
    let wrong = AccessKey(id: "ID", secret: "wrong")
    for _ in 1...5 { #expect(Self.send(test, key: wrong).status == 401) }
    #expect(Self.send(test).status == 200)
    for _ in 1...6 { #expect(Self.send(test, key: wrong).status == 401) }
    let locked = Self.send(test)
    #expect(locked.status == 401)
    #expect(try Self.message(locked).contains("AK access failed to reach the limit,forbidden"))
    test.now = .seconds(301)
    #expect(Self.send(test, at: Self.start + 301).status == 200)
  }

  @Test func `requests of another key or of none do not lock it`() throws {
    let test = try Self.cloud()
    let stranger = AccessKey(id: "OTHER", secret: "wrong")
    for _ in 1...7 {
      #expect(Self.send(test, key: stranger).status == 401)
      #expect(test.send("GET", Self.target).status == 401)
    }
    #expect(Self.send(test).status == 200)
  }

  @Test func `a temporary key needs its security token`() throws {
    let key = AccessKey(id: "ID", secret: "secret-of-the-tests", securityToken: "TOKEN")
    let test = try Self.cloud { $0.accessKey = key }
    #expect(Self.send(test, key: key).status == 200)
    #expect(Self.send(test, key: key, form: .openTelekomCloud).status == 200)
    #expect(Self.send(test).status == 401)
  }

  @Test func `where there are several projects the request must name the right one`() throws {
    let several = try Self.cloud { $0.projects = 2 }
    #expect(try Self.send(several, projectID: nil).code() == "AS.0008")
    #expect(try Self.send(several, projectID: several.cloud.projects[0] + "x").code() == "AS.0008")
    #expect(Self.send(several).status == 200)
  }

  @Test func `the catalogue is that of the project which a signed request names`() throws {
    let test = try Self.cloud { $0.projects = 2 }
    for project in test.cloud.projects {
      let reply = Self.send(test, "GET", "/v3/auth/catalog", form: .openTelekomCloud, projectID: project)
      let services = try #require(try reply.json()["catalog"]?.arrayValue)
      let service = try #require(services.first { $0["type"]?.stringValue == "asv1" })
      #expect(
        service["endpoints"]?.arrayValue?.first?["url"]?.stringValue
          == "http://127.0.0.1:8080/autoscaling-api/v1/\(project)")
    }
    let unknown = Self.send(test, "GET", "/v3/auth/catalog", form: .openTelekomCloud, projectID: "mars")
    #expect(
      unknown.text == #"{"error":{"code":404,"message":"Could not find project: mars.","title":"Not Found"}}"#)
  }
}
