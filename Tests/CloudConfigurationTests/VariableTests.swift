import CloudConfiguration
import Testing

@Suite("Variables")
struct VariableTests {
  typealias Reading = @Sendable (CloudSettings) -> Setting<String>?

  /// Every variable, each but the first of a list after those that win over it.
  static let variables: [(names: [String], value: String, read: Reading)] = [
    (["OS_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"], "https://iam.example/v3", { $0.authURL }),
    (["OS_USERNAME"], "ada", { $0.userName }),
    (["OS_USER_ID"], "0012", { $0.userID }),
    (["OS_PASSWORD"], "p w", { $0.password?.open }),
    (["OS_PASSCODE"], "012345", { $0.passcode?.open }),
    (["OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"], "OTC", { $0.userDomainName }),
    (["OS_USER_DOMAIN_ID", "OS_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID"], "d1", { $0.userDomainID }),
    (["OS_PROJECT_NAME", "OS_TENANT_NAME"], "eu-de_fleet", { $0.projectName }),
    (["OS_PROJECT_ID", "OS_TENANT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"], "0042", { $0.projectID }),
    (["OS_TOKEN", "OS_AUTH_TOKEN"], "gAAAA", { $0.token?.open }),
    (
      ["OS_ACCESS_KEY", "OS_ACCESS_KEY_ID", "OS_AK", "HUAWEICLOUD_SDK_AK", "HW_ACCESS_KEY"], "AK",
      { $0.accessKey }
    ),
    (
      ["OS_SECRET_KEY", "OS_ACCESS_KEY_SECRET", "OS_SK", "HUAWEICLOUD_SDK_SK", "HW_SECRET_KEY"], "SK",
      { $0.secretKey?.open }
    ),
    (["HUAWEICLOUD_SDK_DOMAIN_ID"], "acc", { $0.domainID }),
    (["OS_REGION_NAME", "HW_REGION_NAME"], "eu-nl", { $0.regionName }),
    (["OS_INTERFACE", "OS_ENDPOINT_TYPE"], "internal", { $0.interface }),
    (["OS_CACERT"], "/etc/ca.pem", { $0.caFile }),
  ]

  @Test(arguments: variables.indices)
  func `every synonym is read, in the documented order, and named as the source`(index: Int) throws {
    let (names, value, read) = Self.variables[index]
    for (position, name) in names.enumerated() {
      var environment = TestEnvironment()
      for later in names[(position + 1)...] { environment.variables[later] = "https://other.example" }
      for earlier in names[..<position] { environment.variables[earlier] = "" }
      environment.variables[name] = value
      let setting = try #require(read(environment.settings()), "\(name)")
      #expect(setting == Setting(value, from: name))
    }
  }

  @Test(arguments: [
    (["OS_PROJECT_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME"], "A"),
    (["OS_PROJECT_DOMAIN_ID", "OS_DOMAIN_ID", "OS_USER_DOMAIN_ID"], "a"),
  ])
  func `the project's own domain comes first for the project`(names: [String], value: String) throws {
    for (position, name) in names.enumerated() {
      var environment = TestEnvironment()
      for later in names[(position + 1)...] { environment.variables[later] = "other" }
      environment.variables[name] = value
      let settings = try environment.settings()
      #expect(settings.projectDomainName ?? settings.projectDomainID == Setting(value, from: name))
    }
  }

  @Test func `a domain's name and id of different origin are not joined`() throws {
    let settings = try TestEnvironment(variables: [
      "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_ID": "p1",
    ]).settings()
    #expect(settings.userDomainName?.value == "Default")
    #expect(settings.userDomainID == nil)
    #expect(settings.projectDomainID?.value == "p1")
    #expect(settings.projectDomainName == nil)
  }

  @Test func `a security token goes with its key`() throws {
    for (key, token) in [
      ("OS_ACCESS_KEY", "OS_SECURITY_TOKEN"), ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
    ] {
      let settings = try TestEnvironment(variables: [key: "AK", token: "st"]).settings()
      #expect(settings.securityToken?.open == Setting("st", from: token))
    }
    let foreign = try TestEnvironment(variables: [
      "HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": "SK", "OS_SECURITY_TOKEN": "st",
    ]).settings()
    #expect(foreign.securityToken == nil)
  }

  @Test func `keys for Amazon's cloud are not taken`() throws {
    let settings = try TestEnvironment(variables: [
      "AWS_ACCESS_KEY_ID": "AK", "AWS_ACCESS_KEY_SECRET": "SK", "AWS_SECRET_ACCESS_KEY": "SK",
    ]).settings()
    #expect(settings.accessKey == nil)
    #expect(try settings.credentials(for: .auto).credentials == .none)
  }

  @Test(arguments: [
    ("true", false), ("1", false), ("yes", false), ("True", false), ("on", false), ("false", true), ("0", true),
    ("no", true),
  ])
  func `OS_INSECURE switches verification off`(text: String, verifies: Bool) throws {
    let settings = try TestEnvironment(variables: ["OS_INSECURE": text]).settings()
    #expect(settings.verifies == Setting(verifies, from: "OS_INSECURE"))
  }

  @Test func `certificates are verified by default`() throws {
    #expect(try TestEnvironment().settings().verifies == Setting(true, from: "default"))
    #expect(try TestEnvironment(variables: ["OS_INSECURE": ""]).settings().verifies.value)
    #expect(TestEnvironment(variables: ["OS_INSECURE": "maybe"]).message() == "OS_INSECURE: it must be true or false")
  }

  @Test(
    arguments: [
      ("eu-de_fleet", "eu-de"), ("eu-de", "eu-de"), ("eu-ch2_x_y", "eu-ch2"), ("cn-north-4_a", "cn-north-4"),
      ("eu-west-101", "eu-west-101"), ("fleet", nil), ("my_project", nil), ("", nil),
    ] as [(String, String?)])
  func `the region is what the project's name begins with`(project: String, region: String?) throws {
    let settings = try TestEnvironment(variables: ["OS_PROJECT_NAME": project]).settings()
    #expect(settings.regionName == region.map { Setting($0, from: "the project's name, OS_PROJECT_NAME") })
    let named = try TestEnvironment(variables: ["OS_PROJECT_NAME": project, "HW_REGION_NAME": "r"]).settings()
    #expect(named.regionName == Setting("r", from: "HW_REGION_NAME"))
  }

  @Test func `a variable gives the endpoint of a region`() throws {
    let settings = try TestEnvironment(variables: [
      "OS_REGION_NAME": "eu-de", "HUAWEICLOUD_SDK_REGION_AS_EU_DE": "https://as.one",
      "HUAWEICLOUD_SDK_REGION_AS_CN_NORTH_4": "https://as.two",
    ]).settings()
    #expect(settings.autoScalingEndpoint == Setting("https://as.one", from: "HUAWEICLOUD_SDK_REGION_AS_EU_DE"))
    #expect(settings.autoScalingEndpoint(region: "cn-north-4")?.value == "https://as.two")
    #expect(settings.autoScalingEndpoint(region: "eu-nl") == nil)
  }

  @Test func `older words for the interface are understood`() throws {
    #expect(try TestEnvironment(variables: ["OS_ENDPOINT_TYPE": "publicURL"]).settings().interface?.value == "public")
  }

  @Test func `Windows line ends in a variable are named`() {
    #expect(
      TestEnvironment(variables: ["OS_USERNAME": "ada\r"]).message()
        == "OS_USERNAME: it has a carriage return (the file it comes from has Windows line ends)")
  }
}

extension Setting<Secret> {
  var open: Setting<String> { Setting<String>(value.reveal(), from: source) }
}
