import AutoScaling
import AutoScalingSimulator
import Foundation
import GRDB
import JSONText
import Testing

/// A simulated cloud, a folder with plans and a ledger, and the real executable.
final class Stage: Sendable {
  /// The project of the groups that a test makes itself.
  static let project = "0f3a6bd2c1de4a55b0c6a1f2d3e4f506"
  /// Short waits, and no limit to the rate.
  static let quick = ["--rate", "0", "--request-timeout", "2s", "--backoff", "20ms:200ms", "--busy-poll", "50ms:200ms"]

  let server: SimulatorServer
  let folder: TemporaryFolder

  private init(server: SimulatorServer, folder: TemporaryFolder) {
    self.server = server
    self.folder = folder
  }

  /// Runs the body on a stage, and takes everything away again.
  static func with(
    groups: Int = 0, _ configure: (inout SimulatorOptions) throws -> Void = { _ in },
    _ body: (Stage) async throws -> Void
  ) async throws {
    await StageGate.shared.enter()
    let result: Swift.Result<Void, any Error>
    do {
      var options = SimulatorOptions()
      options.groups = groups
      try configure(&options)
      let stage = Stage(server: try await SimulatorServer.start(options), folder: try TemporaryFolder())
      do {
        try await body(stage)
        result = .success(())
      } catch {
        result = .failure(error)
      }
      await stage.server.stop()
    } catch {
      result = .failure(error)
    }
    await StageGate.shared.leave()
    try result.get()
  }

  // MARK: The program

  var ledger: String { folder.path("ledger.sqlite") }
  var connection: [String] { ["--endpoint", server.endpoint] }

  func start(
    _ arguments: [String], environment: [String: String] = [:], input: FileHandle? = nil,
    streams: FleetplanProcess.Streams = .kept, script: String? = nil
  ) throws -> FleetplanProcess {
    try FleetplanProcess(
      arguments, environment: environment.merging(["FLEETPLAN_LEDGER": ledger]) { mine, _ in mine }, folder: folder,
      input: input, streams: streams, script: script)
  }

  @discardableResult
  func fleetplan(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> FleetplanProcess.Result {
    try await start(arguments, environment: environment).wait()
  }

  @discardableResult
  func fleetplan(_ arguments: String...) async throws -> FleetplanProcess.Result { try await fleetplan(arguments) }

  /// The arguments that carry a plan out quickly.
  func running(_ plan: String, _ more: String...) -> [String] {
    ["run", plan, "--yes"] + connection + Self.quick + more
  }

  /// `status --json` of the latest run, or of that one.
  func status(_ run: Int? = nil) async throws -> JSONNode {
    try await fleetplan(["status", "--json"] + (run.map { [String($0)] } ?? [])).json()
  }

  /// Waits until the journal, or what the program has written, is as the condition asks for.
  ///
  /// - Throws: `ConditionNotMet` after the limit.
  func wait(
    for what: String, limit: Duration = .seconds(20), until condition: () throws -> Bool
  ) async throws {
    let end = ContinuousClock.now + limit
    while try !condition() {
      guard ContinuousClock.now < end else { throw ConditionNotMet(what: what, limit: limit) }
      // The journal and the program's output have nothing that could call us.
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  struct ConditionNotMet: Error {
    var what: String
    var limit: Duration
  }

  // MARK: Groups

  func reference(_ id: String) -> GroupReference { GroupReference(projectID: Self.project, groupID: id) }

  /// Adds a group with known values: 1 to 5 instances, 2 at the moment, 300 seconds.
  @discardableResult
  func addGroup(
    _ id: String, _ others: GroupModification = GroupModification(), status: String = "INSERVICE"
  ) -> GroupReference {
    let values = GroupModification([
      .scalingGroupName: .string(id), .minInstanceNumber: .integer(1), .desireInstanceNumber: .integer(2),
      .maxInstanceNumber: .integer(5), .coolDownTime: .integer(300), .healthPeriodicAuditTime: .integer(5),
      .description: .string("before"),
    ])
    server.cloud.addGroup(reference(id), values: others.merging(defaults: values), status: status)
    return reference(id)
  }

  /// Adds two groups, and writes `plan.csv`, which has a change for each.
  func addTwoGroupPlan() throws {
    addGroup("g-1")
    addGroup("g-2")
    try folder.file(
      "plan.csv", "project_id,scaling_group_id,cool_down_time\n\(Self.project),g-1,60\n\(Self.project),g-2,60\n")
  }

  /// All groups as they are now.
  var groups: [GroupReference: ScalingGroup] { server.cloud.snapshotAll(now: server.now) }

  /// What all groups hold, field by field.
  var values: [GroupReference: GroupModification] { groups.mapValues(\.values) }

  func value(_ id: String, _ field: GroupField) -> FieldValue? { values[reference(id)]?[field] }

  /// As somebody else would, at the console.
  func change(_ id: String, _ values: GroupModification) {
    server.cloud.setFields(values, of: reference(id), now: server.now)
  }

  var journal: [JournalEntry] { server.cloud.journal }
  var puts: [JournalEntry] { journal.filter { $0.kind == .put } }

  // MARK: The ledger

  /// Takes the ledger away with all that lies beside it.
  func removeLedger() throws {
    for name in try folder.names where name.hasPrefix("ledger.sqlite") {
      try FileManager.default.removeItem(atPath: folder.path(name))
    }
  }

  /// Rows of the ledger, by a connection that only looks.
  func rows(_ sql: String) throws -> [Row] {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    let database = try DatabaseQueue(path: ledger, configuration: configuration)
    let rows = try database.read { try Row.fetchAll($0, sql: sql) }
    try database.close()
    return rows
  }

  /// How many changes of the run are in each state.
  func states(ofRun run: Int = 1) throws -> [String: Int] {
    let rows = try rows("SELECT state, count(*) AS number FROM change_report WHERE run_id = \(run) GROUP BY state")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["state"] as String, $0["number"] as Int) })
  }
}

/// Lets some stages play at a time. Most of the time they wait; but all of them at once, on two cores, would find out
/// about time-outs, not about the program.
actor StageGate {
  static let shared = StageGate(places: 8)

  private var places: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(places: Int) { self.places = places }

  func enter() async {
    if places > 0 {
      places -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
  }
}

extension JSONNode {
  /// The names of an object's members, in order.
  var names: [String] { objectValue?.map(\.name) ?? [] }

  /// The counts of a run's document.
  func count(_ name: String) -> Int? { self["changes"]?[name]?.integerValue }
}
