import AutoScaling
import AutoScalingClient
import AutoScalingSimulator
import ChangePlan
import ChangeRun
import Execution
import Foundation
import JSONText
import Ledger
import Synchronization
import Testing

/// A simulator, a ledger with a plan and a run of it, and what an executor needs.
final class ExecutorFixture: Sendable {
  let server: SimulatorServer
  let folder: String
  let writer: LedgerWriter
  let client: ServiceClient
  private let lock: ExecutorLock
  private let registry: RunRegistry

  private init(server: SimulatorServer, folder: String) throws {
    self.server = server
    self.folder = folder
    lock = try ExecutorLock.acquire(ledger: folder + "/ledger.sqlite", command: "test")
    writer = try LedgerWriter.open(
      folder + "/ledger.sqlite", lock: lock, command: "test", toolVersion: "0.0.0")
    registry = RunRegistry(
      writer: writer, operator: RunOperator(name: "test", host: "localhost", pid: 1, toolVersion: "0.0.0"))
    client = try ServiceClient(
      options: ServiceClientOptions(
        endpoint: server.endpoint, requestTimeout: .seconds(10), maximumConnections: 64,
        wallClock: { Date().timeIntervalSince1970 }),
      authorizer: NoAuthorizer())
  }

  /// Runs the body with a fixture, and takes everything away again.
  static func with(
    groups: Int, _ configure: (inout SimulatorOptions) throws -> Void = { _ in },
    _ body: (ExecutorFixture) async throws -> Void
  ) async throws {
    var options = SimulatorOptions()
    options.groups = groups
    try configure(&options)
    let server = try await SimulatorServer.start(options)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "fleetplan-execution-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let fixture = try ExecutorFixture(server: server, folder: folder.path)
    let result: Result<Void, any Error>
    do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
    try fixture.client.shutdown()
    await server.stop()
    try FileManager.default.removeItem(at: folder)
    try result.get()
  }

  /// Loads a plan that gives every group a new cool-down time, and writes down a run of it.
  ///
  /// - Returns: what a session of it begins with.
  func begin(_ options: RunOptions, changesPerGroup: Int = 1) throws -> RunStart {
    var text = "project_id,scaling_group_id,cool_down_time\n"
    for round in 1...changesPerGroup {
      for group in server.cloud.references { text += "\(group.projectID),\(group.groupID),\(1000 * round)\n" }
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/plan.csv"))
    let outcome = try PlanStore(writer).load(
      PlanSource(argument: folder + "/plan.csv"), format: .csv, defaultProjectID: nil)
    guard case .loaded(let plan) = outcome else {
      Issue.record("not loaded: \(outcome)")
      throw CancellationError()
    }
    let run = try registry.createRun(
      planID: plan.id, options: options, endpoints: "{}", reason: nil, now: LedgerTime.now())
    return try resume(run.id)
  }

  /// Another session of a run.
  func resume(_ runID: Int) throws -> RunStart {
    try registry.beginSession(
      runID: runID, options: nil, retryFailed: false, isAbandoning: false, now: LedgerTime.now())
  }

  func executor(
    _ start: RunStart, modifier: (any GroupModifier)? = nil, observers: RunExecutor.Observers = .init()
  ) throws -> RunExecutor {
    try RunExecutor(start, writer: writer, modifier: modifier ?? client, seed: 1, observers: observers)
  }

  func end(_ start: RunStart, _ outcome: RunExecutor.Outcome) throws {
    try registry.endSession(start, ending: outcome.ending, elapsed: outcome.elapsed, now: LedgerTime.now())
  }

  var puts: [JournalEntry] { server.cloud.journal.filter { $0.kind == .put } }

  /// The options of a fast run.
  static func options(concurrency: Int? = nil, rate: Double = 0) -> RunOptions {
    var options = RunOptions()
    options.rate = rate
    options.concurrency = concurrency
    options.requestTimeout = .seconds(10)
    options.backoff = Backoff(base: .milliseconds(20), cap: .milliseconds(200))
    return options
  }
}

/// The steps of the changes, as they were announced.
final class StepRecorder: Sendable {
  private let kept = Mutex<[Int: [RunStep]]>([:])

  func note(_ step: RunStep, _ number: Int) { kept.withLock { $0[number, default: []].append(step) } }

  var steps: [Int: [RunStep]] { kept.withLock { $0 } }
}

/// Lets somebody look at each PUT before it leaves.
final class WatchedModifier: GroupModifier {
  private let client: ServiceClient
  private let watch: @Sendable (GroupReference, [UInt8]) -> Void

  init(_ client: ServiceClient, watch: @escaping @Sendable (GroupReference, [UInt8]) -> Void) {
    self.client = client
    self.watch = watch
  }

  func readGroup(
    _ group: GroupReference, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<ScalingGroup>) -> Void
  ) {
    client.readGroup(group, headWritten: headWritten, completion: completion)
  }

  func listGroups(
    projectID: String, query: GroupListQuery, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<GroupPage>) -> Void
  ) {
    client.listGroups(projectID: projectID, query: query, headWritten: headWritten, completion: completion)
  }

  func modifyGroup(
    _ group: GroupReference, body: [UInt8], headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<Void>) -> Void
  ) {
    watch(group, body)
    client.modifyGroup(group, body: body, headWritten: headWritten, completion: completion)
  }
}
