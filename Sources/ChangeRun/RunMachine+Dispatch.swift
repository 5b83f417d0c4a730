import AutoScaling
import DequeModule

/// Which request leaves next, and what is claimed for it.
///
/// Order: PUTs of recorded changes, reads that settle a change in hand, changes that are due again, fresh ones;
/// busy groups are asked only when none of these is there, and get at most a fifth of the rate.
extension RunMachine {
  /// After every event: claims, starts and sends what can be, and asks to be woken for the rest.
  mutating func proceed(_ now: RunMoment) {
    throttle.recover(now: now.ticks)
    if pacer.rate != throttle.effective {
      pacer.setRate(throttle.effective, now: now.ticks)
      pollPacer.setRate(throttle.effective / 5, now: now.ticks)
    }
    checkDeadlines(now)
    advanceWave(now)
    // Before the claims: what it lets go of is due at once.
    withdrawOldIntents(now)
    if stop == nil { claimMore(now) }
    var wake = Wake()
    sendWhatMayLeave(now, &wake)
    finishIfDone()
    if !isFinished { requestWake(wake, now) }
  }

  // MARK: Claims

  private mutating func claimMore(_ now: RunMoment) {
    if !isFreshExhausted, !isClaimingFresh, freshQueue.count < Self.lookahead / 2, wavePauseEnd == nil {
      isClaimingFresh = true
      actions.append(.claim(.fresh(through: waveEnds[wave]), limit: Self.claimSize))
    }
    if dueQueue.count < Self.lookahead / 2, dueClaim.wants(now) {
      dueClaim.begin()
      actions.append(.claim(.due, limit: Self.claimSize))
    }
    if busyQueue.isEmpty, busyClaim.wants(now) {
      busyClaim.begin()
      actions.append(.claim(.busy, limit: Self.claimSize))
    }
  }

  mutating func claimed(_ answer: ClaimAnswer, _ now: RunMoment) {
    switch answer.kind {
    case .fresh(let through):
      isClaimingFresh = false
      // The wave may have moved on while the ledger was asked.
      isFreshExhausted = answer.isExhausted && through == waveEnds[wave]
    case .due: dueClaim.answered(answer, now)
    case .busy: busyClaim.answered(answer, now)
    }
    // After a stop nothing begins: what was claimed stays in the ledger as it is.
    guard stop == nil else { return }
    for change in answer.changes {
      if let cause = change.row.wait?.cause { waiting[cause, default: 0] -= 1 }
      if let obstacle = obstacle(to: change) {
        endUnbegun(change, code: obstacle.code, message: obstacle.message, now)
        continue
      }
      switch answer.kind {
      case .fresh: freshQueue.append(change)
      case .due: dueQueue.append(change)
      case .busy: busyQueue.append(change)
      }
    }
  }

  /// Why a claimed change cannot begin.
  private func obstacle(to change: ClaimedChange) -> (code: String, message: String)? {
    // A PUT of it may have taken effect: it has begun, and is settled by reading whatever else is the case.
    guard change.row.effectiveAttempt == nil else { return nil }
    if let reason = change.blocked, change.planned.isEmpty { return (FleetplanCode.unrestorable, reason) }
    if let predecessor = change.predecessor, !options.keepGoing, !predecessor.state.letsGroupGoOn {
      return (
        FleetplanCode.predecessor,
        "change \(predecessor.number) to the same group ended \(predecessor.state.rawValue) (--keep-going goes on)"
      )
    }
    return nil
  }

  // MARK: Requests

  private mutating func sendWhatMayLeave(_ now: RunMoment, _ wake: inout Wake) {
    while let kind = nextRequest(now, &wake) {
      switch pacer.take(now: now.ticks) {
      case .granted:
        if kind == .poll, case .granted = pollPacer.take(now: now.ticks) { pollPacer.headWritten(now: now.ticks) }
        leave(kind, now)
      case .wait(let tick):
        wake.at(tick)
        return
      case .outstanding: return
      }
    }
  }

  /// Lets go of recorded PUTs that a slow rate or an outage has kept for too long: the group may have changed.
  private mutating func withdrawOldIntents(_ now: RunMoment) {
    while let number = putQueue.first, let active = slots[number],
      now.ticks - active.recordedTick > options.intentLifetime.nanoseconds
    {
      putQueue.removeFirst()
      withdraw(number, now)
    }
  }

  private enum RequestKind: Hashable {
    case put, settle, due, fresh, poll
    case token(projectID: String)
  }

  private func nextRequest(_ now: RunMoment, _ wake: inout Wake) -> RequestKind? {
    let kind = nextOfChanges(now, &wake)
    guard tokens.isRenewable, let kind, let project = projectID(ofNext: kind) else { return kind }
    switch tokens.need(of: project, at: now.ticks) {
    case .nothing: return kind
    case .token: return .token(projectID: project)
    case .patience(let tick):
      if let tick { wake.at(tick) }
      return nil
    }
  }

  private func projectID(ofNext kind: RequestKind) -> String? {
    switch kind {
    case .put: putQueue.first.flatMap { slots[$0]?.change.group.projectID }
    case .settle: settleQueue.first.flatMap { slots[$0]?.change.group.projectID }
    case .due: dueQueue.first?.group.projectID
    case .fresh: freshQueue.first?.group.projectID
    case .poll: busyQueue.first?.group.projectID
    case .token(let projectID): projectID
    }
  }

  private func nextOfChanges(_ now: RunMoment, _ wake: inout Wake) -> RequestKind? {
    if requestsInFlight > 0, !mayHaveSeveralInFlight { return nil }
    if health.isUnreachable, now.ticks < nextProbe {
      wake.at(nextProbe)
      return nil
    }
    if !putQueue.isEmpty { return .put }
    if !settleQueue.isEmpty { return .settle }
    guard stop == nil, slots.count < slotLimit else { return nil }
    if !dueQueue.isEmpty { return .due }
    if !freshQueue.isEmpty { return .fresh }
    if !busyQueue.isEmpty, !isClaimingFresh {
      var pacer = pollPacer
      if case .wait(let tick) = pacer.take(now: now.ticks) {
        wake.at(tick)
        return nil
      }
      return .poll
    }
    return nil
  }

  /// The first request of a run goes alone, so that bad credentials cost one refusal; in an outage one probe does.
  private var mayHaveSeveralInFlight: Bool { health.hasAnswered && !health.isUnreachable }

  private var slotLimit: Int {
    min(concurrency, options.maxFailures.allowance(failures: failures) ?? Int.max)
  }

  private mutating func leave(_ kind: RequestKind, _ now: RunMoment) {
    switch kind {
    case .put:
      let number = putQueue.removeFirst()
      slots[number]?.phase = .sending
      carryToken(number)
      guard let active = slots[number] else { preconditionFailure("change \(number) waits for its PUT, not in hand") }
      requests.puts += 1
      requestsInFlight += 1
      actions.append(.send(number: number, active.change.group, active.body))
    case .settle:
      let number = settleQueue.removeFirst()
      guard let active = slots[number], case .settling(let purpose) = active.phase else {
        preconditionFailure("change \(number) waits to be settled, not in hand")
      }
      slots[number]?.phase = .reading(purpose)
      read(number, active.change.group)
    case .due: begin(dueQueue.removeFirst(), now)
    case .fresh: begin(freshQueue.removeFirst(), now)
    case .poll: begin(busyQueue.removeFirst(), now)
    case .token(let projectID):
      tokens.begin(projectID)
      requestsInFlight += 1
      actions.append(.fetchToken(projectID: projectID))
    }
  }

  private mutating func begin(_ change: ClaimedChange, _ now: RunMoment) {
    var row = change.row
    row.startedAt = row.startedAt ?? now.wall
    row.wait = nil
    row.inheritLoss(from: change.predecessor)
    // After the clock was set back no wait is longer than it was meant to be.
    row.lostAt = row.lostAt.map { min($0, now.wall) }
    row.sentAt = row.sentAt.map { min($0, now.wall) }
    row.waitSince = row.waitSince.map { min($0, now.wall) }
    if charges.remove(change.number) != nil { row.tries += 1 }
    slots[change.number] = ActiveChange(change: change, row: row, phase: .reading(.assess))
    read(change.number, change.group)
  }

  private mutating func read(_ number: Int, _ group: GroupReference) {
    requests.gets += 1
    requestsInFlight += 1
    carryToken(number)
    actions.append(.read(number: number, group))
  }

  // MARK: Waking

  /// The earliest of several ticks.
  struct Wake {
    private(set) var tick: Int?
    mutating func at(_ other: Int) { tick = min(tick ?? other, other) }
  }

  private mutating func requestWake(_ pacing: Wake, _ now: RunMoment) {
    var wake = pacing
    if stop == nil {
      for claim in [dueClaim, busyClaim] where !claim.isClaiming {
        if let dueAt = claim.nextDueAt, dueAt > now.wall { wake.at(now.ticks + (dueAt - now.wall) * 1_000_000) }
      }
      if let end = wavePauseEnd { wake.at(end) }
      if let tick = stopAfterTick { wake.at(tick) }
      if let until = options.until { wake.at(now.ticks + (until - now.wall) * 1_000_000) }
      if let end = outageEnd, end > now.ticks { wake.at(end) }
    }
    if let tick = throttle.nextRecovery, !slots.isEmpty || !freshQueue.isEmpty { wake.at(tick) }
    if let tick = drainDeadline { wake.at(tick) }
    guard let tick = wake.tick, tick != requestedWake else { return }
    // What was asked for before and is still early enough will do.
    if let earlier = requestedWake, earlier > now.ticks, earlier <= tick { return }
    requestedWake = tick
    actions.append(.wake(atTick: tick))
  }
}

extension DueClaim {
  func wants(_ now: RunMoment) -> Bool { !isClaiming && nextDueAt.map { $0 <= now.wall } ?? false }

  /// What begins to wait from here on is not in the answer: it is kept beside it.
  mutating func begin() {
    isClaiming = true
    nextDueAt = nil
  }

  mutating func answered(_ answer: ClaimAnswer, _ now: RunMoment) {
    isClaiming = false
    if let dueAt = answer.isExhausted ? answer.nextDueAt : now.wall { waits(until: dueAt) }
  }
}
