import ArgumentParser
import AutoScaling
import AutoScalingSimulator
import ChangePlan
import ChangeRun
import Foundation
import Ledger
import Testing

@testable import fleetplan

/// A simulator, a folder of its own, and commands that are run in this process.
final class PreviewFixture {
  let server: SimulatorServer
  let folder: URL
  /// The project of groups that a test makes.
  static let project = "0f3a6bd2c1de4a55b0c6a1f2d3e4f506"

  init(_ options: SimulatorOptions = SimulatorOptions()) async throws {
    server = try await SimulatorServer.start(options)
    folder = FileManager.default.temporaryDirectory.appending(path: "fleetplan-preview-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Runs the body with a fixture, and takes everything away again.
  static func with(
    groups: Int = 0, _ change: (inout SimulatorOptions) throws -> Void = { _ in },
    _ body: (PreviewFixture) async throws -> Void
  ) async throws {
    var options = SimulatorOptions()
    options.groups = groups
    try change(&options)
    let fixture = try await PreviewFixture(options)
    let result: Swift.Result<Void, any Error>
    do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
    await fixture.server.stop()
    try FileManager.default.removeItem(at: fixture.folder)
    try result.get()
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// Writes a file and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: folder.appending(path: name))
    return path(name)
  }

  /// A CSV plan that gives every one of the groups a new cool-down time.
  func coolDownPlan(_ groups: some Sequence<GroupReference>, name: String = "plan.csv", value: Int = 123) throws
    -> String
  {
    let rows = groups.map { "\($0.projectID),\($0.groupID),\(value)\n" }
    return try file(name, "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
  }

  /// Adds a group with known values.
  func addGroup(
    _ id: String, name: String, minimum: Int = 1, desired: Int = 2, maximum: Int = 5, coolDown: Int = 300,
    _ others: GroupModification = GroupModification()
  ) {
    let values = GroupModification([
      .scalingGroupName: .string(name), .minInstanceNumber: .integer(minimum),
      .desireInstanceNumber: .integer(desired), .maxInstanceNumber: .integer(maximum),
      .coolDownTime: .integer(coolDown),
    ])
    server.cloud.addGroup(reference(id), values: others.merging(defaults: values))
  }

  func reference(_ id: String) -> GroupReference { GroupReference(projectID: Self.project, groupID: id) }

  // MARK: Commands

  /// What a command has written to standard output, and how it ended.
  struct Result {
    var output: String
    /// The exit status; the message of a `CommandError`.
    var status: Int32
    var message: String?
  }

  func preview(_ arguments: String...) async throws -> Result { try await preview(arguments) }

  func preview(_ arguments: [String]) async throws -> Result {
    try await run(PreviewCommand.parse(arguments + connection)) { try await $0.run($1) }
  }

  func rollback(_ arguments: String...) async throws -> Result {
    try await run(RollbackCommand.parse(arguments + connection)) { try await $0.look($1) }
  }

  /// Looks at the groups of a plan with options of one's own.
  func look(_ plan: String, endpoint: String? = nil, _ options: RunOptions) async throws -> PreviewTotals {
    let source = PlanSource(argument: plan)
    guard case .loaded(let loaded) = try TemporaryPlan.load(source, format: .csv, defaultProjectID: Self.project) else {
      throw PlanRefused()
    }
    defer { #expect(throws: Never.self) { try loaded.close() } }
    let preview = try PreviewSource.plan(loaded.plan, isInLedger: false) { body in try loaded.read(body) }
    let context = CommandContext(try GlobalOptions.parse(["--quiet"]), environment: [:])
    let cloud = try CloudOptions.parse(["--endpoint", endpoint ?? server.endpoint])
    let access = try await EndpointDiscovery.access(
      projects: preview.projects.map(\.projectID), CloudConnector(cloud, context), run: options)
    let session = PreviewSession(context: context, access: access, options: options)
    return try await session.look(preview)
  }

  struct PlanRefused: Error {}

  /// Carries out a plan, as the user does.
  func execute(_ plan: String, project: String?) async throws {
    let project = project.map { ["--project", $0] } ?? []
    try await RunCommand.parse([plan, "--yes", "--rate", "0"] + project + connection).run()
  }

  /// Takes a run back, as the user does.
  func rollBack(_ run: String) async throws {
    try await RollbackCommand.parse([run, "--yes", "--rate", "0"] + connection).run()
  }

  var ledger: String { path("ledger.sqlite") }

  private var connection: [String] { ["--endpoint", server.endpoint, "--ledger", ledger, "--quiet"] }

  private func run<Command>(
    _ command: Command, _ body: (Command, CommandContext) async throws -> Void
  ) async throws -> Result {
    let outputPath = path("output-\(UUID().uuidString)")
    let descriptor = open(outputPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var context = CommandContext(try GlobalOptions.parse(["--quiet"]), environment: [:])
    context.output = CommandOutput(descriptor: descriptor)
    context.errors = CommandOutput(descriptor: descriptor)
    context.canAsk = false
    var result = Result(output: "", status: 0)
    do {
      try await body(command, context)
    } catch let error as CommandError {
      (result.status, result.message) = (error.status.rawValue, error.message)
    } catch {
      result.status = Fleetplan.exitCode(for: error).rawValue
    }
    result.output = try String(contentsOfFile: outputPath, encoding: .utf8)
    return result
  }

  // MARK: The journal

  /// How many requests of each kind the simulator has had.
  func requests() -> [JournalEntry.Kind: Int] {
    Dictionary(grouping: server.cloud.journal, by: \.kind).mapValues(\.count)
  }
}
