import AutoScaling
import AutoScalingClient
import Signing
import Testing

/// AK/SK on every attempt, and what is said when it is refused.
struct AccessKeyAuthorizerTests {
  private static let key = AccessKey(id: "ID", secret: "very-secret", securityToken: "session-secret")
  private static let refusal = ServiceFailure(
    certainty: .refused, disposition: .unauthorized, status: 401, code: "APIGW.0301", message: "no")

  private static func authorizer(_ form: SigningForm? = nil) throws -> AccessKeyAuthorizer {
    try AccessKeyAuthorizer(key: key, form: form)
  }

  @Test func `each attempt is signed with its own time, for its own host`() throws {
    let authorizer = try Self.authorizer()
    func headers(host: String, at seconds: Double) throws -> [String: String] {
      var request = RequestDescription(
        method: "PUT", host: host, path: "/autoscaling-api/v1/p/scaling_group/g",
        headers: [("Host", host), ("Content-Type", "application/json")], body: [1], projectID: "p")
      try authorizer.authorize(&request, secondsSince1970: seconds)
      return Dictionary(uniqueKeysWithValues: request.headers)
    }
    let first = try headers(host: "as.eu-de.otc.t-systems.com", at: fixedNow)
    let second = try headers(host: "as.eu-de.otc.t-systems.com", at: fixedNow + 1)
    #expect(first["X-Sdk-Date"] == "20261124T000000Z")
    #expect(second["X-Sdk-Date"] == "20261124T000001Z")
    #expect(first["Authorization"] != second["Authorization"])
    #expect(first["Authorization"]?.contains("Credential=ID/20261124///sdk_request, ") == true)
    #expect(first["X-Project-Id"] == "p")
    #expect(first["X-Security-Token"] == "session-secret")
    #expect(try headers(host: "as.x.myhuaweicloud.com", at: 0)["Authorization"]?.contains("Access=ID, ") == true)
  }

  @Test func `a refusal names the other form and compares the clocks`() throws {
    let words = try Self.authorizer().explanation(of: Self.refusal, host: "as.example.com", clockAhead: 1_000)
    #expect(
      words == "signed in the credential form; --signing access is the other one; our clock is 1000 s ahead of the "
        + "server's, more than the 15 minutes that are allowed")
    #expect(
      try Self.authorizer(.access).explanation(of: Self.refusal, host: "h", clockAhead: -1)
        == "signed in the access form; --signing credential is the other one; our clock and the server's agree")
    var forbidden = Self.refusal
    forbidden.status = 403
    #expect(try Self.authorizer().explanation(of: forbidden, host: "h", clockAhead: 0) == nil)
  }

  @Test func `the answer's own clock is compared`() async throws {
    let failure = try await withServer { _, _ in
      .answer(
        401, headers: [("Date", "Mon, 23 Nov 2026 23:00:00 GMT")],
        body: #"{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail very-secret"}"#)
    } _: { server in
      try await withClient(server.endpoint, authorizer: try Self.authorizer()) { try await $0.read().expectedFailure() }
    }
    #expect(failure.message.contains("our clock is 3600 s ahead of the server's"))
    #expect(!failure.message.contains("very-secret"))
  }

  @Test(arguments: [("", nil), ("A B", nil), ("ID", "a\nb")] as [(String, String?)])
  func `a key that no header can carry is refused, and not repeated`(id: String, token: String?) {
    #expect(throws: ServiceConfigurationError.unusableAccessKey) {
      try AccessKeyAuthorizer(key: AccessKey(id: id, secret: "s", securityToken: token), form: nil)
    }
  }

  @Test func `nothing shows a secret`() throws {
    let authorizer = try Self.authorizer()
    var dumped = ""
    dump(authorizer, to: &dumped)
    #expect(!"\(authorizer)\(dumped)".contains("secret"))
    #expect(authorizer.redacted("a very-secret b session-secret c") == "a [secret] b [secret] c")
  }
}
