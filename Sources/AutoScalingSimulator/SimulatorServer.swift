import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The simulated service over HTTP/1.1, on loopback only.
package final class SimulatorServer: Sendable {
  /// A socket that listens, and the task that serves it.
  private struct Listener {
    var port: Int
    var connections: KeptHTTP1Channel.Connections
    var task: Task<Void, any Error>
  }

  private struct State {
    var listener: Listener?
    var outages: Task<Void, Never>?
    var isStopped = false
    /// Why it serves no more, though nobody stopped it.
    var failure: (any Error)?
    var waiters: [CheckedContinuation<Void, any Error>] = []
  }

  /// The service behind it: look at its state or interfere.
  package let cloud: SimulatedCloud
  /// `http://127.0.0.1:PORT`, without a slash at the end.
  package let endpoint: String
  private let responder: SimulatorResponder
  private let port: Int
  private let reservation: PortReservation
  private let state = Mutex(State())

  private init(
    cloud: SimulatedCloud, responder: SimulatorResponder, reservation: PortReservation, listener: Listener
  ) {
    self.cloud = cloud
    self.reservation = reservation
    self.responder = responder
    port = listener.port
    endpoint = "http://127.0.0.1:\(listener.port)"
    state.withLock { $0.listener = listener }
  }

  /// Makes the groups and listens; time counts from here.
  ///
  /// - Throws: `JournalError`, `PortReservation.Failure`, or the socket's error where it cannot listen.
  package static func start(_ options: SimulatorOptions) async throws -> SimulatorServer {
    let cloud = try SimulatedCloud(options: options)
    let responder = SimulatorResponder(cloud: cloud)
    let reservation = try PortReservation(options.port)
    let listener = try await listen(on: reservation.port, responder)
    let server = SimulatorServer(
      cloud: cloud, responder: responder, reservation: reservation, listener: listener)
    server.watch(listener)
    server.scheduleOutages()
    return server
  }

  /// Time since the start: what `cloud` wants to be told.
  package var now: Duration { responder.now }

  /// The ids of the projects.
  package var projects: [String] { cloud.projects }

  /// Closes all connections and listens no more. A second call does nothing.
  package func stop() async {
    let (listener, outages) = state.withLock { state in
      defer {
        state.isStopped = true
        state.listener = nil
        state.outages = nil
      }
      return (state.listener, state.outages)
    }
    outages?.cancel()
    await close(listener)
    finish(nil)
  }

  /// Returns when the server was stopped.
  ///
  /// - Throws: what has ended it otherwise.
  package func waitUntilStopped() async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      let outcome: Result<Void, any Error>? = state.withLock { state in
        if let failure = state.failure { return .failure(failure) }
        if state.isStopped, state.listener == nil { return .success(()) }
        state.waiters.append(continuation)
        return nil
      }
      if let outcome { continuation.resume(with: outcome) }
    }
  }

  /// Begins an outage: closes all connections and refuses new ones until `resume`.
  package func suspend() async {
    let listener = state.withLock { state in
      defer { state.listener = nil }
      return state.listener
    }
    await close(listener)
  }

  /// Ends an outage: listens on the same port again.
  ///
  /// - Throws: the socket's error, where somebody else has taken the port.
  package func resume() async throws {
    let isWanted = state.withLock { !$0.isStopped && $0.listener == nil }
    guard isWanted else { return }
    let listener = try await Self.listen(on: port, responder)
    let isKept = state.withLock { state in
      guard !state.isStopped, state.listener == nil else { return false }
      state.listener = listener
      return true
    }
    if isKept { watch(listener) } else { await close(listener) }
  }

  // MARK: Listening

  private static func listen(on port: Int, _ responder: SimulatorResponder) async throws -> Listener {
    let connections = KeptHTTP1Channel.Connections()
    let (ports, bound) = AsyncThrowingStream<Int, any Error>.makeStream()
    let application = Application(
      responder: responder,
      server: HTTPServerBuilder { [start = responder.start] responder in
        KeptHTTP1Channel(
          base: HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(additionalChannelHandlers: [ReceiptStamp(start: start)])),
          connections: connections)
      },
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port), backlog: 1024),
      onServerRunning: { channel in
        if let port = channel.localAddress?.port { bound.yield(port) }
        bound.finish()
      },
      // A cut connection is what the simulator is for, not something to log.
      logger: Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() })
    let task = Task {
      do {
        try await application.run()
        bound.finish()
      } catch {
        bound.finish(throwing: error)
        throw error
      }
    }
    for try await port in ports { return Listener(port: port, connections: connections, task: task) }
    // It ended without an error and without having listened: cancelled.
    throw CancellationError()
  }

  private func close(_ listener: Listener?) async {
    listener?.task.cancel()
    // However it ends: it was told to.
    _ = await listener?.task.result
    listener?.connections.close()
  }

  /// Notices that a listener ends by itself.
  private func watch(_ listener: Listener) {
    Task {
      let result = await listener.task.result
      let isCurrent = state.withLock { $0.listener?.port == listener.port && $0.listener?.task == listener.task }
      guard isCurrent, case .failure(let error) = result else { return }
      finish(error)
    }
  }

  private func finish(_ failure: (any Error)?) {
    let waiters = state.withLock { state in
      state.failure = state.failure ?? failure
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters {
      if let failure { waiter.resume(throwing: failure) } else { waiter.resume() }
    }
  }

  private func scheduleOutages() {
    let outages = cloud.outages.sorted { $0.lowerBound < $1.lowerBound }
    if outages.isEmpty { return }
    let task = Task {
      do {
        for outage in outages {
          try await Task.sleep(for: outage.lowerBound - now)
          await suspend()
          try await Task.sleep(for: outage.upperBound - now)
          try await resume()
        }
      } catch is CancellationError {
        // The server was stopped.
      } catch {
        finish(error)
      }
    }
    state.withLock { $0.outages = task }
  }
}
