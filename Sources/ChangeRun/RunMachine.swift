import AutoScaling
import DequeModule

/// The life of a run: events come in, actions go out.
///
/// A value without clock, threads and random numbers of its own: time is an argument of every event, and jitter
/// comes from a seeded generator. So a run with its crashes can be played thousands of times, and again exactly.
///
/// What is durable is in the ledger; the machine remembers the changes in flight and a short look-ahead.
/// - `RunMachine+Dispatch`: which request leaves next.
/// - `RunMachine+Reads`, `RunMachine+Answers`: what reads and answers mean for a change.
/// - `RunMachine+Transitions`: the ledger rows of each transition.
/// - `RunMachine+Tokens`: what tokens and refused credentials mean for the run.
/// - `RunMachine+Stopping`: thresholds, waves, drains, the end.
package struct RunMachine: Sendable {
  /// Claimed changes that are held ready beyond those in flight.
  static let lookahead = 512
  static let claimSize = 256

  package internal(set) var options: RunOptions
  package internal(set) var counts: RunCounts
  package internal(set) var requests: RequestCounts
  /// Instances that changes of this run take away, those included that may have been applied or are being sent.
  package internal(set) var instancesRemoved: Int
  /// Changes that ended `failed` in this session.
  package internal(set) var failures = 0

  var generator: SplitMix64
  var pacer: Pacer
  var pollPacer: Pacer
  var throttle: Throttle
  var health = EndpointHealth()
  var tokens: TokenBook
  var latency = LatencyEstimate()
  /// The change whose request was the last to bring no answer, as long as nothing has answered since.
  var outageSuspect: Int?
  /// What the last request that brought no answer has met.
  var silence = ""
  /// Changes for which that has turned out to be no outage: it costs them an attempt when they are taken up again.
  var charges: Set<Int> = []

  /// Changes in hand, by number.
  var slots: [Int: ActiveChange] = [:]
  /// In hand and ready for their PUT.
  var putQueue: Deque<Int> = []
  /// In hand and to be read once more before they are decided.
  var settleQueue: Deque<Int> = []
  /// Claimed, not yet in hand.
  var freshQueue: Deque<ClaimedChange> = []
  var dueQueue: Deque<ClaimedChange> = []
  var busyQueue: Deque<ClaimedChange> = []
  /// Requests that are out.
  var requestsInFlight = 0

  /// The run is being abandoned: what is in doubt is settled by reading, and nothing is sent.
  let isAbandoning: Bool

  var isFreshExhausted = false
  var isClaimingFresh = false
  var dueClaim = DueClaim()
  var busyClaim = DueClaim()
  /// Changes that wait in the ledger, by cause.
  var waiting: [WaitCause: Int] = [:]

  var waveEnds: [Int]
  var wave = 0
  /// The next wave may begin at this tick.
  var wavePauseEnd: Int?

  var hasStarted = false
  var stop: (cause: StopCause, detail: String)?
  /// With what the run has, nothing may be sent any more, whatever it stops for.
  var areCredentialsRefused = false
  var drainDeadline: Int?
  var drainDeadlinePassed = false
  var isFailureStopDue = false
  var isFinished = false
  var startTick = 0
  /// When `--stop-after` ends the session, in ticks.
  var stopAfterTick: Int?
  /// What was counted before this session began.
  let finishedBefore: Int
  let requestsBefore: Int
  var requestedWake: Int?
  var actions: [RunAction] = []

  /// - Parameters:
  ///   - options: how the run is carried out.
  ///   - counts: as the ledger has them when the session begins.
  ///   - requests: likewise.
  ///   - instancesRemoved: likewise.
  ///   - isOrdered: the run has every change of the plan, in plan order, so waves can be counted off (not so for a
  ///     rollback, in whichever direction it goes).
  ///   - isAbandoning: only reads: `counts.total` is the number of changes in doubt, which are all that is claimed.
  ///   - isWaveConfirmed: where the session begins between two waves, what lies between them is over.
  ///   - tokens: which projects have a token already; by default none is ever fetched.
  ///   - seed: for the jitter.
  package init(
    options: RunOptions, counts: RunCounts, requests: RequestCounts = RequestCounts(), instancesRemoved: Int = 0,
    isOrdered: Bool = true, isAbandoning: Bool = false, isWaveConfirmed: Bool = true,
    tokens: TokenBook = TokenBook(), seed: UInt64
  ) {
    self.options = options
    if isAbandoning {
      // What is settled has ended: there is nothing to be read back, and nobody to be asked about the next wave.
      self.options.verify = false
      self.options.waitStable = nil
      self.options.waves = nil
    }
    self.counts = counts
    self.requests = requests
    self.instancesRemoved = instancesRemoved
    finishedBefore = counts.finished
    requestsBefore = requests.gets + requests.puts
    self.isAbandoning = isAbandoning
    self.tokens = tokens
    isFreshExhausted = isAbandoning
    generator = SplitMix64(seed: seed)
    pacer = Pacer(rate: options.rate)
    pollPacer = Pacer(rate: options.rate / 5)
    throttle = Throttle(rate: options.rate)
    let ends = isOrdered ? self.options.waves?.ends(total: counts.total) ?? [counts.total] : [Int.max]
    waveEnds = ends.isEmpty ? [counts.total] : ends
    wave = waveEnds.firstIndex { $0 > counts.finished } ?? max(waveEnds.count - 1, 0)
    if !isWaveConfirmed, wave > 0, waveEnds[wave - 1] == counts.finished { wave -= 1 }
  }

  /// Takes one event.
  ///
  /// - Parameters:
  ///   - event: what happened.
  ///   - now: when; never earlier than at the event before.
  /// - Returns: what is to be done, in this order.
  package mutating func handle(_ event: RunEvent, at now: RunMoment) -> [RunAction] {
    precondition(hasStarted || event.isStart, "the first event of a run is `started`")
    if !isFinished {
      take(event, now)
      proceed(now)
    }
    defer { actions.removeAll(keepingCapacity: true) }
    return actions
  }

  private mutating func take(_ event: RunEvent, _ now: RunMoment) {
    switch event {
    case .started(let waiting):
      hasStarted = true
      startTick = now.ticks
      self.waiting = waiting
      if let duration = options.stopAfter { stopAfterTick = now.ticks + duration.nanoseconds }
    case .claimed(let answer): claimed(answer, now)
    case .readReturned(let number, let result, let timing): readReturned(number, result, timing, now)
    case .recordDurable(let number): recordDurable(number, now)
    case .answerReceived(let number, let result, let timing): answerReceived(number, result, timing, now)
    case .tokenReturned(let project, let result): tokenReturned(project, result, now)
    case .headWritten: pacer.headWritten(now: now.ticks)
    case .timerFired: requestedWake = nil
    case .released:
      waiting[.prompt, default: 0] += 1
      dueClaim.waits(until: now.wall)
    case .stopRequested(let cause): requestStop(cause, detail: "", now)
    case .tuned(let rate, let concurrency):
      if let rate {
        options.rate = rate
        throttle.setRate(rate)
      }
      if let concurrency { options.concurrency = concurrency }
    }
  }

  /// Changes that have ended in this session: failures are judged against them.
  var finishedThisSession: Int { counts.finished - finishedBefore }
  var requestsThisSession: Int { requests.gets + requests.puts - requestsBefore }

  // MARK: What others see

  /// How many changes may be in hand at once.
  package var concurrency: Int {
    if let fixed = options.concurrency { return fixed }
    let bounds = RunOptions.automaticConcurrency
    guard throttle.effective > 0 else { return 64 }
    return min(max(latency.slotsNeeded(rate: throttle.effective), bounds.lowerBound), bounds.upperBound)
  }

  /// Whether the change is being worked on.
  package func isInHand(_ number: Int) -> Bool { slots[number] != nil }

  /// Whether grants are paced, so that `headWritten` events are needed.
  package var isPaced: Bool { !pacer.isUnlimited }

  package func progress(at now: RunMoment) -> RunProgress {
    RunProgress(
      counts: counts, requests: requests, inFlight: slots.count, waiting: waiting, rate: options.rate,
      effectiveRate: throttle.effective, concurrency: concurrency, throttled: throttle.count, hold: hold(now),
      pauseAhead: options.pauseAhead(finished: counts.finished, total: counts.total))
  }

  private func hold(_ now: RunMoment) -> HoldReason {
    if let stop { return .stopping(stop.cause) }
    if let since = health.unreachableSince {
      return .endpointUnreachable(seconds: (now.ticks - since) / 1_000_000_000, reason: silence)
    }
    if tokens.isWaiting, requestsInFlight <= 1 { return .token }
    if let end = wavePauseEnd { return .wavePause(seconds: max(end - now.ticks, 0) / 1_000_000_000) }
    if throttle.isActive { return .throttled(throttle.effective) }
    if slots.isEmpty, freshQueue.isEmpty, waiting.values.contains(where: { $0 > 0 }) { return .waiting }
    return options.rate > 0 ? .rate(options.rate) : .nothing
  }
}

extension RunEvent {
  fileprivate var isStart: Bool {
    if case .started = self { true } else { false }
  }
}

/// A change in hand.
struct ActiveChange: Sendable {
  enum Phase: Sendable, Hashable {
    /// A GET is on the way. → recording, settling, or out of hand
    case reading(ReadPurpose)
    /// Its record and intent are on the way to the disk. → readyToSend
    case recording
    /// Recorded; waits for its turn. → sending
    case readyToSend
    /// A PUT is on the way. → settling, or out of hand
    case sending
    /// Waits for its turn to be read once more. → reading
    case settling(ReadPurpose)
  }

  /// What a read is to decide.
  enum ReadPurpose: Sendable, Hashable {
    case assess
    /// After AS.2030 and AS.2033: scaling, or refused for good?
    case isScaling(ServiceFailure)
    /// After AS.2028: is the number the planned one?
    case sameNumber(ServiceFailure)
  }

  var change: ClaimedChange
  var row: ChangeRow
  var record: PriorRecord?
  var phase: Phase
  /// The fields of the next PUT.
  var body = GroupModification()
  /// Fields that this attempt leaves out (after AS.2028).
  var omitted: Set<GroupField> = []
  /// When its intent was written down, in ticks.
  var recordedTick = 0
  /// Of the token that its last request has carried.
  var tokenGeneration = 0
  /// What it counts for in `RunMachine.instancesRemoved`.
  var removedCounted: Int
  /// Requests that have ended and go into the ledger with the next transition.
  var unsavedEntries: [AttemptEntry] = []

  init(change: ClaimedChange, row: ChangeRow, phase: Phase) {
    self.change = change
    self.row = row
    record = change.record
    self.phase = phase
    removedCounted = change.row.instancesRemoved
  }
}

/// Claiming of one kind of waiting changes.
struct DueClaim: Sendable {
  var isClaiming = false
  /// When the next one is due, as far as it is known, in wall milliseconds. In the beginning: ask.
  var nextDueAt: Int? = 0

  mutating func waits(until dueAt: Int) { nextDueAt = min(nextDueAt ?? dueAt, dueAt) }
}

/// How long a request takes, as an exponentially weighted mean.
struct LatencyEstimate: Sendable {
  /// How long a disk may take now and then to make a record durable, in milliseconds: a slot sends nothing meanwhile.
  private static let diskStall = 40.0

  private var milliseconds = 50.0

  mutating func add(_ duration: Int) { milliseconds += (Double(duration) - milliseconds) * 0.1 }

  /// Little's law, with half as much again for the spread.
  func slotsNeeded(rate: Double) -> Int {
    Int(min(rate * (milliseconds + Self.diskStall) / 1_000 * 1.5, 10_000).rounded(.up))
  }
}
