import AutoScaling
import ChangeRun
import Dispatch

/// The workers of a run. Each is a serial queue with one change in hand: it builds that change's requests and
/// sends them. Requests are asynchronous, so no worker's thread is ever blocked.
///
/// The pool itself belongs to the run queue: `worker(for:)` and `release` are called there only.
final class WorkerPool {
  private var free: [DispatchQueue] = []
  private var assigned: [Int: DispatchQueue] = [:]
  private var made = 0

  /// The worker that has the change in hand; a free one takes it where none has.
  func worker(for number: Int) -> DispatchQueue {
    if let worker = assigned[number] { return worker }
    let worker = free.popLast() ?? make()
    assigned[number] = worker
    return worker
  }

  /// The change is out of hand.
  func release(_ number: Int) {
    guard let worker = assigned.removeValue(forKey: number) else { return }
    free.append(worker)
  }

  private func make() -> DispatchQueue {
    made += 1
    return DispatchQueue(label: "fleetplan.worker.\(made)")
  }
}
