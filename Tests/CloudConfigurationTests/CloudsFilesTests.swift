import CloudConfiguration
import Testing

@Suite("clouds.yaml")
struct CloudsFilesTests {
  typealias Reading = @Sendable (CloudSettings) -> Setting<String>?

  /// A key below the cloud, as flow YAML, with the value `v1`.
  static let keys: [(yaml: String, key: String, value: String, read: Reading)] = [
    ("auth: {auth_url: https://v1}", "auth.auth_url", "https://v1/v3", { $0.authURL }),
    ("auth: {username: v1}", "auth.username", "v1", { $0.userName }),
    ("auth: {user_id: v1}", "auth.user_id", "v1", { $0.userID }),
    ("auth: {password: v1}", "auth.password", "v1", { $0.password?.open }),
    ("auth: {passcode: v1}", "auth.passcode", "v1", { $0.passcode?.open }),
    ("auth: {user_domain_name: v1, domain_name: v2}", "auth.user_domain_name", "v1", { $0.userDomainName }),
    ("auth: {user_domain_id: v1, domain_id: v2}", "auth.user_domain_id", "v1", { $0.userDomainID }),
    ("auth: {domain_name: v1}", "auth.domain_name", "v1", { $0.userDomainName }),
    ("auth: {domain_name: v1}", "auth.domain_name", "v1", { $0.projectDomainName }),
    ("auth: {domain_id: v1}", "auth.domain_id", "v1", { $0.projectDomainID }),
    ("auth: {project_name: v1, tenant_name: v2}", "auth.project_name", "v1", { $0.projectName }),
    ("auth: {tenant_name: v1}", "auth.tenant_name", "v1", { $0.projectName }),
    ("auth: {project_id: v1, tenant_id: v2}", "auth.project_id", "v1", { $0.projectID }),
    ("auth: {tenant_id: v1}", "auth.tenant_id", "v1", { $0.projectID }),
    ("auth: {project_domain_name: v1}", "auth.project_domain_name", "v1", { $0.projectDomainName }),
    ("auth: {project_domain_id: v1}", "auth.project_domain_id", "v1", { $0.projectDomainID }),
    ("auth: {token: v1}", "auth.token", "v1", { $0.token?.open }),
    ("auth: {ak: v1, access_key: v2}", "auth.ak", "v1", { $0.accessKey }),
    ("auth: {access_key: v1}", "auth.access_key", "v1", { $0.accessKey }),
    ("auth: {sk: v1, secret_key: v2}", "auth.sk", "v1", { $0.secretKey?.open }),
    ("auth: {secret_key: v1}", "auth.secret_key", "v1", { $0.secretKey?.open }),
    ("auth: {ak: a, sk: s, security_token: v1}", "auth.security_token", "v1", { $0.securityToken?.open }),
    ("region_name: v1", "region_name", "v1", { $0.regionName }),
    ("regions: [v1]", "regions", "v1", { $0.regionName }),
    ("regions: [{name: v1, values: {}}]", "regions", "v1", { $0.regionName }),
    ("interface: v1", "interface", "v1", { $0.interface }),
    ("endpoint_type: v1", "endpoint_type", "v1", { $0.interface }),
    ("cacert: ~/v1.pem", "cacert", "/home/ada/v1.pem", { $0.caFile }),
    ("cacert: v1.pem", "cacert", "/work/plans/v1.pem", { $0.caFile }),
    (
      "auto_scaling_endpoint_override: https://v1", "auto_scaling_endpoint_override", "https://v1",
      { $0.autoScalingEndpoint }
    ),
    ("auth: {user-domain-name: v1}", "auth.user_domain_name", "v1", { $0.userDomainName }),
  ]

  @Test(arguments: keys.indices) func `every key is read, and named as the source`(index: Int) throws {
    let (yaml, key, value, read) = Self.keys[index]
    let environment = TestEnvironment(files: [TestEnvironment.userFile: "clouds: {otc: {\(yaml)}}"])
    let setting = try read(environment.settings(cloud: "otc"))
    #expect(setting == Setting(value, from: "\(TestEnvironment.userFile): clouds.otc.\(key)"))
  }

  static let places = [
    "/work/plans/clouds.yaml", "/work/plans/clouds.yml", "/home/ada/.config/openstack/clouds.yaml",
    "/home/ada/.config/openstack/clouds.yml", "/etc/openstack/clouds.yaml", "/etc/openstack/clouds.yml",
  ]

  @Test(arguments: places.indices) func `the first file found counts`(first: Int) throws {
    var environment = TestEnvironment(variables: ["OS_CLOUD": "otc"])
    for path in Self.places[first...] {
      environment.files[path] = "clouds: {otc: {region_name: '\(path)'}}"
    }
    #expect(try environment.settings().regionName?.value == Self.places[first])
  }

  @Test(arguments: [
    ("/elsewhere/my.yaml", "/elsewhere/my.yaml"), ("~/my.yaml", "/home/ada/my.yaml"),
    ("my.yaml", "/work/plans/my.yaml"),
  ])
  func `OS_CLIENT_CONFIG_FILE comes before all places`(named: String, path: String) throws {
    let environment = TestEnvironment(
      variables: ["OS_CLIENT_CONFIG_FILE": named],
      files: [path: "clouds: {otc: {region_name: here}}", Self.places[0]: "clouds: {otc: {region_name: there}}"])
    #expect(try environment.settings(cloud: "otc").regionName?.value == "here")
  }

  @Test(arguments: ["/work/plans", "/home/ada/.config/openstack", "/etc/openstack"], ["yaml", "yml"])
  func `secure.yaml is laid over it, key by key`(directory: String, suffix: String) throws {
    let secure = "\(directory)/secure.\(suffix)"
    let settings = try TestEnvironment(files: [
      TestEnvironment.userFile: "clouds: {otc: {auth: {username: ada, password: old, project_name: p}, verify: true}}",
      secure: "clouds: {otc: {auth: {password: new}, verify: false}, other: {auth: {password: x}}}",
    ]).settings(cloud: "otc")
    #expect(settings.userName == Setting("ada", from: "\(TestEnvironment.userFile): clouds.otc.auth.username"))
    #expect(settings.password?.open == Setting("new", from: "\(secure): clouds.otc.auth.password"))
    #expect(settings.verifies == Setting(false, from: "\(secure): clouds.otc.verify"))
    #expect(settings.projectName?.value == "p")
  }

  @Test func `a null in secure.yaml covers nothing`() throws {
    let settings = try TestEnvironment(files: [
      TestEnvironment.userFile: "clouds: {otc: {auth: {username: ada, password: old}}}",
      TestEnvironment.secureFile: "clouds: {otc: {auth: {password: }}}",
    ]).settings(cloud: "otc")
    #expect(settings.password?.value.reveal() == "old")
  }

  @Test(arguments: [
    ("verify: false", false), ("verify: no", false), ("verify: 'False'", false), ("verify: 0", false),
    ("insecure: true", false), ("insecure: yes", false), ("verify: true", true), ("insecure: false", true),
    ("verify: true, insecure: true", true), ("verify: ", true),
  ])
  func `verification is switched off by verify and insecure`(yaml: String, verifies: Bool) throws {
    let environment = TestEnvironment(files: [TestEnvironment.userFile: "clouds: {otc: {\(yaml)}}"])
    #expect(try environment.settings(cloud: "otc").verifies.value == verifies)
  }

  /// The text of `password` as it is understood.
  @Test(arguments: [
    ("0123", "0123"), ("'0123'", "0123"), ("1_000", "1_000"), ("1e3", "1e3"), ("no", "no"), ("true", "true"),
    ("2026-11-24", "2026-11-24"), ("0x1F", "0x1F"), ("'it''s'", "it's"), ("\"a\\\"b\"", "a\"b"), ("a#b", "a#b"),
    ("a #b", "a"), ("'null'", "null"), ("'a: b'", "a: b"), ("pässwörd", "pässwörd"), ("!!str 0123", "0123"),
    ("=", "="), ("&x secret", "secret"), (">-\n        folded\n        text", "folded text"),
  ])
  func `texts are taken as they are written`(yaml: String, value: String) throws {
    let environment = TestEnvironment(files: [
      TestEnvironment.userFile: "clouds:\n  otc:\n    auth:\n      username: ada\n      password: \(yaml)\n"
    ])
    #expect(try environment.settings(cloud: "otc").password?.value.reveal() == value)
  }

  @Test(arguments: ["", "~", "null", "''", "\"\""]) func `an empty value is none`(yaml: String) throws {
    let environment = TestEnvironment(files: [
      TestEnvironment.userFile: "clouds:\n  otc:\n    auth:\n      username: ada\n      password: \(yaml)\n"
    ])
    #expect(try environment.settings(cloud: "otc").password == nil)
  }

  @Test(arguments: ["\n", "\r\n"]) func `anchors, aliases and merges work, with either line end`(end: String) throws {
    let lines = [
      "\u{FEFF}---", "base: &base", "  auth: &auth", "    username: ada", "    user_domain_name: OTC",
      "  region_name: eu-de", "clouds:", "  one:", "    <<: *base", "  two:", "    <<: [{region_name: eu-nl}, *base]",
      "    auth:", "      <<: *auth", "      username: bob", "  three: *base", "...",
    ]
    let environment = TestEnvironment(files: [TestEnvironment.userFile: lines.joined(separator: end)])
    let one = try environment.settings(cloud: "one")
    #expect(one.userName?.value == "ada")
    #expect(one.regionName?.value == "eu-de")
    let two = try environment.settings(cloud: "two")
    #expect(two.userName?.value == "bob")
    #expect(two.userDomainName?.value == "OTC")
    #expect(two.regionName?.value == "eu-nl")
    #expect(try environment.settings(cloud: "three").userName?.value == "ada")
  }

  @Test func `a profile brings in nothing`() throws {
    let environment = TestEnvironment(files: [
      TestEnvironment.userFile: "clouds: {otc: {profile: otc, auth: {username: ada}}}",
      "/home/ada/.config/openstack/clouds-public.yaml": "public-clouds: {otc: {auth: {auth_url: https://x}}}",
    ])
    #expect(try environment.settings(cloud: "otc").authURL == nil)
  }

  @Test func `several regions leave the choice to the environment`() throws {
    var environment = TestEnvironment(files: [TestEnvironment.userFile: "clouds: {otc: {regions: [eu-de, eu-nl]}}"])
    #expect(
      environment.message(cloud: "otc")
        == "\(TestEnvironment.userFile): clouds.otc.regions has several regions (eu-de, eu-nl): choose one with "
        + "OS_REGION_NAME")
    environment.variables["OS_REGION_NAME"] = "eu-nl"
    #expect(try environment.settings(cloud: "otc").regionName?.value == "eu-nl")
  }

  @Test func `a single cloud is not chosen silently, but named`() throws {
    let file = TestEnvironment.userFile
    var environment = TestEnvironment(files: [file: "clouds: {otc: {auth: {username: ada, password: x}}}"])
    var settings = try environment.settings()
    #expect(settings.userName == nil)
    #expect(settings.cloudName == nil)
    #expect(settings.cloudChoiceHint == "\(file) has the cloud otc: choose with --cloud")
    environment.files[file] = "clouds: {a: , b: }"
    settings = try environment.settings()
    #expect(settings.cloudChoiceHint == "\(file) has the clouds a, b: choose with --cloud")
    #expect(try environment.settings(cloud: "a").cloudChoiceHint == nil)
    for text in ["", "clouds:", "clouds: [", "x: 1"] {
      environment.files[file] = text
      #expect(try environment.settings().cloudChoiceHint == nil)
    }
  }
}
