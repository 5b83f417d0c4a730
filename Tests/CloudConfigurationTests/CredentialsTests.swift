import CloudConfiguration
import Testing

@Suite("Credentials")
struct CredentialsTests {
  static let file = TestEnvironment.userFile
  static let password = [
    "OS_USERNAME": "ada", "OS_PASSWORD": "pw", "OS_USER_DOMAIN_NAME": "OTC", "OS_AUTH_URL": "https://iam",
  ]
  static let key = ["OS_AK": "AK", "OS_SK": "SK"]
  static let token = ["OS_TOKEN": "t"]

  static let ada = Credentials.password(
    PasswordSettings(
      authURL: "https://iam/v3", userName: "ada", userID: nil, userDomainName: "OTC", userDomainID: nil,
      password: Secret("pw"), passcode: nil))
  static let adasKey = Credentials.accessKey(id: "AK", secret: Secret("SK"), securityToken: nil)

  /// What is there, and what `--auth` makes of it.
  static let choices:
    [(variables: [[String: String]], auth: AuthenticationChoice, expected: Credentials, source: String)] =
      [
        ([], .auto, .none, "no variable and no chosen cloud has any"),
        ([token, key, password], .none, .none, "--auth none"),
        ([token, key, password], .auto, .token(Secret("t")), "token from OS_TOKEN"),
        ([key, password], .auto, adasKey, "access key from OS_AK, secret key from OS_SK"),
        ([password], .auto, ada, "user from OS_USERNAME, password from OS_PASSWORD, IAM from OS_AUTH_URL"),
        ([token, key, password], .token, .token(Secret("t")), "token from OS_TOKEN"),
        ([token, key, password], .aksk, adasKey, "access key from OS_AK, secret key from OS_SK"),
        (
          [token, key, password], .password, ada,
          "user from OS_USERNAME, password from OS_PASSWORD, IAM from OS_AUTH_URL"
        ),
        (
          [key, ["OS_SECURITY_TOKEN": "st"]], .auto,
          .accessKey(id: "AK", secret: Secret("SK"), securityToken: Secret("st")),
          "access key from OS_AK, secret key from OS_SK, security token from OS_SECURITY_TOKEN"
        ),
        ([key, ["OS_USERNAME": "ada"]], .auto, adasKey, "access key from OS_AK, secret key from OS_SK"),
        (
          [["OS_AUTH_URL": "https://iam", "OS_PROJECT_ID": "p"]], .auto, .none,
          "no variable and no chosen cloud has any"
        ),
        (
          [token, key, password, ["OS_AUTH_TYPE": "v3password"]], .auto, ada,
          "user from OS_USERNAME, password from OS_PASSWORD, IAM from OS_AUTH_URL"
        ),
        ([token, key, ["OS_AUTH_TYPE": "aksk"]], .auto, adasKey, "access key from OS_AK, secret key from OS_SK"),
        ([token, ["OS_AUTH_TYPE": "none"]], .auto, .none, "OS_AUTH_TYPE"),
      ]

  @Test(arguments: choices.indices) func `credentials are chosen`(index: Int) throws {
    let (variables, auth, expected, source) = Self.choices[index]
    let environment = TestEnvironment(variables: variables.reduce(into: [:]) { $0.merge($1) { $1 } })
    let chosen = try environment.settings().credentials(for: auth)
    #expect(chosen.credentials == expected)
    #expect(chosen.source == source)
  }

  @Test func `a user's id needs no domain`() throws {
    let environment = TestEnvironment(variables: [
      "OS_USER_ID": "u1", "OS_PASSWORD": "pw", "OS_PASSCODE": "123", "OS_AUTH_URL": "https://iam",
    ])
    #expect(
      try environment.settings().credentials(for: .auto).credentials
        == .password(
          PasswordSettings(
            authURL: "https://iam/v3", userName: nil, userID: "u1", userDomainName: nil, userDomainID: nil,
            password: Secret("pw"), passcode: Secret("123"))))
  }

  @Test func `the source that comes first has the choice, whatever kind the other has`() throws {
    let yaml = "clouds: {otc: {auth: {auth_url: https://iam, username: ada, user_domain_name: OTC, password: pw}}}"
    let environment = TestEnvironment(
      variables: ["OS_TOKEN": "t", "OS_CLOUD": "otc"], files: [Self.file: yaml])
    #expect(try environment.settings(cloud: "otc").credentials(for: .auto).credentials == Self.ada)
    #expect(try environment.settings().credentials(for: .auto).credentials == .token(Secret("t")))
  }

  @Test func `auth_type of a cloud narrows the choice`() throws {
    let yaml = """
      clouds: {otc: {auth_type: password, auth: {auth_url: https://iam, username: ada, user_domain_name: OTC,
        password: pw, ak: AK, sk: SK}}}
      """
    let environment = TestEnvironment(files: [Self.file: yaml])
    #expect(try environment.settings(cloud: "otc").credentials(for: .auto).credentials == Self.ada)
    #expect(try environment.settings(cloud: "otc").credentials(for: .aksk).credentials == Self.adasKey)
  }

  /// Variables, `--auth`, and the message after "incomplete credentials".
  static let incomplete: [(variables: [String: String], auth: AuthenticationChoice, message: String)] = [
    ([:], .token, " for --auth token: no token: set OS_TOKEN"),
    (
      [:], .aksk,
      " for --auth aksk: no access key: set OS_ACCESS_KEY or HUAWEICLOUD_SDK_AK; "
        + "no secret key: set OS_SECRET_KEY or HUAWEICLOUD_SDK_SK"
    ),
    (
      [:], .password,
      " for --auth password: no user name: set OS_USERNAME; no user's domain: set OS_USER_DOMAIN_NAME; "
        + "no password: set OS_PASSWORD; no IAM address: set OS_AUTH_URL"
    ),
    (["OS_AK": "A"], .auto, ": access key from OS_AK, but no secret key: set OS_SECRET_KEY"),
    (["HW_ACCESS_KEY": "A"], .auto, ": access key from HW_ACCESS_KEY, but no secret key: set HW_SECRET_KEY"),
    (
      ["HUAWEICLOUD_SDK_SK": "S"], .auto,
      ": secret key from HUAWEICLOUD_SDK_SK, but no access key: set OS_ACCESS_KEY or HUAWEICLOUD_SDK_AK"
    ),
    (
      ["OS_PASSWORD": "S", "OS_AUTH_URL": "https://iam", "OS_USER_DOMAIN_NAME": "OTC"], .auto,
      ": user's domain from OS_USER_DOMAIN_NAME, password from OS_PASSWORD, IAM address from OS_AUTH_URL, "
        + "but no user name: set OS_USERNAME"
    ),
    (
      ["OS_USERNAME": "ada", "OS_USER_DOMAIN_NAME": "OTC", "OS_PASSWORD": "S", "OS_REGION_NAME": "eu-nl"], .auto,
      ": user name from OS_USERNAME, user's domain from OS_USER_DOMAIN_NAME, password from OS_PASSWORD, "
        + "but no IAM address: set OS_AUTH_URL (https://iam.eu-nl.otc.t-systems.com/v3 for eu-nl)"
    ),
    (
      ["OS_USER_ID": "u", "OS_AUTH_URL": "https://iam", "OS_TOKEN": "t"], .password,
      " for --auth password: user name from OS_USER_ID, IAM address from OS_AUTH_URL, but no password: "
        + "set OS_PASSWORD. --auth token would work with what is there"
    ),
    (
      ["OS_AK": "A"].merging(password) { $1 }, .auto,
      ": access key from OS_AK, but no secret key: set OS_SECRET_KEY. --auth password would work with what is there"
    ),
    (["OS_AUTH_TYPE": "token"], .auto, " for OS_AUTH_TYPE: no token: set OS_TOKEN"),
  ]

  @Test(arguments: incomplete.indices) func `what is missing is named, with what would give it`(index: Int) {
    let (variables, auth, message) = Self.incomplete[index]
    #expect(TestEnvironment(variables: variables).message(auth: auth) == "incomplete credentials" + message)
  }

  @Test func `the key of the chosen cloud is named, in the file for secrets`() {
    var environment = TestEnvironment(files: [Self.file: "clouds: {otc: {auth: {username: ada, domain_name: OTC}}}"])
    #expect(
      environment.message(cloud: "otc")
        == "incomplete credentials: user name from \(Self.file): clouds.otc.auth.username, user's domain from "
        + "\(Self.file): clouds.otc.auth.domain_name, but no password: set OS_PASSWORD or "
        + "clouds.otc.auth.password in \(Self.file); no IAM address: set OS_AUTH_URL or "
        + "clouds.otc.auth.auth_url in \(Self.file)")
    environment.files[TestEnvironment.secureFile] = ""
    #expect(environment.message(cloud: "otc").contains("clouds.otc.auth.password in \(TestEnvironment.secureFile);"))
    #expect(environment.message(cloud: "otc").hasSuffix("clouds.otc.auth.auth_url in \(Self.file)"))
  }

  @Test func `clouds that could be chosen are named`() {
    let environment = TestEnvironment(
      variables: ["OS_PASSWORD": "pw"], files: [Self.file: "clouds: {a: {}, b: {}}"])
    #expect(environment.message().hasSuffix(". \(Self.file) has the clouds a, b: choose with --cloud"))
  }
}
