import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import Testing

/// Where the endpoint of each project comes from, and what is said where it does not.
struct EndpointDiscoveryTests {
  private static let user = ["OS_USERNAME": "ada", "OS_PASSWORD": "secret", "OS_USER_DOMAIN_NAME": "account"]

  private static func wantToken(_ options: inout SimulatorOptions) {
    options.authentication = .token
    options.password = "secret"
  }

  private static func cloud(_ endpoint: String, _ more: String = "") -> String {
    """
    clouds:
      fleet:
        auth:
          auth_url: \(endpoint)/v3
          username: ada
          password: secret
          user_domain_name: account
          project_name: eu-de
    \(more)
    """
  }

  private static func write(_ stage: Stage) throws {
    let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),77\n" }.joined()
    try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows)
  }

  @Test func `a cloud of clouds.yaml is all that a run needs, and the command that goes on names it`() async throws {
    try await Stage.with(groups: 6, Self.wantToken) { stage in
      try Self.write(stage)
      try stage.folder.file("clouds.yaml", Self.cloud(stage.server.endpoint))
      let first = try await stage.fleetplan(
        "run", "plan.csv", "--cloud", "fleet", "--yes", "--rate", "0", "--waves", "1,100%", "--confirm-waves")
      #expect(first.ending == .exit(76), "\(first.errors)")
      #expect(first.output.contains("fleetplan resume 1 --cloud fleet --yes"))
      let second = try await stage.fleetplan("resume", "1", "--cloud", "fleet", "--yes")
      #expect(second.ending == .exit(0), "\(second.errors)")
      #expect(try stage.states() == ["succeeded": 6])
      // OS_CLOUD is the same.
      #expect(second.output.contains("fleetplan rollback 1 --cloud fleet"))
      let back = try await stage.fleetplan(["rollback", "--yes"], environment: ["OS_CLOUD": "fleet"])
      #expect(back.ending == .exit(0), "\(back.errors)")
    }
  }

  @Test func `one plan may span regions, as the catalogues of the projects have them`() async throws {
    // The same seed makes the same projects and groups: of the second one nothing is at home.
    let abroad = try await SimulatorServer.start(
      {
        var options = SimulatorOptions()
        (options.groups, options.projects) = (8, 2)
        return options
      }())
    let away = abroad.projects[1]
    try await Stage.with(groups: 8) {
      Self.wantToken(&$0)
      $0.projects = 2
      $0.catalogEndpoints = [away: ("eu-nl", abroad.endpoint)]
    } _: { stage in
      try Self.write(stage)
      let environment = Self.user.merging(["OS_AUTH_URL": stage.server.endpoint + "/v3"]) { $1 }
      let result = try await stage.fleetplan(["run", "plan.csv", "--yes", "--rate", "0"], environment: environment)
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(stage.puts.allSatisfy { $0.projectID == stage.server.projects[0] })
      #expect(abroad.cloud.journal.filter { $0.kind == .put }.allSatisfy { $0.projectID == away })
      #expect(stage.puts.count == 4)
      let endpoints = try #require(try stage.rows("SELECT endpoints FROM run_report")[0][0] as String?)
      #expect(endpoints.contains(stage.server.endpoint) && endpoints.contains(abroad.endpoint))
    }
    await abroad.stop()
  }

  @Test func `auto_scaling_endpoint_override beats the catalogue, and --endpoint beats both`() async throws {
    try await Stage.with(groups: 3, Self.wantToken) { stage in
      try Self.write(stage)
      try stage.folder.file(
        "clouds.yaml", Self.cloud(stage.server.endpoint, "    auto_scaling_endpoint_override: http://127.0.0.1:1"))
      let run = ["run", "plan.csv", "--cloud", "fleet", "--verbose", "--yes", "--rate", "0"]
      let overridden = try await stage.fleetplan(run + ["--wait-endpoint", "200ms"])
      #expect(overridden.ending == .exit(69))
      #expect(overridden.errors.contains("clouds.fleet.auto_scaling_endpoint_override"), "\(overridden.errors)")
      let named = try await stage.fleetplan(run + stage.connection)
      #expect(named.ending == .exit(0), "\(named.errors)")
      #expect(named.errors.contains("source=--endpoint"))
    }
  }

  @Test func `without an endpoint the words say what would give one`() async throws {
    try await Stage.with(groups: 1) { stage in
      try Self.write(stage)
      let bare = try await stage.fleetplan("run", "plan.csv", "--yes")
      #expect(bare.ending == .exit(78))
      for words in ["no endpoint for project", "OS_REGION_NAME", "OS_AUTH_URL", "--endpoint https://as."] {
        #expect(bare.errors.contains(words), "\(bare.errors)")
      }
      let swiss = try await stage.fleetplan(["run", "plan.csv", "--yes"], environment: ["OS_REGION_NAME": "eu-ch2"])
      #expect(swiss.ending == .exit(78))
      #expect(swiss.errors.contains("in the region eu-ch2 (OS_REGION_NAME) is not known"))
      #expect(stage.journal.isEmpty)
    }
  }

  @Test(arguments: [
    (["OS_PASSWORD": "x"], "no user name: set OS_USERNAME"),
    (["OS_ACCESS_KEY": "x"], "no secret key: set OS_SECRET_KEY"),
    (["OS_CLOUD": "nowhere"], "there is no clouds.yaml"),
    (["OS_TOKEN": "two words"], "the token is empty or has characters that an HTTP header cannot carry"),
    (["OS_INSECURE": "perhaps"], "OS_INSECURE"),
    (["OS_TOKEN": "x", "OS_AUTH_URL": "http://iam.example.com/v3"], "is plain HTTP"),
  ])
  func `half a configuration is a configuration error, before anything is sent`(
    environment: [String: String], words: String
  ) async throws {
    try await Stage.with(groups: 1) { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(
        ["run", "plan.csv", "--yes"] + stage.connection, environment: environment)
      #expect(result.ending == .exit(78))
      #expect(result.errors.contains(words), "\(result.errors)")
      #expect(stage.journal.isEmpty)
      #expect(try stage.rows("SELECT * FROM run_report").isEmpty)
    }
  }

  @Test func `a run stays with its endpoints: another cloud on resume is refused, naming both`() async throws {
    try await Stage.with(groups: 4, Self.wantToken) { stage in
      try Self.write(stage)
      try stage.folder.file("clouds.yaml", Self.cloud(stage.server.endpoint))
      let first = try await stage.fleetplan(
        "run", "plan.csv", "--cloud", "fleet", "--yes", "--rate", "0", "--waves", "1,100%", "--confirm-waves")
      #expect(first.ending == .exit(76), "\(first.errors)")
      let twin = try await SimulatorServer.start(stage.server.cloud.options)
      try stage.folder.file("clouds.yaml", Self.cloud(twin.endpoint))
      let puts = stage.puts.count
      for command in [["resume", "1"], ["rollback", "1"], ["abandon", "1"]] {
        let yes = command[0] == "abandon" ? [] : ["--yes"]
        let result = try await stage.fleetplan(command + ["--cloud", "fleet"] + yes)
        #expect(result.ending == .exit(78), "\(result.errors)")
        #expect(result.errors.contains(twin.endpoint))
        #expect(result.errors.contains("--endpoint \(stage.server.endpoint)"), "\(result.errors)")
      }
      await twin.stop()
      #expect(stage.puts.count == puts)
    }
  }

  @Test func `an endpoint that was given by hand is repeated where variables would name another one`() async throws {
    try await Stage.with(groups: 2, Self.wantToken) { stage in
      try Self.write(stage)
      let environment = Self.user.merging(["OS_AUTH_URL": stage.server.endpoint + "/v3"]) { $1 }
      let result = try await stage.fleetplan(
        ["run", "plan.csv", "--yes", "--rate", "0", "--waves", "1,100%", "--confirm-waves"] + stage.connection,
        environment: environment)
      #expect(result.ending == .exit(76))
      #expect(
        result.output.contains("fleetplan resume 1 --endpoint \(stage.server.endpoint) --yes"), "\(result.output)")
    }
  }

  @Test func `a region that is configured does not take a run away from the endpoint that it began with`() async throws
  {
    try await Stage.with(groups: 2) { stage in
      try Self.write(stage)
      let region = ["OS_REGION_NAME": "eu-de"]
      let first = try await stage.fleetplan(
        ["run", "plan.csv", "--yes", "--rate", "0", "--waves", "1,100%", "--confirm-waves"] + stage.connection,
        environment: region)
      #expect(first.ending == .exit(76))
      #expect(first.output.contains("fleetplan resume 1 --yes\n"))
      let second = try await stage.fleetplan(["resume", "1", "--yes"], environment: region)
      #expect(second.ending == .exit(0), "\(second.errors)")
      let back = try await stage.fleetplan(["rollback", "1", "--yes"], environment: region)
      #expect(back.ending == .exit(0), "\(back.errors)")
    }
  }

  @Test func `groups takes the configured project, by its name too`() async throws {
    try await Stage.with(groups: 5, Self.wantToken) { stage in
      let name = try #require(stage.server.cloud.projectNames.first)
      let environment = Self.user.merging([
        "OS_AUTH_URL": stage.server.endpoint + "/v3", "OS_PROJECT_NAME": name,
      ]) { $1 }
      let result = try await stage.fleetplan(["groups", "--rate", "0"], environment: environment)
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(result.output.split(separator: "\n").count == 6)
      // One token is enough for the name, the catalogue and the list.
      #expect(stage.journal.filter { $0.method == "POST" }.count == 1)
      let none = try await stage.fleetplan(["groups"] + stage.connection, environment: [:])
      #expect(none.ending == .exit(64))
      #expect(none.errors.contains("which project?"))
    }
  }

  @Test func `certificates that are not verified are said`() async throws {
    try await Stage.with(groups: 1) { stage in
      try Self.write(stage)
      let result = try await stage.fleetplan(
        ["preview", "plan.csv", "--rate", "0"] + stage.connection, environment: ["OS_INSECURE": "true"])
      #expect(result.ending == .exit(0))
      #expect(result.errors.contains("certificates are not verified (OS_INSECURE)"))
    }
  }
}
