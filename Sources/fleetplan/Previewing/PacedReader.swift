import AutoScaling
import ChangeRun
import Dispatch
import Execution

/// Sends reads at a rate, and again where that may help. It is handed a `GroupReader`: it has no way to write.
///
/// @unchecked Sendable: all mutable state is touched on `queue` only.
final class PacedReader: @unchecked Sendable {
  /// How a read ended for good.
  typealias Outcome<Value: Sendable> = Result<Value, ServiceFailure>

  /// One read, with what is to be done with its answer.
  private struct Request: Sendable {
    /// Sends it once; a failure is given back, an answer goes to the one who waits for it.
    var send: @Sendable (_ headWritten: @escaping HeadWritten, _ ended: @escaping Ended) -> Void
    /// Gives the failure to the one who waits.
    var fail: @Sendable (ServiceFailure) -> Void
    var failures = 0
  }

  private typealias Ended = @Sendable (ServiceFailure?) -> Void

  private let reader: any GroupReader
  private let options: RunOptions
  private let clock: RunClock
  /// How long the first request may try to connect.
  private let connectDeadline: Duration
  private let queue = DispatchQueue(label: "fleetplan.preview.requests")
  private let timer: any DispatchSourceTimer

  private var pacer: Pacer
  private var throttle: Throttle
  private var generator: SplitMix64
  private var due: [Request] = []
  private var sent = 0
  private var firstSent: Int?
  private var firstFailure: Int?
  private var hasAnswered = false
  private var isStopped = false

  /// - Parameters:
  ///   - reader: sends the requests.
  ///   - options: rate, attempts, backoff, and how long the endpoint is waited for.
  ///   - clock: other ones only in tests.
  ///   - seed: of the jitter.
  init(
    _ reader: any GroupReader, options: RunOptions, clock: RunClock = RunClock(),
    seed: UInt64 = .random(in: .min ... .max)
  ) {
    self.reader = reader
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

  /// Asks for a page of a project's groups.
  func page(projectID: String, start: Int, limit: Int) -> PendingAnswer<Outcome<GroupPage>> {
    let query = GroupListQuery(startNumber: start, limit: limit)
    return ask { [reader] in reader.listGroups(projectID: projectID, query: query, headWritten: $0, completion: $1) }
  }

  /// Asks for one group.
  func group(_ group: GroupReference) -> PendingAnswer<Outcome<ScalingGroup>> {
    ask { [reader] in reader.readGroup(group, headWritten: $0, completion: $1) }
  }

  /// How many requests were sent, those sent again included.
  var requestCount: Int { queue.sync { sent } }

  /// Sends nothing more; what was asked for and has not come does not come any more.
  func stop() {
    queue.sync {
      isStopped = true
      due.removeAll()
    }
  }

  private func ask<Value: Sendable>(
    _ send:
      @escaping @Sendable (
        _ headWritten: @escaping HeadWritten, _ completion: @escaping @Sendable (ServiceResult<Value>) -> Void
      ) -> Void
  ) -> PendingAnswer<Outcome<Value>> {
    let answer = PendingAnswer<Outcome<Value>>()
    let request = Request { headWritten, ended in
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
      due.append(request)
      sendDue()
    }
    return answer
  }

  // MARK: On the queue

  private func sendDue() {
    while !due.isEmpty, !isStopped {
      let now = clock.now().ticks
      throttle.recover(now: now)
      pacer.setRate(throttle.effective, now: now)
      switch pacer.take(now: now) {
      case .granted: send(due.removeFirst(), now: now)
      case .wait(let tick): return timer.schedule(deadline: .now() + .nanoseconds(tick - now), leeway: .nanoseconds(0))
      case .outstanding: return
      }
    }
  }

  private func send(_ request: Request, now: Int) {
    sent += 1
    firstSent = firstSent ?? now
    request.send(
      { [weak self] in
        self?.queue.async { [weak self] in self?.headWritten() }
      },
      { [self] failure in
        queue.async { [self] in ended(request, failure) }
      })
  }

  private func headWritten() {
    pacer.headWritten(now: clock.now().ticks)
    sendDue()
  }

  private func ended(_ request: Request, _ failure: ServiceFailure?) {
    let now = clock.now().ticks
    guard let failure, !isStopped else {
      hasAnswered = true
      return
    }
    if failure.status != nil { hasAnswered = true }
    if failure.status == 429 || failure.status == 503 { throttle.refused(now: now, observed: observedRate(now)) }
    firstFailure = firstFailure ?? now
    var request = request
    request.failures += 1
    guard isTriedAgain(request, failure, now) else { return request.fail(failure) }
    let asked = Int(((failure.retryAfterSeconds ?? 0) * 1_000).rounded(.up))
    // Before the first answer it is the connection that is tried, for a few seconds only.
    let backoff = hasAnswered ? options.backoff : Backoff(base: .milliseconds(250), cap: .seconds(1))
    let wait = backoff.wait(afterFailures: request.failures, floor: asked, using: &generator)
    queue.asyncAfter(deadline: .now() + .milliseconds(wait)) { [self, request] in
      due.insert(request, at: 0)
      sendDue()
    }
  }

  private func isTriedAgain(_ request: Request, _ failure: ServiceFailure, _ now: Int) -> Bool {
    switch failure.disposition {
    case .unauthorized, .permanent, .sameNumber: return false
    case .busy, .busyIfScaling, .retryable: break
    }
    if !hasAnswered, failure.certainty == .notSent {
      return now - (firstFailure ?? now) < connectDeadline.nanoseconds
    }
    return request.failures < options.maxAttempts
  }

  private func observedRate(_ now: Int) -> Double {
    Double(sent) / max(Double(now - (firstSent ?? now)) / 1_000_000_000, 1)
  }
}
