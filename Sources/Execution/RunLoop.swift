import AutoScaling
import ChangeRun
import DequeModule
import Dispatch
import Ledger

/// The run's queue: events in, actions carried out.
///
/// @unchecked Sendable: all mutable state is touched on `queue` only; what other threads do is `post`.
final class RunLoop: @unchecked Sendable {
  private let queue: DispatchQueue
  private let clock: RunClock
  private let modifier: any GroupModifier
  private let tokenFetcher: (any TokenFetcher)?
  private let observers: RunExecutor.Observers
  private let waiting: [WaitCause: Int]
  private let writer: LedgerWriter
  private let runID: Int
  private let elapsedBefore: Int

  private var machine: RunMachine
  private let workers = WorkerPool()
  private let startMoment: RunMoment
  private var completion: (@Sendable (RunExecutor.Outcome) -> Void)?
  private var ending: RunEnding?
  private var ledgerError: (any Error)?
  private var facts: [RunFact] = []
  private var claims: [(kind: ClaimKind, limit: Int)] = []
  // Made in two steps: they call back into this object.
  private var mailbox: EventMailbox<RunEvent>?
  private var store: RunStore?
  private var timer: (any DispatchSourceTimer)?
  private var housekeeping: RunHousekeeping?

  init(
    _ start: RunStart, writer: LedgerWriter, modifier: any GroupModifier, credentials: RunExecutor.Credentials,
    clock: RunClock, seed: UInt64, observers: RunExecutor.Observers, queue: DispatchQueue
  ) throws {
    self.queue = queue
    self.clock = clock
    self.modifier = modifier
    tokenFetcher = credentials.fetcher
    self.observers = observers
    self.writer = writer
    waiting = start.waiting
    runID = start.run.id
    elapsedBefore = start.elapsedBefore
    startMoment = clock.now()
    var counts = start.counts
    if start.run.isAbandoning { counts = RunCounts(total: start.waiting.values.reduce(0, +)) }
    machine = RunMachine(
      options: start.options, counts: counts, requests: start.requests, instancesRemoved: start.instancesRemoved,
      isOrdered: !start.run.isRollback, isAbandoning: start.run.isAbandoning, isWaveConfirmed: start.isWaveConfirmed,
      tokens: TokenBook(isRenewable: credentials.fetcher != nil, leases: credentials.leases), seed: seed)
    mailbox = EventMailbox(owner: queue) { [weak self] events in self?.take(events) }
    var ended: (@Sendable (Int) -> Void)?
    if let step = observers.step { ended = { step(.outcome, $0) } }
    store = try RunStore(
      writer: writer, run: start.run, deliver: { [weak self] events in self?.mailbox?.post(events) },
      ended: ended,
      failed: { [weak self] error in self?.reportLedgerFailure(error) })
  }

  func post(_ event: RunEvent) { mailbox?.post(event) }

  private func reportLedgerFailure(_ error: any Error) {
    queue.async { [self] in ledgerFailed(error) }
  }

  // MARK: On the queue

  func begin(_ completion: @escaping @Sendable (RunExecutor.Outcome) -> Void) {
    self.completion = completion
    let timer = DispatchSource.makeTimerSource(flags: .strict, queue: queue)
    timer.setEventHandler { @Sendable [weak self] in self?.take([.timerFired]) }
    timer.resume()
    self.timer = timer
    if let store {
      housekeeping = RunHousekeeping(
        runID: runID, store: store, writer: writer, queue: queue,
        observe: { [weak self] in self?.observe() },
        sample: { [weak self] in self?.sample() },
        tuned: { [weak self] rate, concurrency in self?.post(.tuned(rate: rate, concurrency: concurrency)) },
        failed: { [weak self] error in self?.reportLedgerFailure(error) })
    }
    take([.started(waiting: waiting)])
  }

  private func take(_ events: Deque<RunEvent>) {
    for event in events where ending == nil {
      announce(event)
      let finished = event.number
      for action in machine.handle(event, at: clock.now()) { perform(action) }
      if let finished, !machine.isInHand(finished) { workers.release(finished) }
    }
    submit()
    if ending != nil { finish() }
  }

  private func perform(_ action: RunAction) {
    switch action {
    case .claim(let kind, let limit): claims.append((kind, limit))
    case .save(let fact): facts.append(fact)
    case .read(let number, let group): read(number, group)
    case .send(let number, let group, let fields): send(number, group, fields)
    case .fetchToken(let projectID): fetchToken(projectID)
    case .wake(let tick):
      let delay = max(tick - clock.now().ticks, 0)
      timer?.schedule(deadline: .now() + .nanoseconds(delay), leeway: .nanoseconds(0))
    case .finish(let ending): self.ending = ending
    }
  }

  private func submit() {
    guard !facts.isEmpty || !claims.isEmpty else { return }
    store?.submit(facts, claims: claims, now: clock.now().wall, totals: totals)
    facts.removeAll(keepingCapacity: true)
    claims.removeAll(keepingCapacity: true)
  }

  private var totals: RunStore.Totals {
    RunStore.Totals(
      requests: machine.requests, instancesRemoved: machine.instancesRemoved, sessionElapsed: elapsed)
  }

  private var elapsed: Int { (clock.now().ticks - startMoment.ticks) / 1_000_000 }

  // MARK: Requests

  private func read(_ number: Int, _ group: GroupReference) {
    observers.step?(.claimed, number)
    let headWritten = headWrittenEvent(nil)
    workers.worker(for: number).async { [self] in
      let sent = clock.now()
      modifier.readGroup(group, headWritten: headWritten) { [self] result in
        post(.readReturned(number: number, result, Self.timing(sent, clock.now())))
      }
    }
  }

  private func send(_ number: Int, _ group: GroupReference, _ fields: GroupModification) {
    var announcement: HeadWritten?
    if let step = observers.step { announcement = { step(.headWritten, number) } }
    let headWritten = headWrittenEvent(announcement)
    workers.worker(for: number).async { [self] in
      let body = Array(fields.json.utf8)
      let sent = clock.now()
      modifier.modifyGroup(group, body: body, headWritten: headWritten) { [self] result in
        post(.answerReceived(number: number, result, Self.timing(sent, clock.now())))
      }
    }
  }

  private func fetchToken(_ projectID: String) {
    guard let tokenFetcher else { preconditionFailure("a token is fetched only where there is a fetcher") }
    let sent = clock.now().ticks
    tokenFetcher.fetchToken(projectID: projectID, headWritten: headWrittenEvent(nil)) { [self] result in
      let lease = result.map { TokenLease(issuedAt: sent, expiresAt: sent + $0.value.nanoseconds) }
      post(.tokenReturned(projectID: projectID, lease))
    }
  }

  /// The pacer waits for it; an unlimited run need not be told.
  private func headWrittenEvent(_ step: HeadWritten?) -> HeadWritten {
    if machine.isPaced {
      return { [weak self] in
        step?()
        self?.post(.headWritten)
      }
    }
    return step ?? {}
  }

  private static func timing(_ sent: RunMoment, _ ended: RunMoment) -> RequestTiming {
    RequestTiming(sentAt: sent.wall, duration: (ended.ticks - sent.ticks) / 1_000_000)
  }

  // MARK: Watching

  private func observe() { observers.progress?(machine.progress(at: clock.now())) }

  private func sample() {
    let progress = machine.progress(at: clock.now())
    let moment = clock.now()
    let (runID, elapsed) = (runID, elapsedBefore + elapsed)
    store?.submit { try RunSampleEntry(progress, runID: runID, sampledAt: moment.wall, elapsed: elapsed).insert($0) }
  }

  private func announce(_ event: RunEvent) {
    guard let step = observers.step else { return }
    switch event {
    case .recordDurable(let number): step(.recorded, number)
    case .answerReceived(let number, _, _): step(.answered, number)
    default: break
    }
  }

  // MARK: The end

  /// Nothing more can be written down, so nothing more may be sent: what is in flight is in doubt.
  private func ledgerFailed(_ error: any Error) {
    // Also what was handed over last, after the run had come to its end, must have been written.
    ledgerError = ledgerError ?? error
    guard ending == nil else { return }
    ending = .stopped(.ledger, detail: "\(error)")
    finish()
  }

  private func finish() {
    guard let completion else { return }
    self.completion = nil
    timer?.cancel()
    housekeeping?.stop()
    if ledgerError == nil { sample() }
    let (progress, elapsed) = (machine.progress(at: clock.now()), elapsed)
    guard let store, let ending else { return }
    store.close { [self] in
      let commits = store.commits
      queue.async { [self] in
        // The last facts may be the ones that could not be written.
        let ending = ledgerError.map { RunEnding.stopped(.ledger, detail: "\($0)") } ?? ending
        completion(
          RunExecutor.Outcome(
            ending: ending, progress: progress, elapsed: elapsed, commits: commits, ledgerError: ledgerError))
      }
    }
  }
}

extension RunEvent {
  /// The change that the event is about.
  fileprivate var number: Int? {
    switch self {
    case .readReturned(let number, _, _), .recordDurable(let number), .answerReceived(let number, _, _): number
    case .started, .claimed, .tokenReturned, .headWritten, .timerFired, .released, .stopRequested, .tuned: nil
    }
  }
}
