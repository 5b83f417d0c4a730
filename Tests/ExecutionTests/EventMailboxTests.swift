import DequeModule
import Dispatch
import Synchronization
import Testing

@testable import Execution

struct EventMailboxTests {
  @Test func `events of many threads are taken by one queue, each thread's in its order`() async {
    let queue = DispatchQueue(label: "test.owner")
    let senders = 8
    let each = 2_000
    let taken = Mutex<[Int: [Int]]>([:])
    let (done, continuation) = AsyncStream<Void>.makeStream()
    let mailbox = EventMailbox<(sender: Int, number: Int)>(owner: queue) { events in
      dispatchPrecondition(condition: .onQueue(queue))
      let total = taken.withLock { taken in
        for event in events { taken[event.sender, default: []].append(event.number) }
        return taken.values.reduce(0) { $0 + $1.count }
      }
      if total == senders * each { continuation.finish() }
    }
    for sender in 0..<senders {
      DispatchQueue(label: "test.sender.\(sender)").async {
        for number in 0..<each { mailbox.post((sender, number)) }
      }
    }
    for await _ in done {}
    for sender in 0..<senders { #expect(taken.withLock { $0[sender] } == Array(0..<each)) }
  }
}
