import Testing

@testable import CloudConfiguration

@Suite("Secrets")
struct SecretTests {
  @Test func `a secret is revealed only on demand`() {
    let secret = Secret("hunter2")
    #expect(secret.reveal() == "hunter2")
    #expect("\(secret)" == "[secret]")
    #expect(!everythingShown(of: secret).contains("hunter2"))
    #expect(!everythingShown(of: [secret as Secret?]).contains("hunter2"))
    #expect(!everythingShown(of: Setting(secret, from: "OS_PASSWORD")).contains("hunter2"))
    #expect(secret == Secret("hunter2"))
    #expect(secret != Secret("hunter3"))
  }

  /// Each secret has the mark in it, and comes from every place that it can come from.
  static let mark = "MARKED"

  static let marked = TestEnvironment(
    variables: [
      "OS_CLOUD": "otc", "OS_USERNAME": "ada", "OS_PASSWORD": "MARKED1", "OS_PASSCODE": "MARKED2",
      "OS_TOKEN": "MARKED3", "OS_AUTH_TOKEN": "MARKED4", "OS_ACCESS_KEY": "AK", "OS_SECRET_KEY": "MARKED5",
      "OS_SECURITY_TOKEN": "MARKED6", "HUAWEICLOUD_SDK_SK": "MARKED7", "HW_SECRET_KEY": "MARKED8",
      "OS_AUTH_URL": "https://iam.eu-de.otc.t-systems.com/v3", "OS_USER_DOMAIN_NAME": "OTC",
      "HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/keys",
    ],
    files: [
      "/keys": "[basic]\nak = AK\nsk = MARKED9\nsecurity_token = MARKED10\n",
      TestEnvironment.userFile: """
      clouds:
        otc:
          auth: {username: ada, password: MARKED11, passcode: MARKED12, token: MARKED13, sk: MARKED14}
      """,
      TestEnvironment.secureFile: "clouds: {otc: {auth: {password: MARKED15, security_token: MARKED16}}}",
    ])

  @Test(arguments: [nil, "otc"], AuthenticationChoice.allCases)
  func `settings and credentials show no secret`(cloud: String?, auth: AuthenticationChoice) throws {
    let settings = try Self.marked.settings(cloud: cloud)
    #expect(!everythingShown(of: settings).contains(Self.mark))
    let chosen = try? settings.credentials(for: auth)
    #expect(!everythingShown(of: chosen as Any).contains(Self.mark))
    #expect(!everythingShown(of: Self.marked.environment).contains(Self.mark))
    #expect(settings.password?.value.reveal().hasPrefix(Self.mark) == true, "they must be there at all")
  }

  /// Faults beside, or in the very line of, a secret.
  static let faulty: [TestEnvironment] =
    [
      "clouds:\n  otc:\n    auth:\n      password: MARKED: x\n",
      "clouds:\n  otc:\n    auth:\n      password: 'MARKED\n",
      "clouds:\n  otc:\n    auth:\n\t    password: MARKED\n",
      "clouds:\n  otc:\n    auth:\n      password: @MARKED\n",
      "clouds:\n  otc:\n    auth:\n      password: [MARKED, MARKED]\n",
      "clouds:\n  otc:\n    auth:\n      password: {MARKED: MARKED}\n",
      "clouds:\n  otc:\n    auth:\n      password: !vault MARKED\n",
      "clouds:\n  otc:\n    auth:\n      password: MARKED\n      password: MARKED\n",
      "clouds:\n  otc:\n    auth: {MARKED: 1, MARKED: 2}\n",
      "clouds:\n  otc:\n    auth: MARKED\n",
      "clouds:\n  otc:\n    auth:\n      password: |\n        MARKED\n        MARKED\n",
      "clouds:\n  otc:\n    auth:\n      password: \"MARKED\\u0007\"\n",
      "clouds:\n  otc:\n    auth:\n      password: MARKED\u{7}\n",
      "clouds:\n  otc:\n    auth:\n      password: *MARKED\n",
      "clouds:\n  otc:\n    verify: MARKED\n",
      "clouds:\n  otc:\n    auth: {auth_url: 'https://ada:MARKED@iam.example/v3'}\n",
      "clouds:\n  otc:\n    auth: {username: ada, password: MARKED}\n",
      "MARKED",
    ].map { TestEnvironment(variables: ["OS_CLOUD": "otc"], files: [TestEnvironment.userFile: $0]) }
    + [
      "[basic]\nak\nMARKED\n", "MARKED = 1\n", "[basic]\nsk = MARKED\nsk = MARKED\n", "[MARKED\n",
      "[basic]\nsk = MARKED\n",
    ]
    .map {
      TestEnvironment(variables: ["HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/keys"], files: ["/keys": $0])
    }
    + [
      TestEnvironment(variables: ["OS_PASSWORD": "MARKED\r"]), TestEnvironment(variables: ["OS_PASSWORD": "MARKED"]),
      TestEnvironment(variables: ["OS_SECRET_KEY": "MARKED"]), TestEnvironment(variables: ["OS_INSECURE": "MARKED"]),
      TestEnvironment(variables: ["OS_AUTH_URL": "ada:MARKED@iam.example"]),
    ]

  @Test(arguments: faulty.indices) func `errors show no secret`(index: Int) {
    let environment = Self.faulty[index]
    do throws(CloudConfigurationError) {
      _ = try environment.settings().credentials(for: .auto)
      Issue.record("number \(index) has no fault")
    } catch {
      #expect(!everythingShown(of: error).contains(Self.mark), "number \(index)")
      #expect(error.exitStatus == 78)
    }
  }

  static let insertions = [
    "", "\t", "\n", ": ", "'", "\"", "{", "}", "[", "&", "*", "!", "@", "|", "#", "- ", ",", "\0", "%",
  ]

  /// One character lost, or replaced, at every place of a file.
  @Test(arguments: insertions) func `however a file is damaged, its errors show no secret`(insertion: String) {
    let text = "clouds:\n  otc:\n    verify: no\n    auth:\n      username: ada\n      password: MARKED\n"
    for index in text.indices {
      let damaged = text.replacingCharacters(at: index, with: insertion)
      let environment = TestEnvironment(files: [TestEnvironment.userFile: damaged])
      do throws(CloudConfigurationError) {
        _ = try environment.settings(cloud: "otc").credentials(for: .password)
      } catch {
        #expect(!everythingShown(of: error).contains(Self.mark), "\(damaged.debugDescription)")
      }
    }
  }
}

extension String {
  fileprivate func replacingCharacters(at index: Index, with text: String) -> String {
    String(self[..<index]) + text + String(self[self.index(after: index)...])
  }
}
