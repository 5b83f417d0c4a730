import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Signing
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Runs that prove who they are in each of the ways of contract section 3, against a service that checks it.
struct CredentialsRunTests {
  private static let password = [
    "OS_USERNAME": "ada", "OS_PASSWORD": "Tr0ub4dor&3", "OS_USER_DOMAIN_NAME": "account",
  ]
  private static let key = ["OS_ACCESS_KEY": "AKTEST", "OS_SECRET_KEY": "SKTEST"]

  private static func wantPassword(_ options: inout SimulatorOptions) {
    options.authentication = .token
    options.password = "Tr0ub4dor&3"
  }

  private static func wantKey(_ options: inout SimulatorOptions) {
    options.authentication = .aksk
    options.accessKey = AccessKey(id: "AKTEST", secret: "SKTEST")
  }

  private static func identity(_ stage: Stage, _ others: [String: String] = password) -> [String: String] {
    others.merging(["OS_AUTH_URL": stage.server.endpoint + "/v3"]) { mine, _ in mine }
  }

  /// A plan for all groups of the stage.
  private static func write(_ stage: Stage, seconds: Int = 77) throws {
    let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),\(seconds)\n" }.joined()
    try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows)
  }

  private static func tokenRequests(_ stage: Stage) -> Int {
    stage.journal.filter { $0.kind == .other && $0.method == "POST" }.count
  }

  private static let quick = ["run", "plan.csv", "--yes", "--request-timeout", "5s", "--rate", "0"]

  // MARK: Passwords

  @Test func `with a password each project gets one token, and its endpoint from the token's catalogue`() async throws {
    try await Stage.with(groups: 12) {
      Self.wantPassword(&$0)
      $0.projects = 3
    } _: { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(Self.quick + ["--verbose"], environment: Self.identity(stage))
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(try stage.states() == ["succeeded": 12])
      #expect(Self.tokenRequests(stage) == 3)
      #expect(result.errors.contains("user from OS_USERNAME, password from OS_PASSWORD, IAM from OS_AUTH_URL"))
      #expect(result.errors.contains("source=the catalogue (eu-de)"))
      let endpoints = try JSONParser.parse(
        try #require(try stage.rows("SELECT endpoints FROM run_report")[0][0] as String?))
      #expect(endpoints.objectValue?.map(\.node.stringValue) == Array(repeating: stage.server.endpoint, count: 3))
      // The first request goes alone.
      #expect(stage.journal.first?.method == "POST")
    }
  }

  @Test func `with --endpoint the catalogue is not asked for, and a token only when it is needed`() async throws {
    try await Stage.with(groups: 4, Self.wantPassword) { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(
        Self.quick + stage.connection, environment: Self.identity(stage))
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(Self.tokenRequests(stage) == 1)
    }
  }

  @Test func `a wrong password costs one request, and nothing is changed`() async throws {
    try await Stage.with(groups: 20, Self.wantPassword) { stage in
      try Self.write(stage)
      let wrong = Self.password.merging(["OS_PASSWORD": "wrong"]) { $1 }
      let result = try await stage.fleetplan(Self.quick, environment: Self.identity(stage, wrong))
      #expect(result.ending == .exit(77))
      #expect(result.errors.contains("IAM refuses a token for project"), "\(result.errors)")
      #expect(result.errors.contains("Nothing was changed"))
      #expect(stage.journal.count == 1)
      // The same where the endpoint is known, and the token is fetched by the run itself.
      let later = try await stage.fleetplan(
        Self.quick + stage.connection, environment: Self.identity(stage, wrong))
      #expect(later.ending == .exit(77), "\(later.errors)")
      #expect(stage.journal.count == 2)
      #expect(stage.puts.isEmpty)
    }
  }

  @Test func `tokens that expire in the middle of a run are renewed, and no change notices`() async throws {
    try await Stage.with(groups: 40) {
      Self.wantPassword(&$0)
      $0.tokenLifetime = .seconds(1)
    } _: { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(
        ["run", "plan.csv", "--yes", "--rate", "40", "--json"], environment: Self.identity(stage))
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(try result.json().count("succeeded") == 40)
      // More than two seconds with tokens that last one.
      #expect((2...6).contains(Self.tokenRequests(stage)), "\(Self.tokenRequests(stage)) tokens")
      #expect(try stage.rows("SELECT * FROM attempt_report WHERE method = 'GET' AND http_status <> 401").isEmpty)
      // A token may end on the way, on a busy machine: that costs no attempt.
      #expect(try result.json()["requests"]?["retries"]?.integerValue == 0)
    }
  }

  @Test func `tokens that are revoked in the middle of a run are renewed once for all workers`() async throws {
    try await Stage.with(groups: 60) {
      Self.wantPassword(&$0)
      $0.latency = .milliseconds(20) ... .milliseconds(40)
    } _: { stage in
      try Self.write(stage)
      let process = try stage.start(
        ["run", "plan.csv", "--yes", "--rate", "0", "--concurrency", "8", "--json"], environment: Self.identity(stage))
      try await stage.wait(for: "some PUTs") { stage.puts.count >= 10 }
      stage.server.cloud.revokeTokens()
      let result = try await process.wait()
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(try result.json().count("succeeded") == 60)
      #expect(Self.tokenRequests(stage) == 2)
      #expect(stage.journal.contains { $0.status == 401 })
      #expect(try result.json()["requests"]?["retries"]?.integerValue == 0)
    }
  }

  // MARK: Tokens

  @Test func `a token that is handed over is used, and one for another project is a configuration error`() async throws
  {
    try await Stage.with(groups: 4) {
      $0.authentication = .token
      $0.fixedToken = "MARKED"
    } _: { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(
        Self.quick + stage.connection + ["--verbose"], environment: ["OS_TOKEN": "MARKED"])
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(result.errors.contains("token from OS_TOKEN"))
      let refused = try await stage.fleetplan(Self.quick + stage.connection, environment: ["OS_TOKEN": "OTHER"])
      #expect(refused.ending == .exit(77))
      #expect(refused.errors.contains("the token may have expired"))
      let none = try await stage.fleetplan(Self.quick + stage.connection)
      #expect(none.ending == .exit(77))
      #expect(none.errors.contains("sent without credentials: give OS_TOKEN"))
    }
  }

  @Test func `IAM tells what a token is for, and when it ends`() async throws {
    try await Stage.with(groups: 8) {
      Self.wantPassword(&$0)
      $0.projects = 2
      $0.tokenLifetime = .seconds(30)
    } _: { stage in
      let projects = stage.server.projects
      let token = try await stage.issueToken(project: projects[0], user: "ada", password: "Tr0ub4dor&3")
      try Self.write(stage)
      let environment = Self.identity(stage, ["OS_TOKEN": token])
      let other = try await stage.fleetplan(Self.quick, environment: environment)
      #expect(other.ending == .exit(78))
      #expect(other.errors.contains("the token is for project \(projects[0]) and cannot be used for \(projects[1])"))
      #expect(stage.puts.isEmpty)

      let groups = stage.server.cloud.references.filter { $0.projectID == projects[0] }
      try stage.folder.file(
        "own.csv",
        "project_id,scaling_group_id,cool_down_time\n" + groups.map { "\($0.projectID),\($0.groupID),77\n" }.joined())
      let slow = try await stage.fleetplan(["run", "own.csv", "--rate", "0.1"], environment: environment)
      #expect(slow.ending == .exit(64), "nobody can be asked")
      #expect(slow.errors.contains("before the run can end"), "\(slow.errors)")
      #expect(slow.errors.contains("cannot be renewed"))
      let result = try await stage.fleetplan(
        ["run", "own.csv", "--yes", "--rate", "0"], environment: environment)
      #expect(result.ending == .exit(0), "\(result.errors)")
    }
  }

  // MARK: Access keys

  @Test(arguments: ["auto", "access", "credential"])
  func `an access key signs in either form`(form: String) async throws {
    try await Stage.with(groups: 6, Self.wantKey) { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(
        Self.quick + stage.connection + ["--signing", form], environment: Self.key)
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(try stage.states() == ["succeeded": 6])
    }
  }

  @Test func `a temporary key is sent with its security token`() async throws {
    try await Stage.with(groups: 6) {
      $0.authentication = .aksk
      $0.accessKey = AccessKey(id: "AKTEST", secret: "SKTEST", securityToken: "STTEST")
    } _: { stage in
      try Self.write(stage)
      let bare = try await stage.fleetplan(Self.quick + stage.connection, environment: Self.key)
      #expect(bare.ending == .exit(77))
      let result = try await stage.fleetplan(
        Self.quick + stage.connection, environment: Self.key.merging(["OS_SECURITY_TOKEN": "STTEST"]) { $1 })
      #expect(result.ending == .exit(0), "\(result.errors)")
    }
  }

  @Test func `a wrong secret key costs one signature, and the words name --signing and the clocks`() async throws {
    try await Stage.with(groups: 20, Self.wantKey) { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(
        Self.quick + stage.connection, environment: Self.key.merging(["OS_SECRET_KEY": "SKWRONG"]) { $1 })
      #expect(result.ending == .exit(77))
      #expect(stage.journal.count == 1)
      #expect(result.errors.contains("--signing access is the other one"))
      // They are the same one, but the answer of a busy machine may be seconds old.
      #expect(result.errors.contains("our clock"))
      #expect(result.errors.contains("(request "), "the request's id, for the service's support")
    }
  }

  @Test func `a 401 to a signature in the middle of a run stops it at once`() async throws {
    try await Stage.with(groups: 100) {
      Self.wantKey(&$0)
      $0.faults = [try FaultSpec("401=4%")]
      $0.seed = 5
    } _: { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(
        Self.quick + stage.connection + ["--concurrency", "1"], environment: Self.key)
      #expect(result.ending == .exit(75), "\(result.errors)")
      #expect(!stage.puts.isEmpty)
      #expect(stage.journal.filter { $0.status == 401 }.count == 1)
      #expect(stage.journal.last?.status == 401)
      let report = try await stage.status()
      #expect(report["stop_reason"]?.stringValue == "unauthorized")
    }
  }

  // MARK: 403

  @Test func `a permission that is missing is told apart from credentials that are wrong`() async throws {
    try await Stage.with(groups: 3) {
      Self.wantKey(&$0)
      $0.isReadOnly = true
    } _: { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(Self.quick + stage.connection, environment: Self.key)
      #expect(result.ending == .exit(1))
      let messages = try stage.rows("SELECT error_message FROM change_report").map { $0[0] as String }
      #expect(messages.allSatisfy { $0.contains("as:groups:update") })
      let identifiers = try stage.rows("SELECT request_id FROM attempt_report WHERE method = 'PUT'")
      #expect(identifiers.count == 3)
      #expect(identifiers.allSatisfy { ($0[0] as String?)?.isEmpty == false })
    }
  }
}

extension Stage {
  /// A token, as somebody gets it who asks IAM by hand.
  func issueToken(project: String, user: String, password: String) async throws -> String {
    var request = URLRequest(url: try #require(URL(string: server.endpoint + "/v3/auth/tokens")))
    request.httpMethod = "POST"
    request.httpBody = Data(
      """
      {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "\(user)", "password": \
      "\(password)", "domain": {"name": "account"}}}}, "scope": {"project": {"id": "\(project)"}}}}
      """.utf8)
    let response = try await URLSession.shared.data(for: request).1 as? HTTPURLResponse
    return try #require(response?.value(forHTTPHeaderField: "X-Subject-Token"))
  }
}
