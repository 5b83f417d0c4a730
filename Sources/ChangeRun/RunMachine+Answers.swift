import AutoScaling
import DequeModule

/// What the answer to a PUT means for the change in hand, and what any answer means for the run.
extension RunMachine {
  mutating func recordDurable(_ number: Int, _ now: RunMoment) {
    guard let active = slots[number], active.phase == .recording else {
      preconditionFailure("change \(number) was not being recorded")
    }
    // Nothing has been sent yet: a stop takes the intent back.
    if stop != nil { return withdraw(number, now) }
    slots[number]?.phase = .readyToSend
    putQueue.append(number)
  }

  mutating func answerReceived(
    _ number: Int, _ result: ServiceResult<Void>, _ timing: RequestTiming, _ now: RunMoment
  ) {
    guard let active = slots[number], active.phase == .sending else {
      preconditionFailure("change \(number) had no PUT on the way")
    }
    requestsInFlight -= 1
    let attempt = active.row.attempts
    switch result {
    case .success(let success):
      answerSeen(timing, now)
      tokenServed(number)
      slots[number]?.row.applied = .yes
      slots[number]?.row.httpStatus = success.status
      slots[number]?.row.errorCode = nil
      slots[number]?.row.errorMessage = nil
      let entry = AttemptEntry(
        method: .put, attempt: attempt, sentAt: timing.sentAt, duration: timing.duration, httpStatus: success.status,
        requestID: success.requestID, outcome: .succeeded)
      succeed(number, entry: entry, now)
    case .failure(let failure):
      let entry = attemptEntry(.put, attempt: attempt, failure: failure, timing)
      let toll = toll(of: failure, for: number, timing, now)
      note(number, failure)
      switch failure.certainty {
      case .lost: answerLost(number, failure, toll, entry: entry, now)
      case .notSent, .refused:
        // The record stays, but it is not in force: nothing can have taken effect.
        if active.row.effectiveAttempt == attempt { slots[number]?.row.effectiveAttempt = nil }
        if failure.certainty == .notSent { slots[number]?.row.attempts -= 1 }
        refused(number, failure, toll, sentAt: timing.sentAt, entry: entry, now)
      }
    }
  }

  private mutating func answerLost(
    _ number: Int, _ failure: ServiceFailure, _ toll: Toll, entry: AttemptEntry, _ now: RunMoment
  ) {
    if slots[number]?.row.applied == .no { slots[number]?.row.applied = .unknown }
    slots[number]?.row.lostAt = now.wall
    if toll == .nothing { return wait(number, .outage, until: now.wall, entry: entry, now) }
    if toll == .attempt { slots[number]?.row.tries += 1 }
    retry(number, failure, entry: entry, now)
  }

  private mutating func refused(
    _ number: Int, _ failure: ServiceFailure, _ toll: Toll, sentAt: Int, entry: AttemptEntry, _ now: RunMoment
  ) {
    guard let active = slots[number] else { return }
    switch failure.disposition {
    case .unauthorized: unauthorized(number, failure, entry: entry, now)
    case .busy:
      waitForGroup(number, reason: failure.message, failure: failure, askedAt: sentAt, entry: entry, now)
    case .busyIfScaling: settleByReading(number, .isScaling(failure), entry: entry, now)
    case .sameNumber where active.body[.desireInstanceNumber] != nil:
      settleByReading(number, .sameNumber(failure), entry: entry, now)
    case .permanent, .sameNumber:
      slots[number]?.row.tries += 1
      end(number, .failed, entry: entry, now)
    case .retryable:
      if toll == .nothing { return wait(number, .outage, until: now.wall, entry: entry, now) }
      let tries = active.row.tries + (toll == .attempt ? 1 : 0)
      slots[number]?.row.tries = tries
      if tries >= options.maxAttempts || !isRetried(failure) {
        end(number, .failed, entry: entry, now)
      } else {
        retry(number, failure, entry: entry, now)
      }
    }
  }

  /// Reads at once, with the change still in hand.
  private mutating func settleByReading(
    _ number: Int, _ purpose: ActiveChange.ReadPurpose, entry: AttemptEntry, _ now: RunMoment
  ) {
    // Until the read says more it stays `sending` in the ledger: after a crash it is read just the same.
    guard mayStillRead else { return wait(number, .prompt, until: now.wall, entry: entry, now) }
    slots[number]?.unsavedEntries.append(entry)
    slots[number]?.phase = .settling(purpose)
    settleQueue.append(number)
  }

  // MARK: What any answer means for the run

  mutating func answerSeen(_ timing: RequestTiming, _ now: RunMoment) {
    health.answered()
    chargeSuspect()
    latency.add(timing.duration)
  }

  /// What a failure costs its change.
  enum Toll {
    /// One attempt.
    case attempt
    /// No answer came. It costs an attempt if something answers before the next failure; otherwise it was the first
    /// sign of an outage, which fails no change.
    case undecided
    case nothing
  }

  /// Notes a failure for the whole run.
  mutating func toll(of failure: ServiceFailure, for number: Int, _ timing: RequestTiming, _ now: RunMoment) -> Toll {
    guard let status = failure.status else {
      let isFirst = health.failed(
        connected: failure.certainty != .notSent, now: now.ticks, longestGap: longestProbing)
      silence = failure.message
      outageSuspect = isFirst ? number : nil
      return isFirst ? .undecided : .nothing
    }
    answerSeen(timing, now)
    if failure.disposition != .unauthorized { tokenServed(number) }
    if status == 429 || status == 503 { throttle.refused(now: now.ticks, observed: observedRate(now)) }
    return .attempt
  }

  /// Something has answered: the failure before was the change's own.
  private mutating func chargeSuspect() {
    guard let suspect = outageSuspect else { return }
    outageSuspect = nil
    if slots[suspect] != nil { slots[suspect]?.row.tries += 1 } else { charges.insert(suspect) }
  }

  private func observedRate(_ now: RunMoment) -> Double {
    let seconds = max(Double(now.ticks - startTick) / 1_000_000_000, 1)
    return Double(requestsThisSession) / seconds
  }

  func isRetried(_ failure: ServiceFailure) -> Bool {
    guard let status = failure.status else { return options.retryOn.connection }
    // Class T comes as 400 too (AS.7078): the code, not the status, says that it is transient.
    return options.retryOn.statuses.contains(status) || !RetryCauses.documented.statuses.contains(status)
  }

  mutating func note(_ number: Int, _ failure: ServiceFailure) {
    slots[number]?.row.httpStatus = failure.status
    slots[number]?.row.errorCode = failure.code
    slots[number]?.row.errorMessage = failure.message
  }

  func attemptEntry(
    _ method: AttemptEntry.Method, attempt: Int, failure: ServiceFailure, _ timing: RequestTiming
  ) -> AttemptEntry {
    let outcome: AttemptEntry.Outcome =
      switch failure.certainty {
      case .notSent: .notSent
      case .refused: .refused
      case .lost: .lost
      }
    return AttemptEntry(
      method: method, attempt: attempt, sentAt: timing.sentAt, duration: timing.duration, httpStatus: failure.status,
      errorCode: failure.code, errorMessage: failure.message, requestID: failure.requestID, outcome: outcome)
  }
}
