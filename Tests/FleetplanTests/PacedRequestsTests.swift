import AutoScaling
import ChangeRun
import Execution
import Synchronization
import Testing

@testable import fleetplan

/// What refused credentials mean for commands that look (contract, section 4): the service locks a key after five bad
/// signatures, and IAM a user after some bad passwords.
@Suite(.timeLimit(.minutes(1))) struct PacedRequestsTests {
  private static let unauthorized = ServiceFailure(
    certainty: .refused, disposition: .unauthorized, status: 401, code: "APIGW.0301", message: "no")

  /// Requests whose answers come when the test says so.
  private final class Outbox: TokenFetcher {
    typealias Completion = @Sendable (ServiceResult<Int>) -> Void
    let sent = Mutex<[(name: String, completion: Completion)]>([])
    let tokens = Mutex<[String]>([])
    let tokenAnswer: @Sendable (String) -> ServiceResult<Duration>

    init(
      tokenAnswer: @escaping @Sendable (String) -> ServiceResult<Duration> = { _ in
        .success(ServiceSuccess(value: .seconds(86_400)))
      }
    ) {
      self.tokenAnswer = tokenAnswer
    }

    var names: [String] { sent.withLock { $0.map(\.name) } }

    func request(_ name: String, _ headWritten: HeadWritten, _ completion: @escaping Completion) {
      sent.withLock { $0.append((name, completion)) }
      headWritten()
    }

    func fetchToken(
      projectID: String, headWritten: @escaping HeadWritten,
      completion: @escaping @Sendable (ServiceResult<Duration>) -> Void
    ) {
      tokens.withLock { $0.append(projectID) }
      headWritten()
      completion(tokenAnswer(projectID))
    }
  }

  private static func requests(
    _ credentials: RunExecutor.Credentials = .init(), rate: Double = 0, maxAttempts: Int = 1
  ) -> PacedRequests {
    var options = RunOptions()
    options.rate = rate
    options.maxAttempts = maxAttempts
    return PacedRequests(options: options, credentials: credentials)
  }

  private static func ask(
    _ name: String, project: String = "p", _ requests: PacedRequests, _ outbox: Outbox
  ) -> PendingAnswer<PacedRequests.Outcome<Int>> {
    requests.ask(projectID: project) { outbox.request(name, $0, $1) }
  }

  private static func isRefused(_ answer: PendingAnswer<PacedRequests.Outcome<Int>>) async -> Bool {
    if case .failure(let failure) = await answer.value { failure.disposition == .unauthorized } else { false }
  }

  @Test func `after a refused signature nothing leaves any more, and whoever waits hears why`() async {
    let outbox = Outbox()
    // One a second: the second and third still wait when the first is answered.
    let requests = Self.requests(rate: 1)
    let answers = ["a", "b", "c"].map { Self.ask($0, requests, outbox) }
    #expect(requests.requestCount == 1)
    outbox.sent.withLock { $0[0] }.completion(.failure(Self.unauthorized))
    for answer in answers { #expect(await Self.isRefused(answer)) }
    #expect(await Self.isRefused(Self.ask("d", requests, outbox)), "nor does what is asked for later")
    #expect(outbox.names == ["a"])
  }

  @Test func `a password that IAM refuses is sent once, whatever number of projects waits`() async {
    let outbox = Outbox { _ in .failure(Self.unauthorized) }
    let requests = Self.requests(RunExecutor.Credentials(fetcher: outbox, leases: [:]))
    let answers = ["p", "q", "r"].map { Self.ask($0, project: $0, requests, outbox) }
    for answer in answers { #expect(await Self.isRefused(answer)) }
    #expect(outbox.tokens.withLock { $0 } == ["p"])
    #expect(outbox.names.isEmpty)
  }

  @Test func `a project that IAM gives no token for is no obstacle to the others`() async {
    let outbox = Outbox { project in
      if project == "q" { return .success(ServiceSuccess(value: .seconds(86_400))) }
      return .failure(
        ServiceFailure(certainty: .refused, disposition: .permanent, status: 404, code: nil, message: "no project"))
    }
    let requests = Self.requests(RunExecutor.Credentials(fetcher: outbox, leases: [:]))
    let first = Self.ask("a", project: "p", requests, outbox)
    let second = Self.ask("b", project: "q", requests, outbox)
    guard case .failure = await first.value else {
      Issue.record("there is no token for the first")
      return
    }
    while outbox.names.isEmpty { await Task.yield() }
    outbox.sent.withLock { $0[0] }.completion(.success(ServiceSuccess(value: 1)))
    guard case .success = await second.value else {
      Issue.record("the second project has a token")
      return
    }
  }

  @Test func `a token that was answered with an error of the request's own has served, and is renewed after a 401`()
    async
  {
    let outbox = Outbox()
    let requests = Self.requests(RunExecutor.Credentials(fetcher: outbox, leases: [:]))
    let missing = Self.ask("a", requests, outbox)
    while outbox.names.count < 1 { await Task.yield() }
    outbox.sent.withLock { $0[0] }.completion(
      .failure(ServiceFailure(certainty: .refused, disposition: .permanent, status: 404, code: nil, message: "none")))
    _ = await missing.value
    let later = Self.ask("b", requests, outbox)
    while outbox.names.count < 2 { await Task.yield() }
    outbox.sent.withLock { $0[1] }.completion(.failure(Self.unauthorized))
    while outbox.names.count < 3 { await Task.yield() }
    outbox.sent.withLock { $0[2] }.completion(.success(ServiceSuccess(value: 1)))
    guard case .success(1) = await later.value else {
      Issue.record("it was to be renewed")
      return
    }
    #expect(outbox.tokens.withLock { $0 } == ["p", "p"])
  }
}
