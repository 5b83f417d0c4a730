import DequeModule
import Dispatch
import Synchronization

/// Where events of a run come in, from any thread, to be taken by the one queue that owns the run.
///
/// However many come while the owner is busy, it is woken once and takes them all, in order.
final class EventMailbox<Event: Sendable>: Sendable {
  private let events = Mutex<Deque<Event>>([])
  /// Unsafe only to the compiler: dispatch sources are thread-safe, their protocol does not say so.
  private nonisolated(unsafe) let wake: any DispatchSourceUserDataAdd

  /// - Parameters:
  ///   - owner: a serial queue.
  ///   - handle: gets what has come in, on that queue.
  init(owner: DispatchQueue, handle: @escaping @Sendable (Deque<Event>) -> Void) {
    wake = DispatchSource.makeUserDataAddSource(queue: owner)
    wake.setEventHandler { @Sendable [weak self] in
      guard let self else { return }
      let taken = events.withLock { events in
        let taken = events
        events = []
        return taken
      }
      if !taken.isEmpty { handle(taken) }
    }
    wake.resume()
  }

  deinit { wake.cancel() }

  func post(_ event: Event) {
    events.withLock { $0.append(event) }
    wake.add(data: 1)
  }

  func post(_ several: [Event]) {
    guard !several.isEmpty else { return }
    events.withLock { $0.append(contentsOf: several) }
    wake.add(data: 1)
  }
}
