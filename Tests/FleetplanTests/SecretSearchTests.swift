import AutoScalingSimulator
import Foundation
import TestSupport
import Testing

/// No secret at rest (contract, guarantee 8): every command runs with marked secrets in each of the ways in which
/// credentials can be given, and then every byte that was written is searched for them.
struct SecretSearchTests {
  /// Runs every command; all of them are expected to succeed with the credentials.
  ///
  /// - Parameters:
  ///   - stage: with `plan.csv`.
  ///   - isWhole: with the commands that need no cloud.
  ///   - connection: flags of the commands that need one.
  ///   - environment: the credentials.
  ///   - sourceLocation: of the test.
  /// - Throws: what keeps a command from being run.
  private static func everything(
    _ stage: Stage, isWhole: Bool = true, connection: [String], environment: [String: String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    func run(
      _ arguments: [String], cloud: Bool = true, ending: FleetplanProcess.Ending = .exit(0),
      _ more: [String: String] = [:]
    ) async throws {
      let result = try await stage.fleetplan(
        arguments + (cloud ? connection : []), environment: environment.merging(more) { $1 })
      #expect(
        result.ending == ending, "\(arguments.joined(separator: " ")): \(result.errors)",
        sourceLocation: sourceLocation)
    }
    let quick = ["--yes", "--verbose"] + Stage.quick
    if isWhole {
      try await run(["check", "plan.csv"], cloud: false)
      try await run(["load", "plan.csv", "--verbose"], cloud: false)
      try await run(["groups", "--project", stage.server.projects[0], "--json", "--verbose"])
    }
    try await run(["groups", "--project", stage.server.projects[0], "--output", "groups.csv", "--verbose"])
    try await run(["preview", "plan.csv", "--export", "seen.csv", "--verbose", "--log-format", "json"])
    // While the first run is killed, the log is still in a file of its own.
    try await run(["run", "plan.csv"] + quick, ending: .signal(SIGKILL), ["FLEETPLAN_TEST_KILL": "recorded:2"])
    #expect(
      try Marked.expectNothing(stage).contains { $0.hasPrefix("ledger.sqlite-wal") }, sourceLocation: sourceLocation)
    if isWhole { try await run(["status", "--json", "--verbose"], cloud: false) }
    // One request a second until `tune` lets it go.
    let process = try stage.start(
      ["resume", "1", "--yes", "--verbose", "--log-format", "json", "--rate", "1"] + connection,
      environment: environment)
    try await stage.wait(for: "the run to be up") { try process.errorText.contains("endpoint") }
    let title = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(process.identifier)/cmdline"))
    #expect(title.contains(Data("resume".utf8)), sourceLocation: sourceLocation)
    #expect(Marked.search.findings(in: title) == [], sourceLocation: sourceLocation)
    try await run(["tune", "1", "--rate", "0"], cloud: false)
    let resumed = try await process.wait()
    #expect(resumed.ending == .exit(0), "\(resumed.errors)", sourceLocation: sourceLocation)
    if isWhole {
      for format in ["text", "json", "csv", "plan"] {
        try await run(["report", "1", "--format", format, "--output", "report.\(format)"], cloud: false)
      }
      try await run(["history", "--json"], cloud: false)
      try await run(["rollback", "--export", "inverse.csv"], cloud: false)
    }
    try await run(["rollback", "--dry-run", "--verbose"])
    try await run(["rollback"] + quick)
    try await run(
      ["run", "plan.csv", "--again"] + quick, ending: .signal(SIGKILL), ["FLEETPLAN_TEST_KILL": "head_written:1"])
    try await run(["abandon", "3", "--verbose"])
  }

  @Test(arguments: CredentialsWay.allCases)
  func `every command leaves no secret behind`(way: CredentialsWay) async throws {
    try await Stage.with(groups: 3, { way.configure(&$0) }) { stage in
      try Marked.writePlan(stage)
      // The commands without a cloud see nothing but the ledger, which is searched in any case.
      let isWhole = way == .passwordInVariables || way == .temporaryKey
      try await Self.everything(
        stage, isWhole: isWhole, connection: way.connection(stage), environment: try way.environment(stage))
      let searched = try Marked.expectNothing(stage)
      #expect(searched.isSuperset(of: ["ledger.sqlite", "groups.csv", "seen.csv"]))
      #expect(!isWhole || searched.isSuperset(of: ["report.json", "report.csv", "report.plan", "inverse.csv"]))
      #expect(searched.contains { $0.hasSuffix(".err") })
      // The service has asked for the credentials: without them nothing goes.
      let bare = try await stage.fleetplan(["groups", "--project", stage.server.projects[0]] + stage.connection)
      #expect(bare.ending == .exit(77))
    }
  }

  @Test(.enabled(if: NginxServer.isInstalled))
  func `nor do they behind a proxy with a password`() async throws {
    try await Stage.with(groups: 3, { CredentialsWay.token.configure(&$0) }) { stage in
      try Marked.writePlan(stage)
      let front = NginxSite(certificate: "server", directives: "location / { proxy_pass \(stage.server.endpoint); }")
      let host = TestCertificates.remoteHost
      try await NginxServer.with([front]) { nginx in
        try await ConnectProxy.with(.connects(["\(host):443": nginx.ports[0]])) { proxy in
          let encoded = Marked.proxyPassword.replacing("@", with: "%40")
          try await Self.everything(
            stage, isWhole: false, connection: ["--endpoint", "https://\(host)"],
            environment: [
              "OS_TOKEN": Marked.token, "HTTPS_PROXY": "http://ada:\(encoded)@127.0.0.1:\(proxy.port)",
              "OS_CACERT": TestCertificates.path("authority"),
            ])
          let expected = "Basic " + Data("ada:\(Marked.proxyPassword)".utf8).base64EncodedString()
          #expect(proxy.tunnels.first?.authorization == expected)
        }
      }
      try Marked.expectNothing(stage)
    }
  }

  // MARK: The search itself

  @Test func `a secret that is written down is found in each of its forms`() throws {
    let folder = try TemporaryFolder()
    let plants = [
      Marked.password, String(Marked.token.prefix(450)), "x" + String(Marked.password.suffix(25)),
      Marked.password.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""),
      Marked.password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "",
      Data("ada:\(Marked.proxyPassword)".utf8).base64EncodedString(), Data(Marked.secretKey.utf8).base64EncodedString(),
      Marked.secretKey.utf8.map { String(format: "%02x", $0) }.joined(),
      "Authorization: SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=0f",
      "SIM" + String(repeating: "0123456789abcdef", count: 4),
    ]
    try FileManager.default.createDirectory(atPath: folder.path("below"), withIntermediateDirectories: true)
    for plant in plants {
      try folder.file("below/.hidden", "\0\u{FFFD}\(plant)\n")
      #expect(try !Marked.search.findings(below: folder).found.isEmpty, "\(plant)")
    }
    try folder.file("below/.hidden", "nothing")
    #expect(try Marked.search.findings(below: folder).found.isEmpty)
  }

  @Test func `a secret that a comment of the plan has is found in the ledger and in the report`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      try stage.folder.file(
        "clouds.yaml", "project_id,scaling_group_id,cool_down_time,comment\n\(Stage.project),g-1,60,\(Marked.token)\n")
      let run = stage.running("clouds.yaml", "--format", "csv", "--verbose")
      #expect(try await stage.fleetplan(run).ending == .exit(0))
      try await stage.fleetplan("report", "--format", "csv", "--output", "report.csv")
      let found = try Marked.search.findings(below: stage.folder, without: Marked.inputs).found
      #expect(found.contains { $0.hasPrefix("ledger.sqlite: ") })
      #expect(found.contains { $0.hasPrefix("report.csv: ") })
    }
  }

  @Test func `a token that the simulator issues is one that the search finds`() async throws {
    try await Stage.with(groups: 1, { CredentialsWay.passwordInVariables.configure(&$0) }) { stage in
      let project = stage.server.projects[0]
      let request = "{\"auth\": {}}"
      try stage.folder.file("clouds.yaml", request)
      let token = try await stage.issueToken(
        project: project, user: "ada",
        password: Marked.password.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))
      try stage.folder.file("planted", token)
      #expect(try Marked.search.findings(below: stage.folder).found == ["planted: a token of the simulator"])
    }
  }
}
