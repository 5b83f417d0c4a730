import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The HTTP client library with nothing around it: the same connections, the same GET and PUT for each change. What
/// a run takes more than this is the price of reading, deciding and writing down.
///
/// Set up as the program sets it up: one event loop, no redirects, HTTP/1.1.
final class BareLoop: Sendable {
  private let client: HTTPClient
  private let group: MultiThreadedEventLoopGroup
  private let endpoint: String
  private let rows: Int
  private let concurrency: Int

  init(endpoint: String, rows: Int, concurrency: Int) {
    self.endpoint = endpoint
    self.rows = rows
    self.concurrency = concurrency
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.httpVersion = .http1Only
    configuration.decompression = .disabled
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
    client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
  }

  /// Sends everything, and ends the connections.
  ///
  /// - Throws: the first failure.
  func run() async throws {
    let lanes = (1...concurrency).map { first in
      let promise = group.next().makePromise(of: Void.self)
      step(first, promise)
      return promise.futureResult
    }
    try await EventLoopFuture.andAllSucceed(lanes, on: group.next()).get()
    try await client.shutdown()
    try await group.shutdownGracefully()
  }

  /// One change after the other, each as far apart as there are lanes.
  private func step(_ number: Int, _ promise: EventLoopPromise<Void>) {
    guard number <= rows else { return promise.succeed() }
    send(.GET, number, promise) { [self] in
      send(.PUT, number, promise) { [self] in step(number + concurrency, promise) }
    }
  }

  private func send(
    _ method: HTTPMethod, _ number: Int, _ promise: EventLoopPromise<Void>, then next: @escaping @Sendable () -> Void
  ) {
    do {
      var headers = HTTPHeaders([("User-Agent", "fleetplan-bench"), ("Accept", "application/json")])
      if method == .PUT { headers.add(name: "Content-Type", value: "application/json") }
      let request = try HTTPClient.Request(
        url: BenchPlan.url(number, endpoint: endpoint), method: method, headers: headers,
        body: method == .PUT ? .byteBuffer(ByteBuffer(string: BenchPlan.body(number))) : nil)
      client.execute(request: request, deadline: .now() + .seconds(30)).whenComplete { result in
        switch result {
        case .success(let response) where response.status == .ok: next()
        case .success(let response): promise.fail(Failure(status: response.status))
        case .failure(let error): promise.fail(error)
        }
      }
    } catch {
      promise.fail(error)
    }
  }

  private struct Failure: Error {
    var status: HTTPResponseStatus
  }
}
