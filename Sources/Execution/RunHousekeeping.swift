import Dispatch
import Ledger

/// What has to be done now and then while a run goes on: progress, samples, `tune`, the WAL, the ledger's place.
final class RunHousekeeping {
  private static let progressInterval = DispatchTimeInterval.milliseconds(100)
  private static let sampleInterval = DispatchTimeInterval.seconds(10)
  /// `tune` takes effect within a second.
  private static let lookInterval = DispatchTimeInterval.milliseconds(500)

  private let timers: [any DispatchSourceTimer]

  /// - Parameters:
  ///   - runID: the run that goes on.
  ///   - store: what looks for `tune` in its transactions.
  ///   - writer: the ledger whose WAL and place are looked after.
  ///   - queue: the run's; `observe` and `sample` are called on it.
  ///   - observe: called ten times a second.
  ///   - sample: called every ten seconds.
  ///   - tuned: gets what `tune` asks for, within a second.
  ///   - failed: the ledger was replaced, or its WAL cannot be moved.
  init(
    runID: Int, store: RunStore, writer: LedgerWriter, queue: DispatchQueue, observe: @escaping @Sendable () -> Void,
    sample: @escaping @Sendable () -> Void, tuned: @escaping @Sendable (Double?, Int?) -> Void,
    failed: @escaping @Sendable (any Error) -> Void
  ) {
    let tuning = TuningWatch(runID: runID)
    // The first look only notes what was asked of earlier sessions.
    store.submit { _ = try tuning.next($0) }
    let aside = DispatchQueue(label: "fleetplan.housekeeping")
    timers = [
      Self.timer(Self.progressInterval, on: queue, observe),
      Self.timer(Self.sampleInterval, on: queue, sample),
      Self.timer(Self.lookInterval, on: aside) {
        do {
          try writer.assertInPlace()
          try writer.checkpointPassively()
        } catch {
          failed(error)
        }
        store.submit { database in
          if let request = try tuning.next(database) { tuned(request.rate, request.concurrency) }
        }
      },
    ]
  }

  func stop() {
    for timer in timers { timer.cancel() }
  }

  private static func timer(
    _ interval: DispatchTimeInterval, on queue: DispatchQueue, _ action: @escaping @Sendable () -> Void
  ) -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(20))
    timer.setEventHandler { @Sendable in action() }
    timer.resume()
    return timer
  }
}
