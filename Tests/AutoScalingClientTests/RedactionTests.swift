import AutoScaling
import JSONText
import Signing
import Testing

@testable import AutoScalingClient

/// Secrets that a service repeats are taken out of what it says (contract, guarantee 8).
struct RedactionTests {
  private static let token = (0..<90).map { "t\($0)" }.joined()

  @Test(arguments: [
    ("a sesame", "a [secret]"), ("sesamesesame", "[secret][secret]"), ("ses ame", "ses ame"), ("", ""),
    // Character by character the last letter is another one.
    ("sesame\u{301}", "[secret]\u{301}"),
    ("%22p%2Bw%22 and \\\"p+w\\\"", "[secret] and [secret]"),
    ("sesame-and-more", "[secret]"),
  ])
  func `a secret is replaced as it is, and as URLs and JSON write it`(text: String, expected: String) {
    let redacted = text.withoutSecrets(["", "sesame", "\"p+w\"", "sesame-and-more"])
    #expect(Array(redacted.utf8) == Array(expected.utf8))
  }

  @Test(arguments: [
    "{\"error_code\": \"AS.1\", \"error_msg\": \"\(String(repeating: "word ", count: 35))\(token)\"}",
    "<p>\(token)</p>", String(repeating: "word ", count: 39) + token,
    "{\"error_code\": \"\(token)\", \"error_msg\": \"no\", \"request_id\": \"\(token)\"}",
  ])
  func `a token is taken out before a message is cut`(body: String) async throws {
    let authorizer = try TokenAuthorizer(token: Self.token)
    try await withServer { _, _ in
      .answer(400, headers: [("X-Request-Id", Self.token)], body: body)
    } _: { server in
      try await withClient(server.endpoint, authorizer: authorizer) { client in
        guard case .failure(let failure) = await client.read() else {
          Issue.record("a refusal was expected")
          return
        }
        #expect(!"\(failure)".contains("t0t1t2"), "\(failure)")
        #expect(failure.requestID == "[secret]")
      }
    }
  }

  @Test func `a redirect to a secret names no part of it`() async throws {
    let authorizer = try AccessKeyAuthorizer(key: AccessKey(id: "AK", secret: "half/other-half"), form: nil)
    try await withServer { _, _ in
      .answer(302, headers: [("Location", "https://half/other-half")], body: "")
    } _: { server in
      try await withClient(server.endpoint, authorizer: authorizer) { client in
        guard case .failure(let failure) = await client.read() else {
          Issue.record("a refusal was expected")
          return
        }
        #expect(failure.message.contains("redirects to [secret]"), "\(failure)")
      }
    }
  }

  @Test func `a signature is taken out, whatever it is`() throws {
    let authorizer = try AccessKeyAuthorizer(key: AccessKey(id: "AK", secret: "SK"), form: .access)
    var request = RequestDescription(method: "GET", host: "h", path: "/", projectID: "p")
    try authorizer.authorize(&request, secondsSince1970: fixedNow)
    let header = try #require(request.headers.first { $0.0 == "Authorization" }?.1)
    #expect(header.contains("Signature="))
    #expect(authorizer.redacted("bad: \(header)!").hasSuffix("host;x-project-id;x-sdk-date, [secret]!"))
  }

  @Test func `a token that was renewed is still a secret`() throws {
    let store = try TokenStore(
      authURL: "https://iam.example.com/v3",
      credentials: PasswordCredentials(user: .name("ada"), userDomain: nil, password: "password"))
    let body = try JSONParser.parse(
      #"{"token": {"expires_at": "2026-01-16T09:30:00Z", "project": {"id": "p"}}}"#)
    for token in ["FIRST", "SECOND"] { store.keep(try #require(IssuedToken(subjectToken: token, body: body))) }
    #expect(store.redacted("FIRST SECOND password") == "[secret] [secret] [secret]")
  }

  @Test func `a token for another project than that asked for is a refusal of IAM's`() async throws {
    try await withServer { _, _ in
      .answer(
        201, headers: [("X-Subject-Token", "TOKEN")],
        body: #"{"token": {"expires_at": "2030-01-16T09:30:00Z", "project": {"id": "other"}}}"#)
    } _: { server in
      let store = try TokenStore(
        authURL: server.endpoint + "/v3",
        credentials: PasswordCredentials(user: .name("ada"), userDomain: nil, password: "password"))
      try await withClient(server.endpoint, authorizer: store) { client in
        let result = await withCheckedContinuation { continuation in
          client.fetchToken(projectID: "mine", headWritten: {}) { continuation.resume(returning: $0) }
        }
        guard case .failure(let failure) = result else {
          Issue.record("a refusal was expected")
          return
        }
        #expect(failure.disposition == .permanent)
        #expect(failure.message == "IAM has issued a token for project other in place of mine")
      }
    }
  }

  @Test(arguments: [
    ("ada:pw@as.example.com", "(not shown, since it may have a password in it)"),
    ("ftp://ada:pw@as.example.com", "(not shown, since it may have a password in it)"),
    ("https://as.example.com/?pw", "\"https://as.example.com/\"…"),
    ("as.example.com", "\"as.example.com\""),
  ])
  func `an endpoint that cannot be used is shown without what may be a secret`(text: String, shown: String) {
    let error = #expect(throws: ServiceConfigurationError.self) { try ServiceEndpoint(text) }
    #expect(error?.description.hasPrefix("the endpoint \(shown) cannot be used: ") == true, "\(error as Any)")
  }
}
