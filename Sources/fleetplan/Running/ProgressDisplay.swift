import ChangeRun
import Ledger
import Reports
import Synchronization

/// The progress of a run on standard error: a bar on a terminal, plain lines elsewhere.
///
/// `update` comes about ten times a second from the run's queue.
final class ProgressDisplay: Sendable {
  private struct State {
    var block = ScreenBlock()
    /// When the last one was drawn, in seconds.
    var drawn = -1.0
    var schedule = ProgressSchedule()
    var rates = RecentRates()
  }

  /// Five draws a second: ten are as many as may be, and nobody reads faster.
  private static let drawInterval = 0.15

  private let context: CommandContext
  private let isTerminal: Bool
  private let started = ContinuousClock.now
  private let state: Mutex<State>

  init(_ context: CommandContext, start: RunStart) {
    self.context = context
    isTerminal = context.errors.isTerminal && context.environment["TERM"] != "dumb" && context.logFormat == .text
    var state = State()
    // What is abandoned is counted from nothing: only what is in doubt.
    state.rates.add(
      seconds: 0, finished: start.run.isAbandoning ? 0 : start.counts.finished, requests: start.requests.total)
    self.state = Mutex(state)
  }

  func update(_ progress: RunProgress) {
    guard !context.isQuiet else { return }
    let seconds = Double((ContinuousClock.now - started).milliseconds) / 1_000
    state.withLock { state in
      state.rates.add(seconds: seconds, finished: progress.counts.finished, requests: progress.requests.total)
      let text = ProgressText(progress, state.rates)
      if isTerminal {
        // A terminal that was stopped (Ctrl-S) takes nothing: the run goes on without it.
        guard seconds - state.drawn >= Self.drawInterval, context.errors.isWritable else { return }
        state.drawn = seconds
        let columns = context.errors.columns ?? 80
        context.errors.write(state.block.draw(text.lines(columns: columns), columns: columns))
      } else if state.schedule.isDue(seconds) {
        context.note(text.line)
      }
    }
  }

  /// Shows a line above the bar.
  func say(_ text: String) {
    state.withLock { state in
      erase(&state)
      context.note(text)
    }
  }

  /// Leaves a clean screen, and the last numbers.
  func finish(_ progress: RunProgress) {
    // Where nothing was in doubt, abandoning had nothing to count.
    guard !context.isQuiet, progress.counts.total > 0 else { return }
    state.withLock { state in
      erase(&state)
      context.note(ProgressText(progress, state.rates).lastLine)
    }
  }

  private func erase(_ state: inout State) {
    let text = state.block.erase(columns: context.errors.columns ?? 80)
    if !text.isEmpty { context.errors.write(text) }
  }
}
