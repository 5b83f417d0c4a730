import AutoScaling
import DequeModule

/// Thresholds, waves, drains, and the end of a session.
extension RunMachine {
  mutating func requestStop(_ cause: StopCause, detail: String, _ now: RunMoment) {
    guard stop == nil else { return }
    stop = (cause, detail)
    drainDeadline = now.ticks + RunOptions.drainDeadline.nanoseconds
    if cause.isEndpointSilent, !slots.values.contains(where: { $0.phase == .sending }) {
      // Only a read is out, of an endpoint that does not answer: not worth waiting for.
      drainDeadline = now.ticks
    }
    // What was claimed and not begun stays in the ledger as it is.
    for change in dueQueue + busyQueue {
      if let cause = change.row.wait?.cause { waiting[cause, default: 0] += 1 }
    }
    dueQueue.removeAll()
    busyQueue.removeAll()
    freshQueue.removeAll()
    for number in putQueue { withdraw(number, now) }
    putQueue.removeAll()
    if !mayStillRead { letGoOfReads(now) }
  }

  /// What was to be read stays in the ledger as it is.
  mutating func letGoOfReads(_ now: RunMoment) {
    for number in settleQueue { wait(number, .prompt, until: now.wall, now) }
    settleQueue.removeAll()
  }

  /// Not after a 401: every further request could lock the key. Not where nothing answers.
  var mayStillRead: Bool {
    guard let stop else { return true }
    return !areCredentialsRefused && !stop.cause.isEndpointSilent
  }

  /// Judges the failure limit after every end.
  mutating func checkFailures() {
    guard stop == nil, options.maxFailures.isExceeded(failures: failures, finished: finishedThisSession) else { return }
    isFailureStopDue = true
  }

  mutating func checkDeadlines(_ now: RunMoment) {
    if isFailureStopDue {
      isFailureStopDue = false
      requestStop(
        .maxFailures,
        detail: "\(failures) of \(finishedThisSession) finished changes failed (--max-failures "
          + "\(options.maxFailures.text))", now)
    }
    if let tick = stopAfterTick, now.ticks >= tick, stop == nil { requestStop(.stopAfter, detail: "", now) }
    if let until = options.until, now.wall >= until, stop == nil { requestStop(.until, detail: "", now) }
    if stop == nil, isOutageOver(now) {
      requestStop(isOnceReached ? .endpointUnreachable : .neverConnected, detail: silence, now)
    }
    if let tick = drainDeadline, now.ticks >= tick { drainDeadlinePassed = true }
  }

  /// The run has got through to the endpoint, in this session or before.
  var isOnceReached: Bool { health.hasConnected || requests.puts > 0 }

  /// How long nothing may answer, in ticks: shorter while the run has never reached anything.
  var outageDeadline: Int {
    if isOnceReached { return options.waitEndpoint.nanoseconds }
    return min(options.waitEndpoint, RunOptions.firstConnectDeadline).nanoseconds
  }

  /// When the endpoint has been silent for as long as it may be, in ticks; `nil` while it answers.
  var outageEnd: Int? { health.unreachableSince.map { $0 + outageDeadline } }

  /// That the deadline has passed is for a request to say that has failed after it: the machine may have slept.
  private func isOutageOver(_ now: RunMoment) -> Bool {
    guard let end = outageEnd else { return false }
    return (isOnceReached ? health.lastFailure : now.ticks) >= end
  }

  /// When the next probe may go out, in ticks: one goes when the deadline comes.
  var nextProbe: Int {
    guard let end = outageEnd, health.lastFailure < end else { return health.nextProbe }
    return min(health.nextProbe, end)
  }

  /// The longest time from one failure to the next, in ticks, while somebody is awake to see them.
  var longestProbing: Int { (options.requestTimeout + options.intentLifetime).nanoseconds }

  /// Begins the next wave when every change of the former one has ended.
  mutating func advanceWave(_ now: RunMoment) {
    guard stop == nil, counts.finished >= waveEnds[wave], wave + 1 < waveEnds.count else { return }
    if options.confirmWaves {
      return requestStop(
        .waveConfirmation,
        detail: "wave \(wave + 1) of \(waveEnds.count) has ended: \(counts.finished) "
          + (counts.finished == 1 ? "change" : "changes"), now)
    }
    if options.wavePause > .zero {
      guard let end = wavePauseEnd else {
        wavePauseEnd = now.ticks + options.wavePause.nanoseconds
        return
      }
      if now.ticks < end { return }
    }
    wavePauseEnd = nil
    wave += 1
    isFreshExhausted = false
  }

  mutating func finishIfDone() {
    if counts.unfinished == 0, slots.isEmpty {
      isFinished = true
      actions.append(.finish(.completed))
      return
    }
    guard let stop else { return }
    if slots.isEmpty || drainDeadlinePassed {
      isFinished = true
      actions.append(.finish(.stopped(stop.cause, detail: stop.detail)))
    }
  }
}

extension StopCause {
  fileprivate var isEndpointSilent: Bool { self == .endpointUnreachable || self == .neverConnected }
}
