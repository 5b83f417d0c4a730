import CloudConfiguration
import Testing

@Suite("Addresses")
struct CloudAddressTests {
  @Test(arguments: [
    ("https://iam.eu-de.otc.t-systems.com/v3", "https://iam.eu-de.otc.t-systems.com/v3"),
    ("https://iam.eu-de.otc.t-systems.com/v3/", "https://iam.eu-de.otc.t-systems.com/v3"),
    ("https://iam.eu-de.otc.t-systems.com", "https://iam.eu-de.otc.t-systems.com/v3"),
    ("https://iam.eu-de.otc.t-systems.com/", "https://iam.eu-de.otc.t-systems.com/v3"),
    (" https://iam.example:443/identity ", "https://iam.example:443/identity/v3"),
    ("https://iam.example/identity/v3", "https://iam.example/identity/v3"),
    ("https://iam.example/v3/auth/tokens", "https://iam.example/v3"),
    ("https://iam.example/v3.0", "https://iam.example/v3.0"),
    ("HTTP://127.0.0.1:8080", "http://127.0.0.1:8080/v3"),
    ("https://v3/", "https://v3/v3"),
  ])
  func `IAM's address gets its version`(text: String, expected: String) throws {
    let settings = try TestEnvironment(variables: ["OS_AUTH_URL": text]).settings()
    #expect(settings.authURL == Setting(expected, from: "OS_AUTH_URL"))
  }

  @Test(arguments: [
    (
      "iam.eu-de.otc.t-systems.com",
      "OS_AUTH_URL: an IAM address begins with https://, such as https://iam.eu-de.otc.t-systems.com/v3"
    ),
    ("https://ada:pw@iam.example/v3", "OS_AUTH_URL: it must not have a user name or password"),
    ("https://iam.example/v3?x=1", "OS_AUTH_URL: an IAM address has no query, no fragment and no blanks"),
    ("https:///v3", "OS_AUTH_URL: it has no host"),
    ("https://", "OS_AUTH_URL: it has no host"),
    ("https://iam.example/v2.0", "OS_AUTH_URL: IAM is spoken to in version 3: its address ends in /v3"),
  ])
  func `what is no address of IAM is refused`(text: String, message: String) {
    #expect(TestEnvironment(variables: ["OS_AUTH_URL": text]).message() == message)
  }

  @Test(arguments: ["eu-de", "eu-nl"]) func `addresses are known for Open Telekom Cloud's regions`(region: String) {
    #expect(CloudAddress.defaultAuthURL(region: region) == "https://iam.\(region).otc.t-systems.com/v3")
    #expect(CloudAddress.defaultAutoScalingEndpoint(region: region) == "https://as.\(region).otc.t-systems.com")
  }

  @Test(arguments: ["eu-ch2", "cn-north-4", "EU-DE", "", "eu-de.example.com/"])
  func `addresses are guessed for no other region`(region: String) {
    #expect(CloudAddress.defaultAuthURL(region: region) == nil)
    #expect(CloudAddress.defaultAutoScalingEndpoint(region: region) == nil)
  }
}
