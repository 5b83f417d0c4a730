import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Hummingbird's HTTP/1.1 connections, each kept from its acceptance until it has been served.
///
/// A connection that was accepted just when its server is cancelled is dropped by NIO half made, and its writer ends
/// the process for that ("Deinited NIOAsyncWriter without calling finish()"). An outage must not do so: such a
/// connection is closed here, and what belongs to it stays in memory, a few kilobytes for each.
struct KeptHTTP1Channel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  /// The connections of one listener that nobody has served to their end.
  final class Connections: Sendable {
    private struct State {
      var kept: [ObjectIdentifier: Value] = [:]
      var isClosed = false
    }

    private let state = Mutex(State())

    fileprivate func add(_ value: Value) {
      let isClosed = state.withLock { state in
        state.kept[ObjectIdentifier(value.channel)] = value
        return state.isClosed
      }
      if isClosed { value.channel.close(promise: nil) }
    }

    fileprivate func remove(_ value: Value) {
      _ = state.withLock { $0.kept.removeValue(forKey: ObjectIdentifier(value.channel)) }
    }

    /// To be called when the listener has ended: closes what nobody will serve, now and later.
    func close() {
      let left = state.withLock { state in
        state.isClosed = true
        return Array(state.kept.values)
      }
      for value in left { value.channel.close(promise: nil) }
      // Never freed, see above.
      if !left.isEmpty { Self.forgotten.withLock { $0.append(self) } }
    }

    private static let forgotten = Mutex<[Connections]>([])
  }

  let base: HTTP1Channel
  let connections: Connections

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    base.setup(channel: channel, logger: logger).map { [connections] value in
      connections.add(value)
      return value
    }
  }

  func handle(value: Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
    connections.remove(value)
  }
}
