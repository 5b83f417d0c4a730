import AutoScaling
import ChangeRun
import Dispatch
import Execution

/// Sends requests at a rate, with a token for their project, and again where that may help: what looks are made of.
///
/// @unchecked Sendable: all mutable state is touched on `queue` only.
final class PacedRequests: @unchecked Sendable {
  /// How a request ended for good.
  typealias Outcome<Value: Sendable> = Result<Value, ServiceFailure>

  /// One request, with what is to be done with its answer.
  private struct Request: Sendable {
    /// Whose token it carries; `nil` for none.
    var projectID: String?
    var tokenGeneration = 0
    /// Sends it once; a failure is given back, an answer goes to the one who waits for it.
    var send: @Sendable (_ headWritten: @escaping HeadWritten, _ ended: @escaping Ended) -> Void
    /// Gives the failure to the one who waits.
    var fail: @Sendable (ServiceFailure) -> Void
    var failures = 0
  }

  private typealias Ended = @Sendable (ServiceFailure?) -> Void

  private let tokenFetcher: (any TokenFetcher)?
  private let options: RunOptions
  private let clock: RunClock
  /// How long the first request may try to connect.
  private let connectDeadline: Duration
  private let queue = DispatchQueue(label: "fleetplan.preview.requests")
  private let timer: any DispatchSourceTimer

  private var pacer: Pacer
  private var throttle: Throttle
  private var tokens: TokenBook
  private var generator: SplitMix64
  private var due: [Request] = []
  private var sent = 0
  private var firstSent: Int?
  private var lastSent: Int?
  private var firstFailure: Int?
  private var hasAnswered = false
  private var isStopped = false
  private var tokenFailures = 0
  /// The credentials were refused for good: every further request could lock the key, or the user.
  private var refusal: ServiceFailure?

  /// - Parameters:
  ///   - options: rate, attempts, backoff, and how long the endpoint is waited for.
  ///   - credentials: where the tokens of requests come from.
  ///   - clock: other ones only in tests.
  ///   - seed: of the jitter.
  init(
    options: RunOptions, credentials: RunExecutor.Credentials = .init(), clock: RunClock = RunClock(),
    seed: UInt64 = .random(in: .min ... .max)
  ) {
    tokenFetcher = credentials.fetcher
    tokens = TokenBook(isRenewable: credentials.fetcher != nil, leases: credentials.leases)
    self.options = options
    self.clock = clock
    connectDeadline = min(options.waitEndpoint, RunOptions.firstConnectDeadline)
    pacer = Pacer(rate: options.rate)
    throttle = Throttle(rate: options.rate)
    generator = SplitMix64(seed: seed)
    timer = DispatchSource.makeTimerSource(flags: .strict, queue: queue)
    timer.setEventHandler { @Sendable [weak self] in self?.sendDue() }
    timer.resume()
  }

  deinit { timer.cancel() }

  /// How many requests were sent, those sent again included.
  var requestCount: Int { queue.sync { sent } }

  /// When the next request may leave after these, so that both together keep the rate: ticks.
  var nextDue: Int {
    queue.sync { lastSent.map { options.rate > 0 ? $0 + Int(1_000_000_000 / options.rate) : $0 } ?? 0 }
  }

  /// Sends nothing more; what was asked for and has not come does not come any more.
  func stop() {
    queue.sync {
      isStopped = true
      due.removeAll()
    }
  }

  /// Sends a request when its turn has come.
  ///
  /// - Parameters:
  ///   - projectID: whose token it is to carry; `nil` for none.
  ///   - send: sends it once.
  /// - Returns: what will have the answer.
  func ask<Value: Sendable>(
    projectID: String? = nil,
    _ send:
      @escaping @Sendable (
        _ headWritten: @escaping HeadWritten, _ completion: @escaping @Sendable (ServiceResult<Value>) -> Void
      ) -> Void
  ) -> PendingAnswer<Outcome<Value>> {
    let answer = PendingAnswer<Outcome<Value>>()
    let request = Request(projectID: projectID) { headWritten, ended in
      send(headWritten) { result in
        switch result {
        case .success(let success):
          answer.arrive(.success(success.value))
          ended(nil)
        case .failure(let failure): ended(failure)
        }
      }
    } fail: { failure in
      answer.arrive(.failure(failure))
    }
    queue.async { [self] in
      if let refusal { return request.fail(refusal) }
      due.append(request)
      sendDue()
    }
    return answer
  }

  // MARK: On the queue

  private func sendDue() {
    while let next = due.first, !isStopped {
      let now = clock.now().ticks
      throttle.recover(now: now)
      pacer.setRate(throttle.effective, now: now)
      let need = next.projectID.map { tokens.need(of: $0, at: now) } ?? .nothing
      if case .patience(let tick) = need { return tick.map { wake(at: $0, now) } ?? () }
      switch pacer.take(now: now) {
      case .granted:
        if need == .token, let project = next.projectID {
          fetchToken(project, now)
        } else {
          send(due.removeFirst(), now: now)
        }
      case .wait(let tick): return wake(at: tick, now)
      case .outstanding: return
      }
    }
  }

  private func wake(at tick: Int, _ now: Int) {
    timer.schedule(deadline: .now() + .nanoseconds(tick - now), leeway: .nanoseconds(0))
  }

  private func countSent(_ now: Int) {
    sent += 1
    firstSent = firstSent ?? now
    lastSent = now
  }

  private func send(_ request: Request, now: Int) {
    countSent(now)
    var request = request
    if let project = request.projectID { request.tokenGeneration = tokens.generation(of: project) }
    request.send(
      { [weak self] in
        self?.queue.async { [weak self] in self?.headWritten() }
      },
      { [self, request] failure in
        queue.async { [self] in ended(request, failure) }
      })
  }

  // MARK: Tokens

  private func fetchToken(_ project: String, _ now: Int) {
    guard let tokenFetcher else { preconditionFailure("a token is needed only where there is a fetcher") }
    countSent(now)
    tokens.begin(project)
    tokenFetcher.fetchToken(
      projectID: project,
      headWritten: { [weak self] in
        self?.queue.async { [weak self] in self?.headWritten() }
      },
      completion: { [self] result in
        queue.async { [self] in tokenReturned(project, result, sentAt: now) }
      })
  }

  private func tokenReturned(_ project: String, _ result: ServiceResult<Duration>, sentAt: Int) {
    let now = clock.now().ticks
    switch result {
    case .success(let success):
      tokenFailures = 0
      tokens.issued(project, TokenLease(issuedAt: sentAt, expiresAt: sentAt + success.value.nanoseconds))
    case .failure(let failure):
      tokenFailures += 1
      tokens.failed(at: now) { wait(afterFailures: $0, failure) * 1_000_000 }
      let since = tokens.waitingSince(project, at: now) ?? now
      if !mayBeTriedAgain(failure, failures: tokenFailures, since: since, now) {
        // Whoever waits for this token hears why there is none.
        tokenFailures = 0
        if failure.disposition == .unauthorized { refuse(failure) }
        let waiting = due.filter { $0.projectID == project }
        due.removeAll { $0.projectID == project }
        for request in waiting { request.fail(failure) }
      }
    }
    sendDue()
  }

  private func headWritten() {
    pacer.headWritten(now: clock.now().ticks)
    sendDue()
  }

  private func ended(_ request: Request, _ failure: ServiceFailure?) {
    let now = clock.now().ticks
    guard let failure, !isStopped else {
      hasAnswered = true
      request.projectID.map { tokens.served($0, generation: request.tokenGeneration) }
      return
    }
    if failure.status != nil { hasAnswered = true }
    if failure.status == 429 || failure.status == 503 { throttle.refused(now: now, observed: observedRate(now)) }
    firstFailure = firstFailure ?? now
    var request = request
    if failure.disposition == .unauthorized {
      guard refusal == nil, isRenewing(request, now) else {
        request.fail(failure)
        return refuse(failure)
      }
      due.insert(request, at: 0)
      return sendDue()
    }
    if failure.status != nil { request.projectID.map { tokens.served($0, generation: request.tokenGeneration) } }
    request.failures += 1
    guard mayBeTriedAgain(failure, failures: request.failures, since: firstFailure ?? now, now) else {
      return request.fail(failure)
    }
    queue.asyncAfter(deadline: .now() + .milliseconds(wait(afterFailures: request.failures, failure))) {
      [self, request] in
      if let refusal { return request.fail(refusal) }
      due.insert(request, at: 0)
      sendDue()
    }
  }

  /// Nothing leaves any more: whoever waits hears why.
  private func refuse(_ failure: ServiceFailure) {
    refusal = refusal ?? failure
    let waiting = due
    due.removeAll()
    for request in waiting { request.fail(failure) }
  }

  private func isRenewing(_ request: Request, _ now: Int) -> Bool {
    guard let project = request.projectID else { return false }
    return tokens.refused(project, generation: request.tokenGeneration, at: now) == .renewing
  }

  /// Milliseconds until the next try.
  private func wait(afterFailures failures: Int, _ failure: ServiceFailure) -> Int {
    let asked = Int(((failure.retryAfterSeconds ?? 0) * 1_000).rounded(.up))
    // Before the first answer it is the connection that is tried, for a few seconds only.
    let backoff = hasAnswered ? options.backoff : Backoff(base: .milliseconds(250), cap: .seconds(1))
    return backoff.wait(afterFailures: failures, floor: asked, using: &generator)
  }

  private func mayBeTriedAgain(_ failure: ServiceFailure, failures: Int, since: Int, _ now: Int) -> Bool {
    switch failure.disposition {
    case .unauthorized, .permanent, .sameNumber: return false
    case .busy, .busyIfScaling, .retryable: break
    }
    if !hasAnswered, failure.certainty == .notSent { return now - since < connectDeadline.nanoseconds }
    return failures < options.maxAttempts
  }

  private func observedRate(_ now: Int) -> Double {
    Double(sent) / max(Double(now - (firstSent ?? now)) / 1_000_000_000, 1)
  }
}
