import AutoScaling
import AutoScalingClient
import Testing

/// An answer and the failure that it is.
struct AnswerCase: Sendable, CustomTestStringConvertible {
  var status: Int
  var headers: [(String, String)] = []
  var body: String
  var certainty: ServiceFailure.Certainty
  var disposition: AnswerDisposition
  var code: String?
  var message: String
  var requestID: String?

  var testDescription: String { "\(status) \(body.prefix(60))" }
}

@Suite(.timeLimit(.minutes(1))) struct AnswerReadingTests {
  static let refusals: [AnswerCase] = [
    AnswerCase(
      status: 400, headers: [("x-request-ID", "r")],
      body: #"{"error":{"code":"AS.2007","message":"The AS group does not exist."}}"#, certainty: .refused,
      disposition: .permanent, code: "AS.2007", message: "The AS group does not exist.", requestID: "r"),
    AnswerCase(
      status: 400, body: #"{"error":{"code":"AS.2033","message":"m"}}"#, certainty: .refused,
      disposition: .busyIfScaling, code: "AS.2033", message: "m"),
    AnswerCase(
      status: 400, body: #"{"error":{"code":"AS.2028","message":"m"}}"#, certainty: .refused,
      disposition: .sameNumber, code: "AS.2028", message: "m"),
    AnswerCase(
      status: 400, body: #"{"error":{"code":"AS.0003","message":"m"}}"#, certainty: .refused, disposition: .busy,
      code: "AS.0003", message: "m"),
    AnswerCase(
      status: 400, body: #"{"error":{"code":"AS.7078","message":"m"}}"#, certainty: .refused, disposition: .retryable,
      code: "AS.7078", message: "m"),
    AnswerCase(
      status: 401, body: #"{"error_code":"APIGW.0301","error_msg":"m","request_id":"from-body"}"#, certainty: .refused,
      disposition: .unauthorized, code: "APIGW.0301", message: "m" + withoutCredentials, requestID: "from-body"),
    AnswerCase(
      status: 401, body: #"{"error":{"code":401,"message":"The X-Auth-Token is invalid!","title":"Unauthorized"}}"#,
      certainty: .refused, disposition: .unauthorized, code: "401",
      message: "The X-Auth-Token is invalid!" + withoutCredentials),
    AnswerCase(
      status: 409, body: "", certainty: .refused, disposition: .retryable, code: nil,
      message: "Conflict (from HOST, without a message)"),
    AnswerCase(
      status: 500, body: #"{"error":{"code":"AS.0001","message":"system error"}}"#, certainty: .lost,
      disposition: .retryable, code: "AS.0001", message: "system error"),
    AnswerCase(
      status: 502, body: "<html><h1>502 Bad Gateway</h1></html>", certainty: .lost, disposition: .retryable, code: nil,
      message: "502 Bad Gateway"),
    AnswerCase(
      status: 204, body: "", certainty: .lost, disposition: .retryable, code: FleetplanCode.unexpectedStatus,
      message: "HOST answered 204, which is not documented"),
    AnswerCase(
      status: 302, headers: [("Location", "https://u:p@login.example.com/x?token=secret")], body: "moved",
      certainty: .refused, disposition: .permanent, code: FleetplanCode.redirect,
      message: "HOST redirects to login.example.com; redirects are not followed, check the endpoint"),
    AnswerCase(
      status: 307, headers: [("Location", "/elsewhere")], body: "", certainty: .refused, disposition: .permanent,
      code: FleetplanCode.redirect,
      message: "HOST redirects to another path of itself; redirects are not followed, check the endpoint"),
    AnswerCase(
      status: 304, body: "", certainty: .refused, disposition: .permanent, code: FleetplanCode.redirect,
      message: "HOST redirects to nowhere (it has no Location); redirects are not followed, check the endpoint"),
  ]

  private static let withoutCredentials =
    " (sent without credentials: give OS_TOKEN, OS_ACCESS_KEY and OS_SECRET_KEY, or OS_AUTH_URL, OS_USERNAME, "
    + "OS_USER_DOMAIN_NAME and OS_PASSWORD, or choose a cloud of clouds.yaml with --cloud)"

  @Test(arguments: refusals) func `an answer becomes a failure with its facts, after one request`(
    _ answer: AnswerCase
  ) async throws {
    let reply: @Sendable (ReceivedRequest, Int) -> Reply = { _, _ in
      // These have no body by definition, and so no length either.
      if answer.status == 204 || answer.status == 304 {
        return .raw(["HTTP/1.1 \(answer.status) Reason\r\n\r\n"], closes: false)
      }
      return .answer(answer.status, headers: answer.headers, body: answer.body)
    }
    try await withServer(reply) { server in
      let (modification, reading) = try await withClient(server.endpoint) { client in
        (await client.modify(), await client.read())
      }
      let failure = try modification.expectedFailure()
      #expect(
        failure
          == ServiceFailure(
            certainty: answer.certainty, disposition: answer.disposition, status: answer.status, code: answer.code,
            message: answer.message.replacing("HOST", with: "127.0.0.1:\(server.port)"), requestID: answer.requestID))
      #expect(try reading.expectedFailure() == failure)
      #expect(server.requests.map(\.method) == ["PUT", "GET"])
    }
  }

  @Test(arguments: [
    ("<html>Welcome to the hotel's network</html>", FleetplanCode.unexpectedBody), ("", FleetplanCode.unexpectedBody),
    ("null", FleetplanCode.unexpectedBody), ("[]", FleetplanCode.unexpectedBody), ("{}", FleetplanCode.unexpectedBody),
    (#"{"scaling_group_id": 5}"#, FleetplanCode.unexpectedBody),
    (#"{"scaling_group_id": "\#(groupID)"} trailing"#, FleetplanCode.unexpectedBody),
    (#"{"scaling_group_id": "other"}"#, FleetplanCode.otherGroup),
  ])
  func `a PUT's 200 that is not the documented answer is lost`(_ body: String, _ code: String) async throws {
    try await withServer({ _, _ in .answer(200, body: body) }) { server in
      let failure = try await withClient(server.endpoint) { try await $0.modify().expectedFailure() }
      #expect(failure.certainty == .lost)
      #expect(failure.disposition == .retryable)
      #expect(failure.status == 200)
      #expect(failure.code == code)
    }
  }

  @Test(arguments: [
    ("<html>Welcome</html>", FleetplanCode.unexpectedBody), ("", FleetplanCode.unexpectedBody),
    (#"{"scaling_group": null}"#, FleetplanCode.unexpectedBody),
    (#"{"scaling_group": {"scaling_group_name": "n"}}"#, FleetplanCode.unexpectedBody),
    (#"{"scaling_group": {"scaling_group_id": "\#(groupID)", "networks": 5}}"#, FleetplanCode.unexpectedBody),
    (modifiedBody, FleetplanCode.unexpectedBody),
    (#"{"scaling_group": {"scaling_group_id": "other"}}"#, FleetplanCode.otherGroup),
  ])
  func `a GET's 200 that is not the documented answer is retried`(_ body: String, _ code: String) async throws {
    try await withServer({ _, _ in .answer(200, body: body) }) { server in
      let failure = try await withClient(server.endpoint) { try await $0.read().expectedFailure() }
      #expect(failure.disposition == .retryable)
      #expect(failure.code == code)
      #expect(failure.message.contains("127.0.0.1:\(server.port)"))
    }
  }

  @Test(arguments: [
    "{}", #"{"scaling_groups": []}"#, #"{"total_number": 1, "scaling_groups": [{}]}"#,
    #"{"total_number": -1, "scaling_groups": []}"#,
  ])
  func `a page that is not the documented one is retried`(_ body: String) async throws {
    try await withServer({ _, _ in .answer(200, body: body) }) { server in
      let failure = try await withClient(server.endpoint) { try await $0.list(GroupListQuery()).expectedFailure() }
      #expect(failure.code == FleetplanCode.unexpectedBody)
    }
  }

  // MARK: Retry-After

  /// Value, Date header, seconds; the client's clock stands at 2026-11-24T00:00:00Z.
  @Test(
    arguments: [
      ("2", nil, 2), (" 120 ", nil, 120), ("0", nil, 0), ("-1", nil, nil), ("soon", nil, nil), ("1.5", nil, nil),
      ("", nil, nil),
      ("Tue, 24 Nov 2026 00:00:30 GMT", nil, 30),
      ("Tue, 24 Nov 2026 00:00:30 GMT", "Tue, 24 Nov 2026 00:00:20 GMT", 10),
      ("Tue, 24 Nov 2026 00:00:30 GMT", "nonsense", 30),
      ("Mon, 23 Nov 2026 00:00:00 GMT", nil, 0),
      ("Tuesday, 24-Nov-26 00:01:00 GMT", nil, 60), ("Tue Nov 24 00:01:00 2026", nil, 60),
      ("Mon, 01 Mar 2027 00:00:00 GMT", "Sun, 28 Feb 2027 23:59:50 GMT", 10),
      ("Tue, 29 Feb 2028 00:00:00 GMT", "Mon, 28 Feb 2028 00:00:00 GMT", 86400),
      ("Tue, 24 Foo 2026 00:00:30 GMT", nil, nil), ("Tue, 24 Nov 2026 25:00:30 GMT", nil, nil),
      ("99999999999999999999", nil, 1e20),
    ] as [(String, String?, Double?)])
  func `the wait that the service asks for comes in seconds or as a date`(
    _ value: String, _ date: String?, _ seconds: Double?
  ) async throws {
    let headers = [("Retry-After", value)] + (date.map { [("Date", $0)] } ?? [])
    try await withServer({ _, _ in .answer(503, headers: headers, body: "") }) { server in
      let failure = try await withClient(server.endpoint) { try await $0.modify().expectedFailure() }
      #expect(failure.retryAfterSeconds == seconds)
    }
  }

  // MARK: Secrets

  @Test func `a token that the service echoes does not reach the message`() async throws {
    let token = "MIIF-secret-token"
    try await withServer({ _, _ in
      .answer(401, body: #"{"error":{"code":"AS.0005","message":"bad MIIF-secret-token!"}}"#)
    }) {
      server in
      let failure = try await withClient(server.endpoint, authorizer: TokenAuthorizer(token: token)) {
        try await $0.read().expectedFailure()
      }
      #expect(failure.message.hasPrefix("bad [secret]! (the token may have expired"))
      #expect(server.requests.first?.header("X-Auth-Token") == token)
    }
  }

  @Test func `a token is shown by no description`() throws {
    let authorizer = try TokenAuthorizer(token: "s3cret")
    var dumped = ""
    dump(authorizer, to: &dumped)
    for text in ["\(authorizer)", String(reflecting: authorizer), dumped] { #expect(!text.contains("s3cret")) }
  }

  @Test(arguments: ["", "a b", "a\r\nX-Evil: 1", "tökén", "a\u{7f}"])
  func `a token that no header can carry is refused`(
    _ token: String
  ) {
    #expect(throws: ServiceConfigurationError.unusableToken) { try TokenAuthorizer(token: token) }
  }
}
