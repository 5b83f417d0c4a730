import Dispatch
import Synchronization

/// Hands batches from one thread to another, in order; whoever is ahead waits.
///
/// The receiver must `drain` in the end, also after a failure of its own: the other thread may be waiting.
final class BatchHandOver<Batch: Sendable>: Sendable {
  private struct State {
    var batches: [Batch?] = []
    var failure: (any Error)?
    /// The receiver has been given `nil`.
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let room: DispatchSemaphore
  private let filled = DispatchSemaphore(value: 0)

  /// - Parameter capacity: how many batches may lie between the two; at least 1.
  init(capacity: Int) { room = DispatchSemaphore(value: capacity) }

  /// Hands a batch over.
  ///
  /// - Throws: the receiver's failure.
  func put(_ batch: Batch) throws {
    if let failure = state.withLock({ $0.failure }) { throw failure }
    room.wait()
    state.withLock { $0.batches.append(batch) }
    filled.signal()
  }

  /// Says that there are no more batches.
  func finish() {
    state.withLock { $0.batches.append(nil) }
    filled.signal()
  }

  /// The next batch.
  ///
  /// - Parameter deadline: how long to wait for it.
  /// - Returns: `nil`: there are no more, or, where `hasEnded` is `false`, none came in time.
  func take(until deadline: DispatchTime = .distantFuture) -> Batch? {
    if hasEnded { return nil }
    guard filled.wait(timeout: deadline) == .success else { return nil }
    let batch = state.withLock { state in
      let batch = state.batches.removeFirst()
      state.hasEnded = batch == nil
      return batch
    }
    if batch != nil { room.signal() }
    return batch
  }

  /// Whether the receiver has been told that there are no more.
  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// Takes what is left, for nothing.
  func drain() {
    while take() != nil {}
  }

  /// The receiver cannot go on.
  func fail(_ error: any Error) {
    state.withLock { $0.failure = $0.failure ?? error }
  }
}
