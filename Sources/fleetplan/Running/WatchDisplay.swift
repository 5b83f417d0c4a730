import ChangeRun
import Ledger
import Reports

/// What `status --watch` shows while a run goes on: on a terminal what the run itself shows on its own, elsewhere plain
/// lines or documents.
struct WatchDisplay {
  private let context: CommandContext
  private let isJSON: Bool
  private let isTerminal: Bool
  private let started = ContinuousClock.now
  private var rates: RecentRates?
  /// In seconds since 1970; the ledger knows it only of the changes that wait, of which the first may be asked again.
  private var unreachableSince: Double?
  private var block = ScreenBlock()
  private var schedule = ProgressSchedule()

  init(_ context: CommandContext, isJSON: Bool) {
    self.context = context
    self.isJSON = isJSON
    isTerminal = context.output.isTerminal && context.environment["TERM"] != "dumb"
  }

  /// Shows how far the run is.
  ///
  /// - Parameters:
  ///   - status: of a run that goes on.
  ///   - document: makes the document of `--json`.
  /// - Returns: whether anybody still reads it.
  mutating func show(_ status: RunStatus, text document: (RunStatus) throws -> String) rethrows -> Bool {
    if isJSON { return context.output.write(try document(status)) }
    let now = Double(LedgerTime.now()) / 1_000
    let progress = remembering(status.progress, now)
    // Seen once a second the pace is better known than from the ledger's samples.
    var rates = self.rates ?? status.rates
    rates.add(seconds: now, finished: progress.counts.finished, requests: progress.requests.total)
    self.rates = rates
    let text = ProgressText(progress, rates)
    if isTerminal {
      let columns = context.output.columns ?? 80
      return context.output.write(block.draw([status.title] + text.lines(columns: columns), columns: columns))
    }
    let seconds = Double((ContinuousClock.now - started).milliseconds) / 1_000
    return schedule.isDue(seconds) ? context.output.write(text.line + "\n") : true
  }

  /// The progress, with an outage that lasts from look to look told whole.
  private mutating func remembering(_ progress: RunProgress, _ now: Double) -> RunProgress {
    guard case .endpointUnreachable(let seconds, let reason) = progress.hold else {
      unreachableSince = nil
      return progress
    }
    let since = min(unreachableSince ?? now, now - Double(seconds))
    unreachableSince = since
    var progress = progress
    progress.hold = .endpointUnreachable(seconds: Int(now - since), reason: reason)
    return progress
  }

  /// Takes away what was shown.
  mutating func erase() {
    let text = block.erase(columns: context.output.columns ?? 80)
    if !text.isEmpty { context.output.write(text) }
  }
}
