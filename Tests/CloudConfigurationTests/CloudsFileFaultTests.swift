import CloudConfiguration
import Testing

@Suite("Faults in clouds.yaml")
struct CloudsFileFaultTests {
  static let file = TestEnvironment.userFile

  /// The text of clouds.yaml, and the message after the path.
  static let faults: [(yaml: String, message: String)] = [
    (
      "clouds:\n  otc:\n    auth:\n      password: a: b\n",
      ":4: not valid YAML: mapping values are not allowed in this context"
    ),
    ("clouds:\n  otc:\n\tauth: {}\n", ":3: not valid YAML: a tab; YAML is indented with spaces"),
    (
      "clouds:\r\n  otc:\r\n    auth: {password: @x}\r\n",
      ":3: not valid YAML: found character that cannot start any token"
    ),
    ("clouds:\n  otc:\n    auth: *nowhere\n", ":3: not valid YAML: found undefined alias"),
    (
      "clouds:\n  otc:\n    auth:\n      username: a\n      username: b\n",
      ":4: not valid YAML: this key comes twice in the same mapping"
    ),
    ("clouds: {}\n---\nclouds: {}\n", ":2: not valid YAML: but found another document"),
    ("clouds:\n  otc: {}\n  \u{1}: x\n", ":3: not valid YAML: control characters are not allowed"),
    ("- otc\n", ":1: the file is a list, expected a mapping"),
    ("otc\n", ":1: the file is a text, expected a mapping"),
    ("clouds:\n  - otc\n", ":2: clouds is a list, expected a mapping"),
    ("clouds:\n  otc: here\n", ":2: clouds.otc is a text, expected a mapping"),
    ("clouds:\n  otc:\n    auth: [a]\n", ":3: clouds.otc.auth is a list, expected a mapping"),
    (
      "clouds:\n  otc:\n    auth:\n      username:\n        first: Ada\n",
      ":5: clouds.otc.auth.username is a mapping, expected a text"
    ),
    (
      "clouds:\n  otc:\n    auth:\n      password: !vault abc\n",
      ":4: clouds.otc.auth.password is a text tagged !vault, expected a text"
    ),
    (
      "clouds:\n  otc:\n    auth:\n      password: !!binary abc\n",
      ":4: clouds.otc.auth.password is a text tagged !!binary, expected a text"
    ),
    (
      "clouds:\n  otc:\n    auth:\n      password: !Tr0ub4dor\n",
      ":4: clouds.otc.auth.password is a text with a tag (what begins with ! must be in quotation marks), expected a text"
    ),
    ("clouds:\n  otc:\n    verify: perhaps\n", ":3: clouds.otc.verify is something else, expected true or false"),
    ("clouds:\n  otc:\n    insecure: [true]\n", ":3: clouds.otc.insecure is a list, expected true or false"),
    ("clouds:\n  otc:\n    regions: eu-de\n", ":3: clouds.otc.regions is a text, expected a list of regions"),
    ("clouds:\n  otc:\n    regions: [[a]]\n", ":3: clouds.otc.regions is a list with a list, expected a list of names"),
    ("clouds:\n  otc:\n    auth:\n      password: |\n        x\n", ": clouds.otc.auth.password: it has a line feed"),
    ("clouds:\n  otcc: {}\n  prod: {}\n", " has no cloud \"otc\" (--cloud): it has otcc, prod"),
    ("clouds:\n", " has no cloud \"otc\" (--cloud): it has none at all"),
    ("", " has no cloud \"otc\" (--cloud): it has none at all"),
    ("# nothing\n", " has no cloud \"otc\" (--cloud): it has none at all"),
    (
      "clouds: {otc: {auth_type: v3oidcpassword, auth: {}}}",
      ": clouds.otc.auth_type: \"v3oidcpassword\" is not supported: use password, token, aksk or none, or --auth"
    ),
  ]

  @Test(arguments: faults.indices) func `faults are named with file and line`(index: Int) {
    let (yaml, message) = Self.faults[index]
    #expect(TestEnvironment(files: [Self.file: yaml]).message(cloud: "otc") == Self.file + message)
  }

  @Test func `a fault in secure.yaml is its own`() {
    let environment = TestEnvironment(files: [
      Self.file: "clouds: {otc: {}}", TestEnvironment.secureFile: "clouds: {otc: {auth: x}}",
    ])
    #expect(
      environment.message(cloud: "otc")
        == "\(TestEnvironment.secureFile):1: clouds.otc.auth is a text, expected a mapping")
  }

  @Test func `a missing file is named with all places`() {
    #expect(
      TestEnvironment(variables: ["OS_CLOUD": "otc"]).message()
        == "the cloud \"otc\" (OS_CLOUD) cannot be looked up: there is no clouds.yaml. Looked for "
        + "/work/plans/clouds.yaml, /work/plans/clouds.yml, /home/ada/.config/openstack/clouds.yaml, "
        + "/home/ada/.config/openstack/clouds.yml, /etc/openstack/clouds.yaml, /etc/openstack/clouds.yml; "
        + "OS_CLIENT_CONFIG_FILE names another")
    #expect(
      TestEnvironment(variables: ["OS_CLIENT_CONFIG_FILE": "/x.yaml"]).message(cloud: "otc")
        == "/x.yaml, which OS_CLIENT_CONFIG_FILE names, does not exist: correct the variable, or unset it")
  }

  @Test func `an unknown cloud of two files is told all names`() {
    let environment = TestEnvironment(files: [
      Self.file: "clouds: {a: {}, b: {}}", TestEnvironment.secureFile: "clouds: {b: {}, c: {}}",
    ])
    #expect(
      environment.message(cloud: "x\u{1B}[m") == "\(Self.file) has no cloud \"x\\u{1b}[m\" (--cloud): it has a, b, c")
  }

  @Test func `a file that cannot be read is named with the reason`() {
    let environment = CloudEnvironment(
      variables: [:], currentDirectory: "/w", homeDirectory: nil,
      reader: { path in if path == "/etc/openstack/clouds.yaml" { throw Refused() } else { nil } })
    #expect(throws: CloudConfigurationError.unreadableFile(path: "/etc/openstack/clouds.yaml", reason: "locked")) {
      try CloudSettings.resolve(cloud: "otc", in: environment)
    }
    #expect(throws: Never.self) { try CloudSettings.resolve(cloud: nil, in: environment) }
  }

  private struct Refused: Error, CustomStringConvertible {
    let description = "locked"
  }
}
