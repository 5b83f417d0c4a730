import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import Testing

/// What the README says to type does what the README says.
struct RecipeTests {
  private static let readme: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    // Without the file every test below fails, and says so.
    return (try? String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)) ?? ""
  }()

  /// The fenced blocks of a language in a section, each with the paragraph before it.
  private static func blocks(_ language: String, in heading: String) throws -> [(title: String, text: String)] {
    let start = try #require(readme.range(of: heading + "\n"), "README.md has no \(heading)")
    let level = heading.prefix { $0 == "#" }
    let rest = readme[start.upperBound...]
    let section = rest[..<(rest.range(of: "\n\(level) ")?.lowerBound ?? rest.endIndex)]
    var blocks: [(String, String)] = []
    var paragraph = ""
    for part in section.components(separatedBy: "\n```").enumerated() {
      if part.offset % 2 == 0 {
        paragraph = part.element.split(separator: "\n\n").last.map(String.init) ?? ""
      } else if part.element.hasPrefix(language + "\n") {
        blocks.append((paragraph, String(part.element.dropFirst(language.count + 1))))
      }
    }
    return blocks
  }

  private static func recipe(_ title: String) throws -> String {
    try #require(blocks("sh", in: "## Recipes").first { $0.title.contains(title) }, "there is no recipe \(title)").text
  }

  /// A cloud that wants a password and stands in `clouds.yaml` as `otc`, with a plan for three groups.
  private static func with(_ body: (Stage) async throws -> Void) async throws {
    try await Stage.with {
      $0.authentication = .token
      $0.password = "secret"
    } _: { stage in
      for group in ["g-1", "g-2", "g-3"] { stage.addGroup(group) }
      try stage.folder.file(
        "plan.csv",
        "project_id,scaling_group_id,cool_down_time\n"
          + ["g-1", "g-2", "g-3"].map { "\(Stage.project),\($0),60\n" }.joined())
      try stage.folder.file(
        "clouds.yaml",
        """
        clouds:
          otc:
            auth: {auth_url: "\(stage.server.endpoint)", username: ada, password: secret, user_domain_name: account}
        """)
      try await body(stage)
    }
  }

  /// Runs a recipe as a script of its own, with the built program first on the path.
  private static func play(
    _ script: String, _ stage: Stage, environment: [String: String] = [:]
  ) async throws -> FleetplanProcess.Result {
    let folder = FleetplanProcess.executable.deletingLastPathComponent().path
    let script = "set -eu; export PATH='\(folder)':\"$PATH\" OS_CLOUD=otc\n" + script
    return try await stage.start([], environment: environment, script: script).wait()
  }

  @Test func `a change that a colleague reviews`() async throws {
    try await Self.with { stage in
      let result = try await Self.play(Self.recipe("A change that a colleague reviews"), stage)
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(try stage.states() == ["succeeded": 3])
      #expect(try stage.rows("SELECT reason FROM run_report")[0][0] == "CHG-4711")
    }
  }

  @Test func `in CI the next job goes on where the last one has stopped`() async throws {
    try await Self.with { stage in
      let recipe = try Self.recipe("In CI or from cron")
      let first = try await Self.play(recipe.replacing("--stop-after 50m", with: "--stop-after 1ms"), stage)
      #expect(first.ending == .exit(0), "\(first.errors)")
      #expect(first.output.contains("stopped in time: the next job goes on"), "\(first.output) \(first.errors)")
      let second = try await Self.play(recipe, stage)
      #expect(second.ending == .exit(0), "\(second.errors)")
      #expect(second.output.contains("all is done"))
      #expect(stage.puts.count == 3)
    }
  }

  @Test func `in CI trouble is told from what a person should look at`() async throws {
    try await Self.with { stage in
      stage.server.cloud.removeGroup(stage.reference("g-2"))
      let recipe = try Self.recipe("In CI or from cron")
      let trouble = try await Self.play(recipe, stage)
      #expect(trouble.ending == .exit(0), "\(trouble.errors)")
      #expect(String(decoding: try stage.folder.bytes("trouble.csv"), as: UTF8.self).contains("g-2"))
      let person = try await Self.play(recipe.replacing("run plan.csv", with: "run plan.csv --max-failures 0"), stage)
      #expect(person.ending == .exit(1))
      #expect(person.output.contains("somebody should look before it goes on"))
    }
  }

  @Test func `only at night`() async throws {
    try await Self.with { stage in
      let result = try await Self.play(Self.recipe("Only at night"), stage)
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(try stage.states() == ["succeeded": 3])
      #expect(result.errors.contains("nothing is left to do"))
    }
  }

  @Test func `after a crash`() async throws {
    try await Self.with { stage in
      let crash = try await Self.play(
        "fleetplan run plan.csv --yes --request-timeout 1s; exit $?", stage,
        environment: ["FLEETPLAN_TEST_KILL": "head_written:2"])
      #expect(crash.ending == .exit(137), "\(crash.errors)")
      let result = try await Self.play(Self.recipe("After a crash"), stage)
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(try stage.states() == ["succeeded": 3])
    }
  }

  @Test func `taking back a part of a run`() async throws {
    try await Self.with { stage in
      let run = try await Self.play("fleetplan run plan.csv --yes", stage)
      #expect(run.ending == .exit(0), "\(run.errors)")
      let result = try await Self.play(Self.recipe("Taking back a part"), stage)
      #expect(result.ending == .exit(0), "\(result.errors)")
      #expect(stage.value("g-1", .coolDownTime) == .integer(300))
      #expect(stage.value("g-2", .coolDownTime) == .integer(60))
    }
  }

  @Test func `each query finds something`() async throws {
    try await Stage.with {
      $0.faults = [try FaultSpec("409=60%:only=put")]
    } _: { stage in
      for index in 1...8 { stage.addGroup("g-\(index)") }
      try stage.folder.file(
        "plan.csv",
        "project_id,scaling_group_id,desire_instance_number\n"
          + (1...8).map { "\(Stage.project),g-\($0),\($0 % 2 == 0 ? 1 : 4)\n" }.joined() + "\(Stage.project),g-gone,1\n"
      )
      let run = try await stage.fleetplan(
        stage.running("plan.csv", "--max-failures", "5", "--max-attempts", "50", "--reason", "CHG-4711"))
      #expect(run.ending == .exit(1), "\(run.errors)")
      let queries = try Self.blocks("sql", in: "### Queries")
      #expect(queries.count == 5)
      for query in queries {
        let rows = try stage.rows(query.text)
        #expect(!rows.isEmpty, "\(query.title)\n\(query.text)")
      }
      let instances = try #require(try stage.rows(queries[2].text).first)
      #expect(instances["added"] == 8)
      #expect(instances["removed"] == 4)
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completion is there for each shell, for every command`(shell: String) async throws {
    let folder = try TemporaryFolder()
    let result = try await FleetplanProcess(["--generate-completion-script", shell], folder: folder).wait()
    #expect(result.ending == .exit(0))
    for command in ["check", "groups", "preview", "run", "resume", "rollback", "report", "tune", "simulate"] {
      #expect(result.output.contains(command), "\(command)")
    }
    #expect(result.output.contains("max-failures"))
    #expect(
      try Self.blocks("sh", in: "## Two commands").contains {
        $0.text.contains("--generate-completion-script \(shell)")
      })
  }
}
