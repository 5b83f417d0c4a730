import Synchronization

/// An answer on its way from the callback that brings it to the one who waits for it.
final class PendingAnswer<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case awaited(CheckedContinuation<Value, Never>)
    case arrived(Value)
  }

  private let state = Mutex(State.empty)

  /// To be called once.
  func arrive(_ value: Value) {
    let waiter: CheckedContinuation<Value, Never>? = state.withLock { state in
      guard case .awaited(let waiter) = state else {
        state = .arrived(value)
        return nil
      }
      state = .arrived(value)
      return waiter
    }
    waiter?.resume(returning: value)
  }

  /// The answer, once it is there; for one who waits.
  var value: Value {
    get async {
      await withCheckedContinuation { continuation in
        let value: Value? = state.withLock { state in
          if case .arrived(let value) = state { return value }
          state = .awaited(continuation)
          return nil
        }
        if let value { continuation.resume(returning: value) }
      }
    }
  }
}
