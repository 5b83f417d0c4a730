import AutoScaling

/// What a read means for the change in hand.
extension RunMachine {
  mutating func readReturned(
    _ number: Int, _ result: ServiceResult<ScalingGroup>, _ timing: RequestTiming, _ now: RunMoment
  ) {
    guard let active = slots[number], case .reading(let purpose) = active.phase else {
      preconditionFailure("change \(number) was not being read")
    }
    requestsInFlight -= 1
    switch result {
    case .success(let success):
      answerSeen(timing, now)
      tokenServed(number)
      slots[number]?.row.scalingGroupName = success.value.name ?? active.row.scalingGroupName
      judge(number, group: success.value, readAt: timing.sentAt, purpose: purpose, now)
    case .failure(let failure):
      readFailed(number, failure, timing, now)
    }
  }

  /// `readAt` is when the read was sent, in wall milliseconds: that a deadline has passed, or that a lost PUT has taken
  /// no effect, is true only if a read made after it says so.
  private mutating func judge(
    _ number: Int, group: ScalingGroup, readAt: Int, purpose: ActiveChange.ReadPurpose, _ now: RunMoment
  ) {
    guard let active = slots[number] else { return }
    switch purpose {
    case .isScaling(let failure):
      if group.isScaling == true {
        waitForGroup(number, reason: failure.message, failure: failure, askedAt: readAt, now)
      } else {
        end(number, .failed, now)
      }
      return
    case .sameNumber(let failure):
      let differing = active.change.planned.filter { field in
        active.change.planned[field].map { group.holds($0, for: field, given: active.change.planned) != true } ?? false
      }
      // The service contradicts itself, or the read is a stale one: nothing is left to send, and nothing is settled.
      if differing.fields == [.desireInstanceNumber] { return contradicted(number, failure, now) }
      slots[number]?.omitted = [.desireInstanceNumber]
    case .assess: break
    }
    if active.row.state == .verifying {
      verify(number, group: group, readAt: readAt, now)
    } else if active.row.effectiveAttempt != nil, let record = active.record {
      settle(number, record: record, group: group, readAt: readAt, now)
    } else {
      assess(number, group: group, readAt: readAt, now)
    }
  }

  private mutating func contradicted(_ number: Int, _ failure: ServiceFailure, _ now: RunMoment) {
    guard let active = slots[number] else { return }
    // A PUT before this one may be the reason for what the service says.
    if active.row.effectiveAttempt != nil, active.row.applied == .no { slots[number]?.row.applied = .unknown }
    slots[number]?.row.tries += 1
    if active.row.tries + 1 >= options.maxAttempts { end(number, .failed, now) } else { retry(number, failure, now) }
  }

  // MARK: No PUT may have taken effect

  private mutating func assess(_ number: Int, group: ScalingGroup, readAt: Int, _ now: RunMoment) {
    // A stop lets what is in flight end, but begins nothing.
    if stop != nil { return putBack(number, now) }
    guard let active = slots[number] else { return }
    // A lost PUT of the change before may still land on what was read, and on top of what would be sent.
    if let end = lossGuardEnd(of: active) {
      let isShown = active.change.predecessor?.established != nil
      let trustedFrom = end + (isShown ? 0 : RunOptions.staleReadDeadline.milliseconds)
      if trustedFrom > readAt { return wait(number, .settle, until: trustedFrom, now) }
    }
    if mayBeStale(group, for: active, readAt: readAt) {
      slots[number]?.row.waitSince = active.row.waitSince ?? readAt
      return wait(number, .settle, until: now.wall + 1_000, now)
    }
    // Numbers of records only grow, also where a PUT that was recorded never left.
    let attempt = max(active.row.attempts, active.row.recordAttempt ?? 0) + 1
    let assessment = LiveAssessment.assess(
      active.change, group: group, attempt: attempt, options: options, omitted: active.omitted)
    switch assessment {
    case .holds:
      if let trustedFrom = restorationTrustedFrom(active), trustedFrom > readAt {
        return wait(number, .settle, until: now.wall + 1_000, now)
      }
      end(number, .unchanged, now)
    case .conflicted(let found, let reason):
      slots[number]?.row.found = found
      end(number, .conflicted, code: FleetplanCode.conflict, message: reason, now)
    case .blocked(let code, let reason): end(number, .blocked, code: code, message: reason, now)
    case .busy(let reason): waitForGroup(number, reason: reason, failure: nil, askedAt: readAt, now)
    case .send(let record, let instanceChange):
      // The last attempt got no answer, and it was no outage.
      if active.row.tries >= options.maxAttempts { return end(number, .failed, now) }
      guard mayRemove(-instanceChange, by: active) else { return stopRemoving(number, -instanceChange, now) }
      slots[number]?.row.instanceChange = instanceChange
      // What an earlier, refused attempt recorded stays in force unless the values have moved.
      if let earlier = active.record, earlier.prior == record.prior, earlier.planned == record.planned {
        recordIntent(number, body: record.planned, record: nil, now)
      } else {
        recordIntent(number, body: record.planned, record: record, now)
      }
    }
  }

  /// Whether the read may be older than the success of the change before: it does not show what that has set.
  ///
  /// The service is not instantly consistent (the reference, section 4), and a prior value, or "equal already", that
  /// is taken from such a read is wrong. If it goes on, somebody has changed the group.
  private func mayBeStale(_ group: ScalingGroup, for active: ActiveChange, readAt: Int) -> Bool {
    guard let set = active.change.predecessor?.established,
      set.entries.contains(where: { group.holds($0.value, for: $0.field, given: set) != true })
    else { return false }
    return readAt - (active.row.waitSince ?? readAt) < RunOptions.staleReadDeadline.milliseconds
  }

  /// From when on a read that shows what a rollback is to restore is no stale one, which shows what was before the
  /// change that is taken back.
  private func restorationTrustedFrom(_ active: ActiveChange) -> Int? {
    active.change.undoneAt.map { $0 + RunOptions.staleReadDeadline.milliseconds }
  }

  private func mayRemove(_ removed: Int, by active: ActiveChange) -> Bool {
    guard let limit = options.maxRemoved, removed > 0 else { return true }
    return instancesRemoved - active.removedCounted + removed <= limit
  }

  private mutating func stopRemoving(_ number: Int, _ removed: Int, _ now: RunMoment) {
    putBack(number, now)
    requestStop(
      .maxRemoved,
      detail:
        "change \(number) would remove \(removed) \(removed == 1 ? "instance" : "instances"); \(instancesRemoved) of \(options.maxRemoved ?? 0) "
        + "are used up", now)
  }

  // MARK: A PUT may have taken effect

  private mutating func settle(
    _ number: Int, record: PriorRecord, group: ScalingGroup, readAt: Int, _ now: RunMoment
  ) {
    guard let active = slots[number] else { return }
    let settlement = DoubtSettlement.settle(active.change, record: record, group: group)
    // The read may show what was before the success of the change before: that may look like anything.
    if active.change.predecessor?.established != nil, let sentAt = active.row.sentAt, !settlement.isToSendAgain {
      let trustedFrom = sentAt + RunOptions.staleReadDeadline.milliseconds
      if trustedFrom > readAt { return wait(number, .settle, until: trustedFrom, now) }
    }
    switch settlement {
    case .applied(let applied):
      if let trustedFrom = restorationTrustedFrom(active), trustedFrom > readAt {
        return wait(number, .settle, until: now.wall + 1_000, now)
      }
      slots[number]?.row.applied = applied == .yes ? .yes : active.row.applied
      succeed(number, now)
    case .conflicted(let found, let applied, let reason):
      if applied == .yes { slots[number]?.row.applied = .yes }
      slots[number]?.row.found = found
      end(number, .conflicted, code: FleetplanCode.conflict, message: reason, now)
    case .sendAgain(let remaining, let applied):
      if applied == .yes { slots[number]?.row.applied = .yes }
      sendAgain(number, remaining, group: group, readAt: readAt, now)
    }
  }

  private mutating func sendAgain(
    _ number: Int, _ remaining: GroupModification, group: ScalingGroup, readAt: Int, _ now: RunMoment
  ) {
    guard let active = slots[number] else { return }
    let body = remaining.filter { !active.omitted.contains($0) }
    // Until then the lost PUT may still take effect, and must not land on top of what comes after it.
    if let end = lossGuardEnd(of: active), end > readAt { return wait(number, .settle, until: end, now) }
    if stop != nil { return putBack(number, now) }
    let isAtEnd = isAbandoning || active.row.tries >= options.maxAttempts || !retriesLast(active.row)
    let objection = options.skipPreconditions ? nil : group.objection(to: body)
    if active.row.applied == .unknown {
      // The prior values hold, and the guard is over: it has not taken effect, unless the read is a stale one. Then to
      // send the same again does no harm, but to say so would.
      let trustedFrom = (lossGuardEnd(of: active) ?? readAt) + RunOptions.staleReadDeadline.milliseconds
      if readAt >= trustedFrom {
        slots[number]?.row.applied = .no
      } else if isAtEnd || objection != nil {
        return wait(number, .settle, until: trustedFrom, now)
      }
    }
    if isAbandoning {
      return end(number, .abandoned, code: FleetplanCode.abandoned, message: "the run was abandoned", now)
    }
    if isAtEnd { return end(number, .failed, now) }
    switch objection {
    case .scaling(let field, let reason):
      return waitForGroup(number, reason: "\(field.rawValue): \(reason)", failure: nil, askedAt: readAt, now)
    case .forbidden(let code, let field, let reason):
      return end(number, .blocked, code: code, message: "\(field.rawValue): \(reason)", now)
    case nil: break
    }
    let removed = max(-active.row.instanceChange, 0)
    guard mayRemove(removed, by: active) else { return stopRemoving(number, removed, now) }
    recordIntent(number, body: body, record: nil, now)
  }

  /// Whether `--retry-on` has what the last PUT ended with.
  private func retriesLast(_ row: ChangeRow) -> Bool {
    // No attempt is used up after an interruption, an outage, or when `--retry-failed` takes the change up again.
    if row.tries == 0 || row.errorCode == FleetplanCode.interrupted { return true }
    guard let status = row.httpStatus else { return options.retryOn.connection }
    if options.retryOn.statuses.contains(status) || status < 300 { return true }
    // A refusal that was waited for came with any status (AS.0003 is a 400); of the lost ones only these are known.
    return status < 500 && !RetryCauses.documented.statuses.contains(status)
  }

  // MARK: After a success

  private mutating func verify(_ number: Int, group: ScalingGroup, readAt: Int, _ now: RunMoment) {
    guard let active = slots[number], let cause = active.change.row.wait?.cause else { return }
    var since = active.row.waitSince ?? readAt
    if cause == .verify {
      guard let record = active.record,
        case .applied = DoubtSettlement.settle(active.change, record: record, group: group)
      else {
        return notVerified(number, group: group, since: since, readAt: readAt, now)
      }
      guard options.waitStable != nil else { return end(number, .succeeded, now) }
      since = readAt
      slots[number]?.row.waitSince = since
    }
    let isStable =
      group.isScaling != true && group.currentInstanceNumber != nil
      && group.currentInstanceNumber == group.values[.desireInstanceNumber]?.integerValue
    let deadline = since + (options.waitStable ?? .zero).milliseconds
    if isStable {
      end(number, .succeeded, now)
    } else if readAt >= deadline {
      end(
        number, .failed, code: FleetplanCode.notStable,
        message: "applied, but after \(DurationText.format(options.waitStable ?? .zero)) the group has "
          + "\(group.currentInstanceNumber.map(String.init) ?? "an unknown number of") instances of "
          + "\(group.values[.desireInstanceNumber]?.json ?? "an unknown number")"
          + (group.detail.map { ": " + $0 } ?? ""), now)
    } else {
      let interval = options.busyPoll.pollInterval(afterMilliseconds: now.wall - since, using: &generator)
      wait(number, .stable, until: max(min(now.wall + interval, deadline), now.wall + 1), now)
    }
  }

  private mutating func notVerified(
    _ number: Int, group: ScalingGroup, since: Int, readAt: Int, _ now: RunMoment
  ) {
    guard let active = slots[number] else { return }
    if readAt - since < RunOptions.verifyDeadline.milliseconds {
      let interval = Backoff(base: .seconds(1), cap: .seconds(5))
        .pollInterval(afterMilliseconds: now.wall - since, using: &generator)
      return wait(number, .verify, until: now.wall + interval, now)
    }
    var found = GroupModification()
    for entry in active.change.planned.entries
    where group.holds(entry.value, for: entry.field, given: active.change.planned) != true {
      found[entry.field] = group.values[entry.field] ?? .null
    }
    slots[number]?.row.found = found
    end(
      number, .failed, code: FleetplanCode.notVerified,
      message: "the service answered 200, but after \(DurationText.format(RunOptions.verifyDeadline)) the group shows "
        + found.json, now)
  }

  // MARK: The read itself has failed

  private mutating func readFailed(
    _ number: Int, _ failure: ServiceFailure, _ timing: RequestTiming, _ now: RunMoment
  ) {
    guard let active = slots[number] else { return }
    let entry = attemptEntry(.get, attempt: active.row.attempts + 1, failure: failure, timing)
    let toll = toll(of: failure, for: number, timing, now)
    // In doubt, the row keeps what its last PUT ended with: that decides whether it is sent again.
    if active.row.effectiveAttempt == nil { note(number, failure) }
    switch failure.disposition {
    case .unauthorized: unauthorized(number, failure, entry: entry, now)
    case .permanent, .sameNumber:
      note(number, failure)
      end(number, .failed, entry: entry, now)
    case .busy, .busyIfScaling, .retryable:
      if toll == .nothing { return wait(number, .outage, until: now.wall, entry: entry, now) }
      let tries = active.row.tries + (toll == .attempt ? 1 : 0)
      slots[number]?.row.tries = tries
      let isSettling = active.row.effectiveAttempt != nil
      let limit = options.maxAttempts + (isSettling ? RunOptions.settlingAttempts : 0)
      if tries >= limit || !isSettling && !isRetried(failure) {
        note(number, failure)
        end(number, .failed, entry: entry, now)
      } else {
        retry(number, failure, entry: entry, now)
      }
    }
  }
}
