import AutoScaling
import AutoScalingClient
import AutoScalingSimulator
import ChangePlan
import ChangeRun
import Execution
import Foundation
import GRDB
import Ledger
import LedgerFaults
import Synchronization
import Testing

/// A small run whose ledger's files can be made to fail, again and again from the same beginning.
///
/// Three changes, two of them to one group. The service is a real server, the ledger a real file.
final class FailingDisk: Sendable {
  let server: SimulatorServer
  let injector: FaultInjector
  private let folder: String
  private let template: String
  private let client: ServiceClient
  private let runID: Int
  private let before: [GroupReference: GroupModification]
  /// In plan order: what each change sets, and what its group holds before it.
  private let changes: [(group: GroupReference, planned: Int, prior: Int)]

  private init(server: SimulatorServer, folder: String) throws {
    self.server = server
    self.folder = folder
    injector = try FaultInjector()
    client = try ServiceClient(
      options: ServiceClientOptions(
        endpoint: server.endpoint, requestTimeout: .seconds(10), maximumConnections: 8,
        wallClock: { Date().timeIntervalSince1970 }),
      authorizer: NoAuthorizer())
    before = server.cloud.snapshotAll(now: server.now).mapValues(\.values)
    let groups = server.cloud.references
    let held = before.compactMapValues { $0[.coolDownTime]?.integerValue }
    changes = [
      (groups[0], 1001, try #require(held[groups[0]])), (groups[1], 1002, try #require(held[groups[1]])),
      (groups[0], 1003, 1001),
    ]
    template = folder + "/template.sqlite"
    let writer = try Self.open(template)
    let rows = changes.map { "\($0.group.projectID),\($0.group.groupID),\($0.planned)\n" }
    try Data(("project_id,scaling_group_id,cool_down_time\n" + rows.joined()).utf8)
      .write(to: URL(fileURLWithPath: folder + "/plan.csv"))
    guard
      case .loaded(let plan) = try PlanStore(writer).load(
        PlanSource(argument: folder + "/plan.csv"), format: .csv, defaultProjectID: nil)
    else { throw CancellationError() }
    var options = ExecutorFixture.options(concurrency: 4)
    // How long the next PUT waits after a lost one.
    options.requestTimeout = .milliseconds(50)
    runID = try Self.registry(writer).createRun(
      planID: plan.id, options: options, endpoints: "{}", reason: nil, now: LedgerTime.now()
    ).id
    try writer.close()
  }

  static func with(_ body: (FailingDisk) async throws -> Void) async throws {
    var options = SimulatorOptions()
    options.groups = 2
    let server = try await SimulatorServer.start(options)
    // In memory where there is such a place: hundreds of runs would wait for the real disk most of the time, and what
    // fails here does not depend on it.
    let memory = URL(fileURLWithPath: "/dev/shm", isDirectory: true)
    let isThere = FileManager.default.isWritableFile(atPath: memory.path)
    let folder = (isThere ? memory : FileManager.default.temporaryDirectory)
      .appendingPathComponent("fleetplan-disk-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let disk = try FailingDisk(server: server, folder: folder.path)
    let result: Result<Void, any Error>
    do { result = .success(try await body(disk)) } catch { result = .failure(error) }
    try disk.client.shutdown()
    await server.stop()
    try FileManager.default.removeItem(at: folder)
    try result.get()
  }

  private static func open(_ path: String, vfs: String? = nil) throws -> LedgerWriter {
    try LedgerWriter.open(path, command: "test", toolVersion: "0.0.0", vfs: vfs)
  }

  private static func registry(_ writer: LedgerWriter) -> RunRegistry {
    RunRegistry(writer: writer, operator: RunOperator(name: "test", host: "localhost", pid: 1, toolVersion: "0.0.0"))
  }

  // MARK: A trial

  /// One run on a copy of the ledger.
  struct Trial {
    /// The operations that failed.
    var failures: Int
    /// Operations counted.
    var operations: Int
    /// What the session ended with; `nil`: it went well, its close included.
    var error: LedgerError?
    /// How many PUTs had come to the service when it ended.
    var puts: Int
  }

  /// Runs with the plan's faults, checks the ledger, goes on without faults, and checks everything.
  func attempt(_ plan: FaultPlan?) async throws -> Trial {
    let ledger = folder + "/\(UUID().uuidString).sqlite"
    try FileManager.default.copyItem(atPath: template, toPath: ledger)
    for (group, values) in before { server.cloud.setFields(values, of: group, now: server.now) }
    let journalStart = server.cloud.journal.count
    injector.arm(plan)
    var trial = Trial(failures: 0, operations: 0, error: nil, puts: 0)
    do {
      try await session(ledger, vfs: injector.name)
    } catch let error as LedgerError {
      trial.error = error
    }
    trial.failures = injector.failures
    trial.operations = injector.count
    injector.mend()
    try checkRecorded(ledger, puts(from: journalStart))
    trial.puts = puts(from: journalStart).count

    // An hour later by the clock: waits for stale reads and late effects are over.
    try await session(ledger, vfs: nil, ahead: 3_600_000)
    try checkEnd(ledger, puts(from: journalStart))
    try FileManager.default.removeItem(atPath: ledger)
    return trial
  }

  private func puts(from start: Int) -> [JournalEntry] {
    server.cloud.journal.dropFirst(start).filter { $0.kind == .put }
  }

  /// Opens the ledger, carries the run on to its end, and closes it.
  ///
  /// - Throws: `LedgerError`: whatever a session of the program would end with.
  private func session(_ ledger: String, vfs: String?, ahead: Int = 0) async throws {
    let writer = try Self.open(ledger, vfs: vfs)
    let result: Result<Void, any Error>
    do { result = .success(try await carryOut(writer, ahead: ahead)) } catch { result = .failure(error) }
    switch result {
    case .success: try writer.close()
    case .failure(let error):
      do { try writer.close() } catch is LedgerError {
        // What the session failed with is what counts; the next one finds the log as it was left.
      }
      throw error
    }
  }

  private func carryOut(_ writer: LedgerWriter, ahead: Int) async throws {
    let machineClock = RunClock()
    let clock = RunClock {
      let moment = machineClock.now()
      return RunMoment(ticks: moment.ticks, wall: moment.wall + ahead)
    }
    let registry = Self.registry(writer)
    let run = try #require(try writer.read { try $0.run(runID) })
    guard run.state != .completed else { return }
    let start = try registry.beginSession(
      runID: runID, options: nil, retryFailed: false, isAbandoning: false, now: clock.now().wall)
    let quiet = QuietModifier(client)
    let outcome = try await RunExecutor(start, writer: writer, modifier: quiet, clock: clock, seed: 1).run()
    // What had left goes on without the session, as on a network; the next one must not be judged by it.
    await quiet.waitUntilIdle()
    if let error = outcome.ledgerError {
      guard case .stopped(.ledger, _) = outcome.ending else {
        Issue.record("\(error), and it ended \(outcome.ending)")
        throw error
      }
      throw error
    }
    #expect(outcome.ending == .completed)
    try registry.endSession(start, ending: outcome.ending, elapsed: outcome.elapsed, now: clock.now().wall)
  }

  // MARK: Checks

  private func look(_ ledger: String, _ body: (Database) throws -> Void) throws {
    let database = try DatabaseQueue(path: ledger)
    try database.read(body)
    try database.close()
  }

  private func number(of put: JournalEntry) throws -> Int {
    let value = try #require(put.modification[.coolDownTime]?.integerValue)
    return try #require(changes.firstIndex { $0.planned == value && $0.group == put.reference }) + 1
  }

  /// Whatever was sent had its prior value and its intent on the disk.
  private func checkRecorded(_ ledger: String, _ puts: [JournalEntry]) throws {
    try look(ledger) { database in
      #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
      for put in puts {
        let number = try number(of: put)
        let id = runID << 32 | number
        let priors = try String.fetchAll(database, sql: "SELECT prior FROM prior_record WHERE run_change = \(id)")
        #expect(priors == ["{\"cool_down_time\":\(changes[number - 1].prior)}"])
        let row = try #require(try Row.fetchOne(database, sql: "SELECT * FROM run_change WHERE id = \(id)"))
        #expect(row["attempts"] == 1)
        #expect(row["effective_attempt"] == 1)
        #expect(["sending", "succeeded"].contains(row["state"] as String))
      }
    }
  }

  /// Everything has been done, once, and the way back is known.
  private func checkEnd(_ ledger: String, _ puts: [JournalEntry]) throws {
    #expect(try puts.map(number).sorted() == [1, 2, 3])
    #expect(try puts.map(number).filter { $0 != 2 } == [1, 3])
    let held = server.cloud.snapshotAll(now: server.now)
    #expect(held[changes[2].group]?.values[.coolDownTime] == .integer(1003))
    #expect(held[changes[1].group]?.values[.coolDownTime] == .integer(1002))
    try look(ledger) { database in
      #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
      #expect(try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").isEmpty)
      let reports = try String.fetchAll(
        database, sql: "SELECT change || ' ' || state || ' ' || applied FROM change_report ORDER BY change")
      #expect(reports == (1...3).map { "\($0) succeeded yes" })
      let priors = try String.fetchAll(database, sql: "SELECT prior FROM rollback_record ORDER BY change")
      #expect(priors == changes.map { "\($0.prior)" })
      let runs = try String.fetchAll(database, sql: "SELECT state || ' ' || succeeded FROM run_report")
      #expect(runs == ["completed 3"])
    }
  }
}

/// Knows whether requests are on the way.
private final class QuietModifier: GroupModifier {
  private struct State {
    var count = 0
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let client: ServiceClient
  private let state = Mutex(State())

  init(_ client: ServiceClient) { self.client = client }

  func waitUntilIdle() async {
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        if state.count > 0 { state.waiter = continuation }
        return state.count == 0
      }
      if isIdle { continuation.resume() }
    }
  }

  private func begin() { state.withLock { $0.count += 1 } }

  private func end() {
    let waiter = state.withLock { state in
      state.count -= 1
      guard state.count == 0 else { return nil as CheckedContinuation<Void, Never>? }
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  func readGroup(
    _ group: GroupReference, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<ScalingGroup>) -> Void
  ) {
    begin()
    client.readGroup(group, headWritten: headWritten) { [self] in
      completion($0)
      end()
    }
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
    begin()
    client.modifyGroup(group, body: body, headWritten: headWritten) { [self] in
      completion($0)
      end()
    }
  }
}
