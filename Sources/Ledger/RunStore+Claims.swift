import AutoScaling
import ChangeRun
import DequeModule
import GRDB
import JSONText

/// Takes changes of a run out of the ledger to be worked on.
///
/// Pending changes have no row: they lie behind a cursor in the run's direction. In memory are only those that
/// were claimed and have no row yet, and the waiting ones that are in hand. Used inside `RunStoreSession` only.
final class RunClaims {
  private let run: RunIdentity
  private let fresh: RunStatement
  private let due: RunStatement
  private let busy: RunStatement
  private let nextDue: RunStatement
  private let nextBusy: RunStatement
  private let predecessor: RunStatement
  private let hold: RunStatement
  private let holdAgain: RunStatement
  /// The last change that was claimed as fresh, in the run's direction; 0 before the first.
  private var position: Int
  /// Claimed as fresh, in order, with those that have got a row meanwhile still between them.
  private var window: Deque<Int> = []
  private var rowless: Set<Int> = []
  /// Waiting changes that were claimed and have not been written since.
  private var inHand: Set<Int> = []
  private var savedCursor: Int

  init(_ database: Database, run: RunIdentity) throws {
    self.run = run
    let source = run.isRollback ? ClaimSQL.rollback : ClaimSQL.apply
    fresh = try RunStatement(database, sql: source.fresh(descending: run.isDescending))
    due = try RunStatement(database, sql: source.due("<> 'busy'", onlyInDoubt: run.isAbandoning))
    busy = try RunStatement(database, sql: source.due("= 'busy'", onlyInDoubt: run.isAbandoning))
    nextDue = try RunStatement(database, sql: ClaimSQL.nextDue("<> 'busy'", onlyInDoubt: run.isAbandoning))
    nextBusy = try RunStatement(database, sql: ClaimSQL.nextDue("= 'busy'", onlyInDoubt: run.isAbandoning))
    predecessor = try RunStatement(
      database,
      sql: """
        SELECT s.state, s.applied, s.lost_at, t.planned, t.after
        FROM run_change s, \(run.isRollback ? "restore_change" : "change") t WHERE s.id = ? AND t.id = ?
        """)
    hold = try RunStatement(database, sql: "INSERT INTO run_change (id, state) VALUES (?, 'held')")
    holdAgain = try RunStatement(
      database,
      sql: """
        UPDATE run_change SET state = 'held', due_at = NULL, delay_ms = NULL, wait_cause = NULL
        WHERE id = ? AND state = 'waiting'
        """)
    savedCursor = try Int.fetchOne(database, sql: "SELECT cursor FROM run WHERE id = ?", arguments: [run.id]) ?? 0
    // The cursor names the first change that may lack a row.
    position = savedCursor == 0 ? 0 : savedCursor + (run.isDescending ? 1 : -1)
  }

  func close() {
    for statement in [fresh, due, busy, nextDue, nextBusy, predecessor, hold, holdAgain] { statement.finalize() }
  }

  func claim(_ kind: ClaimKind, limit: Int, now: Int) throws -> ClaimAnswer {
    switch kind {
    case .fresh(let through): try claimFresh(through: through, limit: limit)
    case .due: try claimDue(kind, due, next: nextDue, limit: limit, now: now)
    case .busy: try claimDue(kind, busy, next: nextBusy, limit: limit, now: now)
    }
  }

  // MARK: The cursor

  /// A change has got a row, or another one.
  func wrote(_ number: Int) {
    inHand.remove(number)
    guard rowless.remove(number) != nil else { return }
    while let first = window.first, !rowless.contains(first) { window.removeFirst() }
  }

  private var cursor: Int {
    if let first = window.first { return first }
    if position == 0 { return savedCursor }
    // 0 would mean that nothing has been claimed yet.
    return max(position + (run.isDescending ? -1 : 1), 1)
  }

  var hasMoved: Bool { cursor != savedCursor }

  /// The cursor, to be written down in this transaction.
  func takeCursor() -> Int {
    savedCursor = cursor
    return savedCursor
  }

  // MARK: Pending changes

  private func claimFresh(through: Int, limit: Int) throws -> ClaimAnswer {
    let base = run.isRollback ? run.base : run.planBase
    let end = base + min(through, RunIdentity.numberMask)
    fresh.bind(run.base)
    if run.isDescending {
      fresh.bind(position == 0 ? end + 1 : base + position)
      fresh.bind(base)
    } else {
      fresh.bind(base + position)
      fresh.bind(end)
    }
    fresh.bind(limit)
    fresh.bind(run.planBase)
    var changes: [ClaimedChange] = []
    var seen = 0
    while try fresh.step() {
      seen += 1
      guard var change = try ClaimColumns.change(fresh, run: run) else { continue }
      position = change.number
      switch try precedence(ClaimColumns.after(fresh)) {
      case .free: break
      case .ended(let before): change.predecessor = before
      case .unfinished:
        hold.bind(run.base | change.number)
        try hold.run()
        continue
      }
      window.append(change.number)
      rowless.insert(change.number)
      changes.append(change)
    }
    return ClaimAnswer(kind: .fresh(through: through), changes: changes, isExhausted: seen < limit)
  }

  private enum Precedence {
    case free
    case ended(ClaimedChange.Predecessor)
    case unfinished
  }

  /// Whether the change before in the group has ended, and what the group must show since.
  private func precedence(_ after: Int?) throws -> Precedence {
    guard let after else { return .free }
    guard let before = try ended(after) else { return .unfinished }
    return .ended(
      ClaimedChange.Predecessor(
        number: before.number, state: before.state, lostAt: before.lostAt, established: try established(since: before)))
  }

  /// A change that has ended, as far as those after it in the group ask.
  private struct EndedChange {
    var number: Int
    var state: ChangeState
    var applied: Applied
    var lostAt: Int?
    var planned: GroupModification
    var after: Int?
  }

  /// - Parameter id: of a plan's change, or of a rollback's, as `after` has it.
  /// - Returns: `nil` where it has not ended.
  /// - Throws: `DatabaseError`, `.SQLITE_CORRUPT` where the values are not what was stored.
  private func ended(_ id: Int) throws -> EndedChange? {
    let number = id & RunIdentity.numberMask
    predecessor.bind(run.base | number)
    predecessor.bind(id)
    guard try predecessor.step() else { return nil }
    defer { predecessor.reset() }
    guard let state = predecessor.text(0).flatMap(ChangeState.init(rawValue:)), state.isTerminal else { return nil }
    guard let applied = predecessor.text(1).flatMap(Applied.init(rawValue:)),
      let planned = predecessor.text(3).flatMap(GroupModification.init(ledgerText:))
    else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "values that cannot be in change \(number) of the run")
    }
    return EndedChange(
      number: number, state: state, applied: applied, lostAt: predecessor.optionalInteger(2), planned: planned,
      after: predecessor.optionalInteger(4))
  }

  /// How many changes of a group are looked back at: what changes before them have set may be left out.
  private static let lookBack = 16

  /// See `ClaimedChange.Predecessor.established`.
  private func established(since last: EndedChange) throws -> GroupModification? {
    var values = GroupModification()
    var next: EndedChange? = last
    for _ in 0..<Self.lookBack {
      guard let change = next else { break }
      switch (change.state, change.applied) {
      case (.succeeded, _): return values.merging(defaults: change.planned)
      case (.unchanged, _): values = values.merging(defaults: change.planned)
      case (_, .no): break
      default: return nil
      }
      next = try change.after.flatMap { try ended($0) }
    }
    return values.isEmpty ? nil : values
  }

  /// Whether the change has a row that is an end.
  func hasEnded(_ number: Int) throws -> Bool {
    try ended((run.isRollback ? run.base : run.planBase) | number) != nil
  }

  // MARK: Waiting changes

  private func claimDue(
    _ kind: ClaimKind, _ statement: RunStatement, next: RunStatement, limit: Int, now: Int
  ) throws -> ClaimAnswer {
    statement.bind(run.id)
    statement.bind(now)
    // Those in hand are still due in the ledger and come up again.
    let asked = limit + inHand.count
    statement.bind(asked)
    statement.bind(run.planBase)
    var changes: [ClaimedChange] = []
    var seen = 0
    while try statement.step() {
      seen += 1
      guard let number = ClaimColumns.number(statement), !inHand.contains(number), changes.count < limit,
        var change = try ClaimColumns.change(statement, run: run)
      else { continue }
      change.row = try ClaimColumns.row(statement)
      change.record = try ClaimColumns.record(statement, attempt: change.row.recordAttempt)
      switch try precedence(ClaimColumns.after(statement)) {
      case .free: break
      case .ended(let before): change.predecessor = before
      case .unfinished:
        // Taken up again together with the change before it (`--retry-failed`). Abandoning sends nothing: there,
        // doubts are settled in any order.
        if !run.isAbandoning {
          holdAgain.bind(run.base | number)
          try holdAgain.run()
          continue
        }
      }
      inHand.insert(number)
      changes.append(change)
    }
    let isExhausted = seen < asked
    return ClaimAnswer(
      kind: kind, changes: changes, isExhausted: isExhausted, nextDueAt: isExhausted ? try nextDueAt(next, now) : nil)
  }

  private func nextDueAt(_ statement: RunStatement, _ now: Int) throws -> Int? {
    statement.bind(run.id)
    statement.bind(now)
    defer { statement.reset() }
    return try statement.step() ? statement.optionalInteger(0) : nil
  }
}
