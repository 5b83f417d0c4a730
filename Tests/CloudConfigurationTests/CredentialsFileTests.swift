import CloudConfiguration
import Testing

@Suite("The credentials file of Huawei Cloud's SDKs")
struct CredentialsFileTests {
  private func environment(_ text: String?, path: String = "/keys") -> TestEnvironment {
    TestEnvironment(
      variables: ["HUAWEICLOUD_SDK_CREDENTIALS_FILE": path], files: text.map { ["/keys": $0] } ?? [:])
  }

  @Test(arguments: ["\n", "\r\n"]) func `all keys are read`(end: String) throws {
    let lines = [
      "\u{FEFF}# of Ada", "[basic]", "ak = AK", "SK=a=b:c", "project_id: 0042", "security_token = st", "other = x", "",
      "; account", "[global]", "ak = AK2", "sk = SK2", "domain_id = d1", "iam_endpoint = https://two",
    ]
    let settings = try environment(lines.joined(separator: end)).settings()
    #expect(settings.accessKey == Setting("AK", from: "/keys: [basic] ak"))
    #expect(settings.secretKey?.open == Setting("a=b:c", from: "/keys: [basic] sk"))
    #expect(settings.projectID == Setting("0042", from: "/keys: [basic] project_id"))
    #expect(settings.securityToken?.open == Setting("st", from: "/keys: [basic] security_token"))
    #expect(settings.domainID == Setting("d1", from: "/keys: [global] domain_id"))
    #expect(settings.authURL == nil)
  }

  @Test func `an account's key is taken where the project's has none`() throws {
    let settings = try environment("[basic]\nproject_id = p\n[global]\nak=A\nsk=S\niam_endpoint=https://iam.x\n")
      .settings()
    #expect(settings.accessKey?.source == "/keys: [global] ak")
    #expect(settings.projectID?.value == "p")
    #expect(settings.authURL == Setting("https://iam.x/v3", from: "/keys: [global] iam_endpoint"))
  }

  @Test func `variables come first, and keys are not mixed`() throws {
    var environment = environment("[basic]\nak=A\nsk=S\nsecurity_token=T\n")
    environment.variables["HUAWEICLOUD_SDK_AK"] = "B"
    #expect(
      environment.message()
        == "incomplete credentials: access key from HUAWEICLOUD_SDK_AK, but no secret key: set HUAWEICLOUD_SDK_SK "
        + "(/keys: [basic] sk is not taken: it is of another key, that of /keys: [basic] ak)")
    environment.variables["HUAWEICLOUD_SDK_SK"] = "C"
    #expect(
      try environment.settings().credentials(for: .auto).credentials
        == .accessKey(id: "B", secret: Secret("C"), securityToken: nil))
  }

  @Test func `it is read only where a variable names it`() throws {
    let environment = TestEnvironment(files: ["/home/ada/.huaweicloud/credentials": "[basic]\nak=A\nsk=S\n"])
    #expect(try environment.settings().accessKey == nil)
  }

  @Test(
    arguments: [
      (nil, "/keys, which HUAWEICLOUD_SDK_CREDENTIALS_FILE names, does not exist: correct the variable, or unset it"),
      ("ak = A\n", "/keys:1: a line before the first section, such as [basic]"),
      ("\n[basic\n", "/keys:2: the section's name is not closed by ']'"),
      ("[basic]\r\nak\r\n", "/keys:2: expected a key, '=' and a value"),
      ("[basic]\nak = A\nak = B\n", "/keys:3: ak for the second time in [basic]"),
      (
        "[basic]\nak = A\n",
        "incomplete credentials: access key from /keys: [basic] ak, but no secret key: set HUAWEICLOUD_SDK_SK"
      ),
    ] as [(String?, String)])
  func `faults are named`(text: String?, message: String) {
    #expect(environment(text).message() == message)
  }
}
