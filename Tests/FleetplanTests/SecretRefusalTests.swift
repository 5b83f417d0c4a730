import AutoScalingSimulator
import Signing
import TestSupport
import Testing

/// No secret in what is said about credentials that cannot be used, or that are refused (contract, guarantee 8).
struct SecretRefusalTests {
  /// A refusal, with what the program is given.
  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var ending: Int32
    var way: CredentialsWay = .key
    var configure: @Sendable (inout SimulatorOptions) throws -> Void = { _ in }
    var changes: [String: String] = [:]
    var flags: [String] = []
    var files: [String: String] = [:]
  }

  private static let refusals = [
    Refusal(
      testDescription: "a wrong password", ending: 77, way: .passwordInVariables, configure: { $0.password = "other" }),
    Refusal(
      testDescription: "a wrong password in a file", ending: 77, way: .passwordInFiles,
      configure: { $0.password = "other" }),
    Refusal(
      testDescription: "a token that has expired", ending: 77, way: .token, configure: { $0.fixedToken = "other" }),
    Refusal(
      testDescription: "a wrong secret key", ending: 77,
      configure: { $0.accessKey = AccessKey(id: "MARKEDACCESSKEY", secret: "other") }
    ),
    Refusal(testDescription: "no permission", ending: 1, configure: { $0.isReadOnly = true }),
    Refusal(
      testDescription: "IAM does not answer", ending: 69, way: .passwordInVariables,
      changes: ["OS_AUTH_URL": "http://127.0.0.1:1/v3"]),
    Refusal(
      testDescription: "a line feed in the password", ending: 78, way: .passwordInVariables,
      changes: ["OS_PASSWORD": Marked.password + "\n" + Marked.password]),
    Refusal(
      testDescription: "a token that no header can carry", ending: 78, way: .token,
      changes: ["OS_TOKEN": "é \(Marked.token)"]),
    Refusal(
      testDescription: "a security token that no header can carry", ending: 78, way: .temporaryKey,
      changes: ["OS_SECURITY_TOKEN": "é \(Marked.securityToken)"]),
    Refusal(
      testDescription: "a password in OS_AUTH_URL", ending: 78, way: .passwordInVariables,
      changes: ["OS_AUTH_URL": "https://ada:\(Marked.secretKey)@iam.example.com/v3"]),
    Refusal(
      testDescription: "a password in OS_AUTH_URL without a scheme", ending: 78, way: .passwordInVariables,
      changes: ["OS_AUTH_URL": "ada:\(Marked.secretKey)@iam.example.com/v3"]),
    Refusal(
      testDescription: "a password in --endpoint", ending: 78,
      flags: ["--endpoint", "https://ada:\(Marked.secretKey)@as.example.com"]),
    Refusal(
      testDescription: "a password in --endpoint without a scheme", ending: 78,
      flags: ["--endpoint", "ada:\(Marked.secretKey)@as.example.com"]),
    Refusal(
      testDescription: "a password in --endpoint of another scheme", ending: 78,
      flags: ["--endpoint", "ftp://ada:\(Marked.secretKey)@as.example.com"]),
    Refusal(
      testDescription: "a token in the query of --endpoint", ending: 78,
      flags: ["--endpoint", "https://as.example.com/?token=\(Marked.secretKey)"]),
    Refusal(
      testDescription: "a password in HUAWEICLOUD_SDK_REGION_AS_EU_DE", ending: 78,
      changes: [
        "HUAWEICLOUD_SDK_REGION_AS_EU_DE": "ada:\(Marked.secretKey)@as.example.com", "OS_REGION_NAME": "eu-de",
      ],
      flags: ["--cloud", "none"], files: ["clouds.yaml": "clouds: {none: {region_name: eu-de}}"]),
    Refusal(
      testDescription: "a proxy that cannot be used", ending: 78,
      changes: ["HTTPS_PROXY": "http://ada:\(Marked.secretKey)/@127.0.0.1"],
      flags: ["--endpoint", "https://as.example.com"]),
    Refusal(
      testDescription: "clouds.yaml with a fault on the password's line", ending: 78,
      flags: ["--cloud", "fleet"],
      files: [
        "clouds.yaml": "clouds:\n  fleet:\n    auth:\n      password: \(Marked.secretKey): [\(Marked.secretKey)\n"
      ]),
    Refusal(
      testDescription: "clouds.yaml with a password that is a tag", ending: 78, flags: ["--cloud", "fleet"],
      files: ["clouds.yaml": "clouds:\n  fleet:\n    auth:\n      password: !\(Marked.secretKey)\n"]),
    Refusal(
      testDescription: "clouds.yaml with a password that is an alias", ending: 78, flags: ["--cloud", "fleet"],
      files: ["clouds.yaml": "clouds:\n  fleet:\n    auth:\n      password: *\(Marked.secretKey)\n"]),
    Refusal(
      testDescription: "clouds.yaml with a password that is a list", ending: 78, flags: ["--cloud", "fleet"],
      files: ["clouds.yaml": "clouds:\n  fleet:\n    auth:\n      password: [\(Marked.secretKey)]\n"]),
    Refusal(
      testDescription: "clouds.yaml with a password in the place of a cloud", ending: 78,
      flags: ["--cloud", "fleet"], files: ["clouds.yaml": "clouds:\n  fleet: \(Marked.secretKey)\n"]),
    Refusal(
      testDescription: "clouds.yaml that is one text", ending: 78, flags: ["--cloud", "fleet"],
      files: ["clouds.yaml": "\(Marked.secretKey)\n"]),
    Refusal(
      testDescription: "a credentials file with a fault", ending: 78,
      changes: ["HUAWEICLOUD_SDK_CREDENTIALS_FILE": "credentials"],
      files: ["credentials": "[basic]\nsk \(Marked.secretKey)\n"]),
    Refusal(testDescription: "an unknown flag", ending: 64, flags: ["--password=\(Marked.secretKey)"]),
  ]

  @Test(arguments: refusals)
  func `no refusal repeats a secret`(refusal: Refusal) async throws {
    try await Stage.with(
      groups: 2,
      { options in
        refusal.way.configure(&options)
        try refusal.configure(&options)
      }
    ) { stage in
      try Marked.writePlan(stage)
      let environment = try refusal.way.environment(stage).merging(refusal.changes) { $1 }
      for (name, text) in refusal.files { try stage.folder.file(name, text) }
      let connection =
        refusal.flags.isEmpty ? refusal.way.connection(stage) + ["--wait-endpoint", "250ms"] : refusal.flags
      let result = try await stage.fleetplan(
        ["run", "plan.csv", "--yes", "--verbose"] + Stage.quick + connection, environment: environment)
      #expect(result.ending == .exit(refusal.ending), "\(result.errors)")
      // What is configured is read in one place for all commands, and IAM would be tried for ten seconds.
      if [1, 77].contains(refusal.ending) {
        let look = try await stage.fleetplan(
          ["preview", "plan.csv", "--json", "--verbose", "--log-format", "json", "--rate", "0"]
            + connection.filter {
              !["--wait-endpoint", "250ms"].contains($0)
            }, environment: environment)
        #expect(refusal.ending == 1 || look.ending == .exit(refusal.ending), "\(look.errors)")
      }
      try Marked.expectNothing(stage)
    }
  }

  @Test(arguments: EchoServer.Echo.allCases, [CredentialsWay.passwordInVariables, .token, .temporaryKey])
  func `a service that repeats the credentials in its answers is not quoted with them`(
    echo: EchoServer.Echo, way: CredentialsWay
  ) async throws {
    try await Stage.with(groups: 2) { stage in
      try Marked.writePlan(stage)
      // First IAM does it, then Auto Scaling with the token that IAM has issued.
      for issued in way == .passwordInVariables ? [nil, Marked.token] : [nil] {
        try await EchoServer.with(echo, issuing: issued, project: stage.server.projects[0]) { server in
          var environment = try way.environment(stage)
          if environment["OS_AUTH_URL"] != nil { environment["OS_AUTH_URL"] = server.endpoint + "/v3" }
          let run =
            ["run", "plan.csv", "--again", "--yes", "--verbose", "--max-attempts", "2", "--wait-endpoint", "250ms"]
            + Stage.quick
          let connection = ["--endpoint", server.endpoint]
          let result = try await stage.fleetplan(run + connection, environment: environment)
          let report = try await stage.fleetplan("report", "--format", "csv", "--output", "report.csv")
          #expect(report.ending == .exit(0), "\(report.errors)")
          // What was repeated is shown, without the secrets; the message of a body does not come to them.
          let shown = result.errors + (try stage.folder.text("report.csv"))
          #expect(shown.contains("[secret]") || echo == .message, "\(shown)")
          // A look would try a 500 again for minutes.
          if echo != .page {
            try await stage.fleetplan(
              ["preview", "plan.csv", "--verbose", "--rate", "0"] + connection, environment: environment)
          }
        }
      }
      try Marked.expectNothing(stage)
    }
  }
}
