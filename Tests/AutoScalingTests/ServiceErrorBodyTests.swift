import AutoScaling
import Testing

@Suite struct ServiceErrorBodyTests {
  /// The shapes of the reference, section 6.1: body, code, message, request id.
  @Test(
    arguments: [
      (
        #"{"error":{"code":"AS.2007","message":"The AS group does not exist."}}"#, "AS.2007",
        "The AS group does not exist.",
        nil
      ),
      (
        #"{"error":{"code":"AS.2057","message":"m","encoded_authorization_message":null,"details":null}}"#, "AS.2057",
        "m", nil
      ),
      (
        #"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information","request_id":"r1"}"#,
        "APIGW.0301", "Incorrect IAM authentication information", "r1"
      ),
      (
        #"{"error":{"code":401,"message":"The X-Auth-Token is invalid!","title":"Unauthorized"}}"#, "401",
        "The X-Auth-Token is invalid!", nil
      ),
      (#"{"error_code":"IAM.0011","error_msg":"no"}"#, "IAM.0011", "no", nil),
      (#"{"code":"AS.0001","message":"system error"}"#, "AS.0001", "system error", nil),
      (#"{"errorCode":"AS.0001","errorMsg":"system error"}"#, "AS.0001", "system error", nil),
      (#"{"badRequest":{"message":"bad","code":400}}"#, "400", "bad", nil),
      (#"{"message":"only words"}"#, nil, "only words", nil),
      (#"{"code":"AS.0001"}"#, "AS.0001", "", nil),
      (#"{"code":"outer","error":{"error_code":"AS.1","error_msg":"m"}}"#, "outer", "", nil),
      (#"{"error":{"code":"AS.1","message":"m","request_id":"r2"}}"#, "AS.1", "m", "r2"),
      (#"{"error":{"code":"AS.1","message":"two\nlines\u0000\u001b[31m"}}"#, "AS.1", "two lines [31m", nil),
      (
        "<html><head><title>502 Bad Gateway</title></head>\r\n<body><h1>502</h1></body></html>", nil,
        "502 Bad Gateway 502",
        nil
      ),
      ("upstream connect error", nil, "upstream connect error", nil),
      ("", nil, "", nil),
      ("[1,2]", nil, "[1,2]", nil),
      ("null", nil, "null", nil),
      ("{}", nil, "{}", nil),
      ("<never closed", nil, "", nil),
    ] as [(String, String?, String, String?)])
  func `each shape of body gives its code, message and request id`(
    _ body: String, _ code: String?, _ message: String, _ requestID: String?
  ) {
    #expect(
      ServiceErrorBody(decoding: Array(body.utf8))
        == ServiceErrorBody(code: code, message: message, requestID: requestID))
  }

  @Test func `a message has 200 characters at most`() {
    let long = String(repeating: "é", count: 100_000)
    for body in ["{\"code\":\"c\",\"message\":\"\(long)\"}", "<p>\(long)</p>", long] {
      let message = ServiceErrorBody(decoding: Array(body.utf8)).message
      #expect(message.unicodeScalars.count == 201)
      #expect(message.hasSuffix("…"))
    }
  }

  @Test func `any bytes give a body`() {
    var state: UInt64 = 20_261_124
    for length in 0..<300 {
      let bytes = (0..<length).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
      }
      let body = ServiceErrorBody(decoding: bytes)
      #expect(!body.message.unicodeScalars.contains { $0.isUnsafeInMessages })
    }
  }

  @Test func `a megabyte of nested brackets is taken as text`() {
    let body = ServiceErrorBody(decoding: [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20))
    #expect(body.code == nil)
    #expect(body.message.count == 201)
  }
}
