import AutoScaling
import ChangeRun
import GRDB
import Ledger
import Synchronization

/// A run of a small plan in a ledger of its own, driven step by step as an executor does.
final class RunBook: Sendable {
  let folder: TemporaryLedger
  let writer: LedgerWriter
  let start: RunStart
  let store: RunStore
  private let inbox = Inbox()

  private static let person = RunOperator(name: "ada", host: "here", pid: 1, toolVersion: "0.0.0")

  /// Loads the plan and begins a run of it.
  convenience init(_ plan: String) throws {
    let folder = try TemporaryLedger()
    let writer = try folder.openWriter()
    let row = try folder.load(plan, into: writer)
    let run = try RunRegistry(writer: writer, operator: Self.person)
      .createRun(planID: row.id, options: RunOptions(), endpoints: "{}", reason: nil, now: 1_000)
    try self.init(folder: folder, writer: writer, runID: run.id, now: 1_000, retryFailed: false)
  }

  private init(folder: TemporaryLedger, writer: LedgerWriter, runID: Int, now: Int, retryFailed: Bool) throws {
    self.folder = folder
    self.writer = writer
    start = try RunRegistry(writer: writer, operator: Self.person)
      .beginSession(runID: runID, options: nil, retryFailed: retryFailed, isAbandoning: false, now: now)
    store = try RunStore(
      writer: writer, run: start.run, deliver: { [inbox] in inbox.add($0) }, failed: { [inbox] in inbox.fail($0) })
  }

  /// Another session of the same run, after the first one died.
  func reopened(now: Int = 500_000, retryFailed: Bool = false) throws -> RunBook {
    try RunBook(folder: folder, writer: writer, runID: start.run.id, now: now, retryFailed: retryFailed)
  }

  /// Ends the run as completed.
  func complete() throws {
    try RunRegistry(writer: writer, operator: Self.person)
      .endSession(start, ending: .completed, elapsed: 0, now: 2_000)
  }

  func claim(_ kind: ClaimKind, limit: Int, now: Int = 2_000) async throws -> ClaimAnswer {
    let events = try await submit([], claims: [(kind, limit)], now: now)
    for case .claimed(let answer) in events { return answer }
    preconditionFailure("a claim got no answer")
  }

  /// Hands facts over and waits until they are durable.
  ///
  /// - Returns: what the run was told.
  func submit(
    _ facts: [RunFact], claims: [(kind: ClaimKind, limit: Int)] = [], now: Int = 2_000, totals: RunStore.Totals? = nil
  ) async throws -> [RunEvent] {
    store.submit(
      facts, claims: claims, now: now,
      totals: totals ?? RunStore.Totals(requests: RequestCounts(), instancesRemoved: 0, sessionElapsed: 0))
    await withCheckedContinuation { continuation in store.flush { continuation.resume() } }
    return try inbox.take()
  }

  /// The first row of a query, as text.
  func row(_ sql: String) throws -> [String] {
    try writer.database.read { database in
      try Row.fetchOne(database, sql: sql)?.map { $1.isNull ? "NULL" : "\($1.storage.value ?? "NULL")" } ?? []
    }
  }

  // MARK: Facts

  func intent(_ number: Int, prior: Int = 7) -> RunFact {
    var row = ChangeRow()
    row.state = .sending
    row.attempts = 1
    row.effectiveAttempt = 1
    row.recordAttempt = 1
    row.startedAt = 1_500
    row.sentAt = 1_600
    return RunFact(
      number: number, row: row,
      record: PriorRecord(
        attempt: 1, prior: GroupModification([.desireInstanceNumber: .integer(prior)]),
        planned: GroupModification([.desireInstanceNumber: .integer(1 + number % 100)]), unrestorable: []),
      isIntent: true)
  }

  func end(_ number: Int, _ state: ChangeState, hasSuccessor: Bool = false) -> RunFact {
    var row = ChangeRow()
    row.state = state
    row.finishedAt = 1_700
    if state == .succeeded {
      row.applied = .yes
      row.attempts = 1
      row.effectiveAttempt = 1
      row.recordAttempt = 1
    }
    return RunFact(number: number, row: row, hasSuccessor: hasSuccessor)
  }

  func wait(_ number: Int, _ cause: WaitCause, until dueAt: Int) -> RunFact {
    var row = ChangeRow()
    row.state = .waiting
    row.wait = ChangeWait(cause: cause, dueAt: dueAt, delay: 10)
    return RunFact(number: number, row: row)
  }
}

/// What a store has said.
private final class Inbox: Sendable {
  private let state = Mutex<(events: [RunEvent], error: (any Error)?)>(([], nil))

  func add(_ events: [RunEvent]) { state.withLock { $0.events += events } }
  func fail(_ error: any Error) { state.withLock { $0.error = error } }

  func take() throws -> [RunEvent] {
    let (events, error) = state.withLock { state in
      defer { state = ([], nil) }
      return (state.events, state.error)
    }
    if let error { throw error }
    return events
  }
}
