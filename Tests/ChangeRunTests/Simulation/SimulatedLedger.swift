import AutoScaling

@testable import ChangeRun

/// What the ledger does with a run, in memory and without time of its own.
///
/// Messages gather in a mailbox and take effect, in order, at a commit; a crash loses what is still in the mailbox.
/// It has the guards of the real one, and reports every fact that cannot be as a violation.
final class SimulatedLedger {
  struct Entry {
    var row = ChangeRow()
    var records: [Int: PriorRecord] = [:]
    var attempts: [AttemptEntry] = []
  }

  enum Message {
    case fact(RunFact)
    case claim(ClaimKind, limit: Int, wall: Int)
  }

  let changes: [PlannedChange]
  /// By change number; a change without an entry is pending.
  private(set) var entries: [Entry?]
  private(set) var counts: RunCounts
  private(set) var violations: [String] = []
  private(set) var mailbox: [Message] = []
  /// Saved with every commit, like the counters of the run's row.
  var totals = Totals()
  private var pendingTotals: Totals?
  /// Claimed and not yet written.
  private var inHand: Set<Int> = []
  private var cursor = 1
  var bug: PlantedBug?

  struct Totals {
    var requests = RequestCounts()
    var instancesRemoved = 0
  }

  init(changes: [PlannedChange]) {
    self.changes = changes
    entries = Array(repeating: nil, count: changes.count + 1)
    counts = RunCounts(total: changes.count)
  }

  func row(_ number: Int) -> ChangeRow? { entries[number]?.row }

  // MARK: Mailbox

  func submit(_ message: Message, totals: Totals) {
    mailbox.append(message)
    pendingTotals = totals
  }

  /// One transaction with everything that has come in.
  ///
  /// - Returns: what the run is told after it.
  func commit() -> [RunEvent] {
    var events: [RunEvent] = []
    for message in mailbox {
      switch message {
      case .fact(let fact): write(fact, &events)
      case .claim(let kind, let limit, let wall): events.append(.claimed(claim(kind, limit: limit, wall: wall)))
      }
    }
    mailbox.removeAll(keepingCapacity: true)
    if let pendingTotals { totals = pendingTotals }
    pendingTotals = nil
    return events
  }

  /// The process is gone, and with it what was not committed.
  func crash() {
    mailbox.removeAll()
    pendingTotals = nil
  }

  // MARK: Facts

  private func fail(_ number: Int, _ text: String) { violations.append("ledger: change \(number) \(text)") }

  private func write(_ fact: RunFact, _ events: inout [RunEvent]) {
    let number = fact.number
    var entry = entries[number] ?? Entry()
    let before = entry.row
    if before.state.isTerminal { fail(number, "has ended \(before.state) and becomes \(fact.row.state)") }
    if let record = fact.record {
      if entry.records[record.attempt] != nil { fail(number, "overwrites the record of attempt \(record.attempt)") }
      if record.prior.fields != record.planned.fields { fail(number, "records other fields than it plans") }
      entry.records[record.attempt] = record
    }
    if bug == .recordOverwritten, fact.isIntent, fact.record == nil, let attempt = fact.row.recordAttempt {
      entry.records[attempt] = entry.records[attempt].map {
        PriorRecord(attempt: attempt, prior: $0.planned, planned: $0.planned, unrestorable: $0.unrestorable)
      }
    }
    entry.row = fact.row
    entry.attempts += fact.attempts
    check(number, entry, isIntent: fact.isIntent)
    entries[number] = entry
    inHand.remove(number)
    if fact.isIntent {
      events.append(.recordDurable(number: number))
      if bug == .releasedTooEarly { release(after: number, at: fact.row.sentAt ?? 0, &events) }
    }
    if fact.row.state.isTerminal {
      counts.add(fact.row.state)
      let hasSuccessor = changes[number - 1].successor != nil
      if fact.hasSuccessor != hasSuccessor { fail(number, "ends with hasSuccessor \(fact.hasSuccessor)") }
      if hasSuccessor { release(after: number, at: fact.row.finishedAt ?? 0, &events) }
    }
  }

  /// The CHECK constraints of `run_change`.
  private func check(_ number: Int, _ entry: Entry, isIntent: Bool) {
    let row = entry.row
    let isWaiting = row.state == .waiting || row.state == .verifying
    if isWaiting != (row.wait != nil) { fail(number, "is \(row.state) with wait \(String(describing: row.wait))") }
    if row.state.isTerminal != (row.finishedAt != nil) { fail(number, "is \(row.state), finished or not") }
    if row.state == .pending || row.state == .held { fail(number, "is written as \(row.state)") }
    if isIntent != (row.state == .sending) { fail(number, "is \(row.state) with isIntent \(isIntent)") }
    if row.state == .sending || row.state == .verifying {
      if row.attempts < 1 { fail(number, "is \(row.state) without an attempt") }
      if row.recordAttempt.flatMap({ entry.records[$0] }) == nil { fail(number, "is \(row.state) without a record") }
    }
    if row.state == .sending, row.effectiveAttempt == nil { fail(number, "is sending without an effective attempt") }
    if row.state == .succeeded, row.applied == .no, row.effectiveAttempt == nil {
      fail(number, "succeeded, but was never applied")
    }
    if row.state == .unchanged, row.applied != .no { fail(number, "unchanged, but applied \(row.applied)") }
    if let recordAttempt = row.recordAttempt, entry.records[recordAttempt] == nil {
      fail(number, "names a record that is not there")
    }
    if row.attempts < 0 || row.tries < 0 { fail(number, "counts below zero") }
  }

  private func release(after number: Int, at wall: Int, _ events: inout [RunEvent]) {
    var next = changes[number - 1].successor
    // After `--retry-failed` there may be some between that have ended long ago.
    while let between = next, entries[between]?.row.state.isTerminal == true { next = changes[between - 1].successor }
    guard let next, entries[next]?.row.state == .held else { return }
    entries[next]?.row.state = .waiting
    entries[next]?.row.wait = ChangeWait(cause: .prompt, dueAt: wall, delay: 0)
    events.append(.released)
  }

  // MARK: Claims

  private func claim(_ kind: ClaimKind, limit: Int, wall: Int) -> ClaimAnswer {
    switch kind {
    case .fresh(let through): claimFresh(kind, through: min(through, changes.count), limit: limit)
    case .due: claimDue(kind, busy: false, limit: limit, wall: wall)
    case .busy: claimDue(kind, busy: true, limit: limit, wall: wall)
    }
  }

  private func claimFresh(_ kind: ClaimKind, through: Int, limit: Int) -> ClaimAnswer {
    var claimed: [ClaimedChange] = []
    var seen = 0
    while cursor <= through, seen < limit {
      let number = cursor
      cursor += 1
      guard entries[number] == nil else { continue }
      seen += 1
      guard hasFreeWay(number) else {
        var entry = Entry()
        entry.row.state = .held
        entries[number] = entry
        continue
      }
      claimed.append(claimedChange(number))
    }
    return ClaimAnswer(kind: kind, changes: claimed, isExhausted: cursor > through)
  }

  private func claimDue(_ kind: ClaimKind, busy: Bool, limit: Int, wall: Int) -> ClaimAnswer {
    var due: [(dueAt: Int, number: Int)] = []
    var next: Int?
    for change in changes {
      guard let wait = entries[change.number]?.row.wait, (wait.cause == .busy) == busy else { continue }
      if wait.dueAt > wall {
        next = min(next ?? wait.dueAt, wait.dueAt)
      } else if !inHand.contains(change.number) {
        due.append((wait.dueAt, change.number))
      }
    }
    due.sort { ($0.dueAt, $0.number) < ($1.dueAt, $1.number) }
    var claimed: [ClaimedChange] = []
    for (_, number) in due.prefix(limit) {
      inHand.insert(number)
      claimed.append(claimedChange(number))
    }
    let isExhausted = due.count <= limit
    return ClaimAnswer(kind: kind, changes: claimed, isExhausted: isExhausted, nextDueAt: isExhausted ? next : nil)
  }

  private func hasFreeWay(_ number: Int) -> Bool {
    guard let before = changes[number - 1].predecessor else { return true }
    if bug == .heldNotAtAll { return true }
    guard let row = entries[before]?.row else { return false }
    return row.state.isTerminal || (bug == .releasedTooEarly && row.state == .sending)
  }

  private func claimedChange(_ number: Int) -> ClaimedChange {
    let change = changes[number - 1]
    let entry = entries[number]
    let predecessor = change.predecessor.flatMap { before in
      entries[before].map {
        ClaimedChange.Predecessor(
          number: before, state: $0.row.state, lostAt: $0.row.lostAt, established: established(before))
      }
    }
    return ClaimedChange(
      number: number, group: change.group, planned: change.planned, expected: change.expected,
      hasSuccessor: change.successor != nil, predecessor: predecessor, undoneAt: change.undoneAt,
      row: entry?.row ?? ChangeRow(),
      record: entry?.row.recordAttempt.flatMap { entry?.records[$0] })
  }

  /// What the group must show since a change and those before it have ended.
  private func established(_ number: Int) -> GroupModification? {
    var values = GroupModification()
    var next: Int? = number
    while let number = next, let row = entries[number]?.row {
      let change = changes[number - 1]
      switch (row.state, row.applied) {
      case (.succeeded, _): return values.merging(defaults: change.planned)
      case (.unchanged, _): values = values.merging(defaults: change.planned)
      case (_, .no): break
      default: return nil
      }
      next = change.predecessor
    }
    return values.isEmpty ? nil : values
  }

  // MARK: Sessions

  /// How many changes wait, by cause.
  var waiting: [WaitCause: Int] {
    var waiting: [WaitCause: Int] = [:]
    for case let entry? in entries {
      if let cause = entry.row.wait?.cause { waiting[cause, default: 0] += 1 }
    }
    return waiting
  }

  /// What the beginning of a session does to the rows: what was being sent is in doubt, no wait is longer than meant.
  func beginSession(wall: Int, options: RunOptions) {
    inHand.removeAll()
    cursor = 1
    for number in entries.indices {
      guard var row = entries[number]?.row else { continue }
      if row.state == .sending { interrupt(number, &row, wall: wall, options: options) }
      if let wait = row.wait { row.wait?.dueAt = min(wait.dueAt, wall + wait.delay) }
      entries[number]?.row = row
    }
  }

  private func interrupt(_ number: Int, _ row: inout ChangeRow, wall: Int, options: RunOptions) {
    let sentAt = row.sentAt ?? wall
    row.state = .waiting
    row.wait = ChangeWait(cause: .prompt, dueAt: wall, delay: 0)
    row.waitSince = nil
    if bug == .doubtForgotten {
      row.effectiveAttempt = nil
      return
    }
    if row.applied == .no { row.applied = .unknown }
    row.lostAt = max(row.lostAt ?? .min, min(sentAt + options.intentLifetime.milliseconds, wall))
    row.httpStatus = nil
    row.errorCode = FleetplanCode.interrupted
    row.errorMessage = "the executor ended before the answer came"
    entries[number]?.attempts.append(
      AttemptEntry(
        method: .put, attempt: row.attempts, sentAt: sentAt, duration: 0, errorCode: FleetplanCode.interrupted,
        outcome: .lost))
  }

  /// `resume --retry-failed`.
  ///
  /// - Returns: whether there was anything to take up.
  func takeUpAgain(wall: Int) -> Bool {
    var hasAny = false
    for number in entries.indices {
      guard var row = entries[number]?.row, [.failed, .blocked, .conflicted].contains(row.state) else { continue }
      hasAny = true
      // Those after the first of their group wait for it, whatever has ended between them.
      let isFirst = !changes[..<(number - 1)].contains {
        $0.groupIndex == changes[number - 1].groupIndex && entries[$0.number]?.row.state.isTerminal == false
      }
      row.state = isFirst ? .waiting : .held
      row.wait = isFirst ? ChangeWait(cause: .prompt, dueAt: wall, delay: 0) : nil
      row.waitSince = nil
      row.finishedAt = nil
      row.tries = 0
      row.found = nil
      // Settled: none of its PUTs has taken effect. It begins anew, with a record of what is there now.
      if row.applied == .no { row.effectiveAttempt = nil }
      entries[number]?.row = row
      entries[number]?.attempts.removeAll()
    }
    counts.failed = 0
    counts.blocked = 0
    counts.conflicted = 0
    return hasAny
  }
}
