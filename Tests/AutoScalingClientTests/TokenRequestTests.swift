import JSONText
import Testing

@testable import AutoScalingClient

/// What is sent to Keystone, and what comes back (reference, section 7.1).
struct TokenRequestTests {
  private static func text(_ request: TokenRequest) -> String { String(decoding: request.body, as: UTF8.self) }

  @Test func `user and project by name have their domains`() {
    let request = TokenRequest(
      credentials: PasswordCredentials(user: .name("USER"), userDomain: .name("ACCOUNT"), password: "PW"),
      project: .name("eu-de"))
    #expect(
      Self.text(request)
        == #"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"USER","domain":{"name":"ACCOUNT"},"#
        + #""password":"PW"}}},"scope":{"project":{"name":"eu-de","domain":{"name":"ACCOUNT"}}}}}"#)
  }

  @Test func `ids need no domains, and a passcode is a second method`() {
    let request = TokenRequest(
      credentials: PasswordCredentials(
        user: .id("U"), userDomain: .name("ACCOUNT"), password: "P\"W", passcode: "123456"),
      project: .id("PROJECT"), projectDomain: .id("D"))
    #expect(
      Self.text(request)
        == #"{"auth":{"identity":{"methods":["password","totp"],"password":{"user":{"id":"U","password":"P\"W"}},"#
        + #""totp":{"user":{"id":"U","passcode":"123456"}}},"scope":{"project":{"id":"PROJECT"}}}}"#)
  }

  @Test func `a token knows its project, its end and the endpoints`() throws {
    let body = try JSONParser.parse(
      """
      {"token": {"expires_at": "2026-01-16T09:30:00.527363Z", "project": {"id": "p", "name": "eu-de"}, "catalog": [
        {"type": "as", "endpoints": [{"interface": "public", "region": "eu-de", "url": "https://as.eu-de.example.com/autoscaling-api/v1"}]},
        {"type": "asv1", "endpoints": [
          {"interface": "internal", "region": "eu-de", "url": "https://internal.example.com/autoscaling-api/v1/p"},
          {"interface": "public", "region": "eu-nl", "url": "https://as.eu-nl.example.com/x/autoscaling-api/v1/p"},
          {"interface": "public", "region": "eu-de", "url": "https://as.eu-de.example.com/autoscaling-api/v1/p"}]},
        {"type": "ecs", "endpoints": [{"interface": "public", "url": "https://ecs.example.com"}]}]}}
      """)
    let token = try #require(IssuedToken(subjectToken: "SECRET-TOKEN", body: body))
    #expect(token.projectID == "p")
    #expect(token.expiresAt == 1_768_555_800)
    #expect(token.catalog.autoScalingEndpoint(region: "eu-de") == "https://as.eu-de.example.com")
    #expect(token.catalog.autoScalingEndpoint(region: "eu-nl") == "https://as.eu-nl.example.com/x")
    #expect(token.catalog.autoScalingEndpoint(region: "eu-ch2") == nil)
    #expect(token.catalog.autoScalingEndpoint(region: "eu-de", interface: "internal") == "https://internal.example.com")
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!"\(token)\(dumped)".contains("SECRET"))
  }

  @Test(arguments: [
    #"{"token": {"expires_at": "2026-01-16T09:30:00Z"}}"#,
    #"{"token": {"project": {"id": "p"}}}"#,
    #"{"token": {"expires_at": "tomorrow", "project": {"id": "p"}}}"#,
    #"{"token": {"expires_at": "2026-13-16T09:30:00Z", "project": {"id": "p"}}}"#,
    "{}",
  ])
  func `anything else is no token`(body: String) throws {
    #expect(IssuedToken(subjectToken: "T", body: try JSONParser.parse(body)) == nil)
  }

  @Test(arguments: ["", "a b", "a\r\nX: y", "ä"])
  func `nor is what a header cannot carry`(subject: String) throws {
    let body = #"{"token": {"expires_at": "2026-01-16T09:30:00Z", "project": {"id": "p"}}}"#
    #expect(IssuedToken(subjectToken: subject, body: try JSONParser.parse(body)) == nil)
    #expect(IssuedToken(subjectToken: "T", body: try JSONParser.parse(body)) != nil)
  }
}
