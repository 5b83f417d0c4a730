import Testing

@testable import Signing

/// Properties of the canonical form (reference, section 7.2).
struct CanonicalRequestTests {
  private static func lines(
    path: String = "/v1", query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) -> [Substring] {
    CanonicalRequest(method: "get", path: path, query: query, headers: headers, body: body).text
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  @Test(arguments: [
    ("/v1", "/v1/"), ("/v1/", "/v1/"), ("/", "/"), ("/a%7eb", "/a~b/"), ("/a~b", "/a~b/"), ("/a b", "/a%20b/"),
    ("/a%20b", "/a%20b/"), ("/a%2Fb/c", "/a%2Fb/c/"), ("/ä", "/%C3%A4/"), ("/%c3%a4", "/%C3%A4/"), ("/a%", "/a%25/"),
    ("/a%zz", "/a%25zz/"), ("/a//b", "/a//b/"),
  ])
  func `a path has one form and ends with a slash`(path: String, canonical: String) {
    #expect(Self.lines(path: path)[1] == canonical)
  }

  @Test func `a query is sorted by name and then by value, and keeps what is repeated or empty`() {
    let query = [
      (name: "b", value: "2"), (name: "a", value: ""), (name: "b", value: "10"), (name: "b", value: "2"),
      (name: "B", value: "&="), (name: "ü", value: "+"),
    ]
    #expect(Self.lines(query: query)[2] == "B=%26%3D&a=&b=10&b=2&b=2&%C3%BC=%2B")
    #expect(Self.lines()[2] == "")
  }

  @Test func `headers are trimmed, lower case and sorted, and an empty line follows them`() {
    let lines = Self.lines(headers: [("X-Sdk-Date", " d\t"), ("HOST", "127.0.0.1:8080"), ("Accept", "a  b")])
    #expect(
      lines[3...] == ["accept:a  b", "host:127.0.0.1:8080", "x-sdk-date:d", "", "accept;host;x-sdk-date", lines[8]])
    #expect(lines[0] == "GET")
  }

  @Test func `the order in which query and headers are given does not matter`() {
    var random = SystemRandomNumberGenerator()
    let query = (0..<8).map { (name: "n\($0 % 3)", value: "v\($0)") }
    let headers = (0..<5).map { (name: "h\($0)", value: "v") }
    let expected = Self.lines(query: query, headers: headers)
    for _ in 0..<20 {
      #expect(
        Self.lines(query: query.shuffled(using: &random), headers: headers.shuffled(using: &random)) == expected)
    }
  }

  @Test func `a header can stand for the body`() {
    let body = Array("{}".utf8)
    #expect(Self.lines(body: body).last == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
    #expect(Self.lines(headers: [("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")], body: body).last == "UNSIGNED-PAYLOAD")
  }

  @Test(arguments: [
    (0.0, "19700101T000000Z"), (951_782_399.9, "20000228T235959Z"), (951_782_400, "20000229T000000Z"),
    (1_768_469_400, "20260115T093000Z"), (4_107_542_399, "21000228T235959Z"), (4_107_542_400, "21000301T000000Z"),
  ])
  func `dates are in UTC, with leap years`(seconds: Double, text: String) {
    #expect(SigningDate(secondsSince1970: seconds).text == text)
    #expect(SigningDate(text)?.text == text)
  }

  @Test(arguments: ["", "20260115T093000", "2026-01-15T09:30Z", "20260115 093000Z", "2026011XT093000Z"])
  func `other dates are none`(text: String) { #expect(SigningDate(text) == nil) }

  @Test(arguments: [
    ("as.eu-de.otc.t-systems.com", SigningForm.openTelekomCloud), ("as.eu-west-101.myhuaweicloud.eu", .access),
    ("as.cn-north-4.myhuaweicloud.com", .access), ("127.0.0.1:8774", .openTelekomCloud),
  ])
  func `the form is told from the host`(host: String, form: SigningForm) {
    #expect(SigningForm.automatic(host: host) == form)
  }

  @Test func `a signer signs few headers, and the security token only in the access form`() {
    let key = AccessKey(id: "ID", secret: "VERY-SECRET", securityToken: "TOKEN")
    for (form, signed) in [
      (SigningForm.access, "content-type;host;x-project-id;x-sdk-date;x-security-token"),
      (.openTelekomCloud, "content-type;host;x-sdk-date"),
    ] {
      let headers = RequestSigner(key: key, form: form).headers(
        method: "PUT", host: "h:1", path: "/p", query: [], contentType: "application/json", body: [1], projectID: "P",
        secondsSince1970: 0)
      #expect(headers.map(\.name) == ["X-Sdk-Date", "X-Project-Id", "X-Security-Token", "Authorization"])
      #expect(headers[3].value.contains("SignedHeaders=\(signed), "))
      #expect(!headers.contains { $0.value.contains("VERY-SECRET") })
    }
    var dumped = ""
    dump(key, to: &dumped)
    #expect(!"\(key) \(String(reflecting: key)) \(dumped)".contains("SECRET"))
    #expect(!dumped.contains("TOKEN"))
  }
}
