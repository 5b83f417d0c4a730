import AutoScaling

/// The transitions of a change, each one row for the ledger.
extension RunMachine {
  /// Writes down what is about to be sent. The PUT follows when that is on the disk.
  mutating func recordIntent(_ number: Int, body: GroupModification, record: PriorRecord?, _ now: RunMoment) {
    guard var active = slots[number] else { return }
    active.row.attempts += 1
    active.row.state = .sending
    active.row.sentAt = now.wall
    active.recordedTick = now.ticks
    active.row.effectiveAttempt = active.row.effectiveAttempt ?? active.row.attempts
    if let record {
      active.record = record
      active.row.recordAttempt = record.attempt
    }
    active.body = body
    active.phase = .recording
    countRemoved(by: &active)
    actions.append(
      .save(
        RunFact(number: number, row: active.row, record: record, isIntent: true, attempts: active.unsavedEntries)))
    active.unsavedEntries = []
    slots[number] = active
  }

  /// Takes an intent back whose PUT was never sent.
  mutating func withdraw(_ number: Int, _ now: RunMoment) {
    guard let active = slots[number] else { return }
    if active.row.effectiveAttempt == active.row.attempts { slots[number]?.row.effectiveAttempt = nil }
    slots[number]?.row.attempts -= 1
    wait(number, .prompt, until: now.wall, now)
  }

  /// Lets a change go that a stop has caught before it was written down: it stays as it was in the ledger.
  mutating func putBack(_ number: Int, entry: AttemptEntry? = nil, _ now: RunMoment) {
    guard let active = slots[number] else { return }
    if entry == nil, active.row.state == active.change.row.state, active.row.attempts == active.change.row.attempts,
      active.row.applied == active.change.row.applied
    {
      if let cause = active.change.row.wait?.cause { waiting[cause, default: 0] += 1 }
      slots[number] = nil
    } else {
      wait(number, .prompt, until: now.wall, entry: entry, now)
    }
  }

  // MARK: Waiting

  mutating func wait(
    _ number: Int, _ cause: WaitCause, until dueAt: Int, entry: AttemptEntry? = nil, _ now: RunMoment
  ) {
    guard var active = slots[number] else { return }
    var cause = cause
    // A change that is being read back goes on being read back: it must not be sent again.
    if active.row.state == .verifying, !cause.isReadingBack { cause = active.change.row.wait?.cause ?? .verify }
    active.row.state = cause.isReadingBack ? .verifying : .waiting
    active.row.wait = ChangeWait(cause: cause, dueAt: dueAt, delay: max(dueAt - now.wall, 0))
    save(&active, entry)
    waiting[cause, default: 0] += 1
    if cause == .busy { busyClaim.waits(until: dueAt) } else { dueClaim.waits(until: dueAt) }
    slots[number] = nil
  }

  /// Backs off after a failure that is to be tried again.
  mutating func retry(_ number: Int, _ failure: ServiceFailure, entry: AttemptEntry? = nil, _ now: RunMoment) {
    guard let active = slots[number] else { return }
    requests.retries += 1
    let delay = options.backoff.wait(
      afterFailures: max(active.row.tries, 1), floor: failure.retryAfterMilliseconds, using: &generator)
    wait(number, .retry, until: now.wall + delay, entry: entry, now)
  }

  /// Parks a change whose group is scaling or locked; no attempt is used.
  ///
  /// `askedAt` is when the request was sent that has found it so, in wall milliseconds.
  mutating func waitForGroup(
    _ number: Int, reason: String, failure: ServiceFailure?, askedAt: Int, entry: AttemptEntry? = nil, _ now: RunMoment
  ) {
    guard let active = slots[number] else { return }
    let since = active.row.waitSince ?? askedAt
    let waited = max(askedAt - since, 0)
    slots[number]?.row.waitSince = since
    if waited >= options.waitScaling.milliseconds {
      return end(
        number, .blocked, entry: entry, code: failure?.code ?? FleetplanCode.busy,
        message: "the group was busy for \(DurationText.format(.seconds(Int64(waited / 1_000)))) (--wait-scaling): "
          + reason, now)
    }
    slots[number]?.row.errorCode = failure?.code ?? FleetplanCode.busy
    slots[number]?.row.errorMessage = reason
    let interval = options.busyPoll.pollInterval(afterMilliseconds: waited, using: &generator)
    // The last poll comes at the deadline, not a minute after it; and never sooner than the base.
    let untilDeadline = max(since + options.waitScaling.milliseconds - now.wall, options.busyPoll.base.milliseconds)
    let delay = max(min(interval, untilDeadline), failure?.retryAfterMilliseconds ?? 0, 1)
    wait(number, .busy, until: now.wall + delay, entry: entry, now)
  }

  /// Until when a PUT to the group must wait because an earlier one may still take effect, in wall milliseconds.
  func lossGuardEnd(of active: ActiveChange) -> Int? {
    active.row.lostAt.map { $0 + options.requestTimeout.milliseconds }
  }

  // MARK: Ends

  mutating func succeed(_ number: Int, entry: AttemptEntry? = nil, _ now: RunMoment) {
    guard options.verify || options.waitStable != nil else { return end(number, .succeeded, entry: entry, now) }
    // Failed reads from here on are counted for themselves.
    slots[number]?.row.tries = 0
    slots[number]?.row.waitSince = now.wall
    wait(number, options.verify ? .verify : .stable, until: now.wall + 1_000, entry: entry, now)
  }

  mutating func end(
    _ number: Int, _ state: ChangeState, entry: AttemptEntry? = nil, code: String? = nil, message: String? = nil,
    _ now: RunMoment
  ) {
    guard var active = slots[number] else { return }
    var (state, code, message) = (state, code, message)
    if isAbandoning, state == .failed { state = .abandoned }
    // The rest of a change whose other fields have no way back: it was done, and still is not whole.
    if let reason = active.change.blocked, state == .succeeded || state == .unchanged {
      (state, code, message) = (.blocked, FleetplanCode.unrestorable, reason)
    }
    active.row.state = state
    active.row.wait = nil
    active.row.finishedAt = now.wall
    if let code {
      active.row.errorCode = code
      active.row.errorMessage = message
    }
    if state == .succeeded || state == .unchanged {
      active.row.errorCode = nil
      active.row.errorMessage = nil
      if state == .unchanged { active.row.httpStatus = nil }
    }
    save(&active, entry)
    slots[number] = nil
    counts.add(state)
    if state == .failed { failures += 1 }
    checkFailures()
  }

  /// Ends a change that was claimed and cannot begin.
  mutating func endUnbegun(_ change: ClaimedChange, code: String, message: String, _ now: RunMoment) {
    var row = change.row
    row.inheritLoss(from: change.predecessor)
    row.state = .blocked
    row.wait = nil
    row.finishedAt = now.wall
    row.errorCode = code
    row.errorMessage = message
    actions.append(.save(RunFact(number: change.number, row: row, hasSuccessor: change.hasSuccessor)))
    counts.add(.blocked)
    checkFailures()
  }

  private mutating func save(_ active: inout ActiveChange, _ entry: AttemptEntry?) {
    countRemoved(by: &active)
    let entries = entry.map { active.unsavedEntries + [$0] } ?? active.unsavedEntries
    actions.append(
      .save(
        RunFact(
          number: active.change.number, row: active.row, attempts: entries, hasSuccessor: active.change.hasSuccessor)))
  }
  private mutating func countRemoved(by active: inout ActiveChange) {
    instancesRemoved += active.row.instancesRemoved - active.removedCounted
    active.removedCounted = active.row.instancesRemoved
  }
}

extension ChangeRow {
  /// A lost PUT of the change before may still take effect, also when this one ends without a PUT and a third follows.
  mutating func inheritLoss(from predecessor: ClaimedChange.Predecessor?) {
    if let lost = predecessor?.lostAt { lostAt = max(lostAt ?? lost, lost) }
  }
}

extension WaitCause {
  var isReadingBack: Bool { self == .verify || self == .stable }
}

extension ServiceFailure {
  /// The wait that the service asks for, bounded by a day: nothing longer is meant.
  var retryAfterMilliseconds: Int {
    Int((min(max(retryAfterSeconds ?? 0, 0), 86_400) * 1_000).rounded(.up))
  }
}
