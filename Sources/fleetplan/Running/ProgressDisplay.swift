import ChangeRun
import Ledger
import Synchronization

/// The progress of a run on standard error: a bar on a terminal, plain lines elsewhere.
///
/// `update` comes about ten times a second from the run's queue; lines elsewhere come after 1 s, 5 s, and then
/// every 30 s.
final class ProgressDisplay: Sendable {
  private struct State {
    var drawn = false
    var nextLine = 1.0
    var lines = 0
    var last: RunProgress?
    var rates = RateWindow()
  }

  private let context: CommandContext
  private let isTerminal: Bool
  private let startCounts: RunCounts
  private let startRequests: RequestCounts
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  init(_ context: CommandContext, start: RunStart) {
    self.context = context
    isTerminal = context.errors.isTerminal && context.environment["TERM"] != "dumb"
    startCounts = start.counts
    startRequests = start.requests
  }

  private var elapsed: Double { Double((ContinuousClock.now - started).milliseconds) / 1_000 }

  func update(_ progress: RunProgress) {
    guard !context.isQuiet else { return }
    let seconds = elapsed
    state.withLock { state in
      state.last = progress
      state.rates.add(
        seconds: seconds, finished: progress.counts.finished, requests: progress.requests.gets + progress.requests.puts)
      if isTerminal {
        draw(progress, &state, seconds)
      } else if seconds >= state.nextLine {
        state.lines += 1
        state.nextLine = seconds + (state.lines == 1 ? 4 : state.lines < 3 ? 5 : 30)
        context.note(line(progress, state.rates, seconds).joined(separator: ", "))
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
      context.note(line(progress, RateWindow(), elapsed).joined(separator: ", "))
    }
  }

  // MARK: Drawing

  private func draw(_ progress: RunProgress, _ state: inout State, _ seconds: Double) {
    let columns = context.errors.columns ?? 80
    let parts = line(progress, state.rates, seconds)
    let share = progress.counts.total == 0 ? 1 : Double(progress.counts.finished) / Double(progress.counts.total)
    let width = max(min(columns / 4, 30), 6)
    let filled = Int(share * Double(width))
    var text = "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
    for (index, part) in parts.enumerated() {
      let next = text + (index == 0 ? " " : ", ") + part
      if next.count >= columns { break }
      text = next
    }
    context.errors.write("\r" + text + "\u{1B}[K")
    state.drawn = true
  }

  private func erase(_ state: inout State) {
    if state.drawn { context.errors.write("\r\u{1B}[K") }
    state.drawn = false
  }

  // MARK: Words, most important first

  private func line(_ progress: RunProgress, _ rates: RateWindow, _ seconds: Double) -> [String] {
    let counts = progress.counts
    let percent = counts.total == 0 ? 100 : counts.finished * 100 / counts.total
    var parts = ["\(PlanWords.grouped(counts.finished))/\(PlanWords.grouped(counts.total)) (\(percent)%)"]
    let bad = counts.failed + counts.blocked + counts.conflicted
    if bad > 0 {
      let words = [(counts.failed, "failed"), (counts.blocked, "blocked"), (counts.conflicted, "conflicted")]
      parts.append(words.filter { $0.0 > 0 }.map { "\(PlanWords.grouped($0.0)) \($0.1)" }.joined(separator: " "))
    }
    if let rate = rates.requestsPerSecond { parts.append("\(rounded(rate)) requests/s") }
    if let reason = HoldWords.text(progress) { parts.append(reason) }
    if let changes = rates.changesPerSecond, changes > 0, enoughForEstimate(counts) {
      parts.append("ETA \(HumanText.duration(seconds: Double(counts.unfinished) / changes))")
    }
    return parts
  }

  /// After 1 % or 10 changes an estimate means something.
  private func enoughForEstimate(_ counts: RunCounts) -> Bool {
    let done = counts.finished - startCounts.finished
    return counts.unfinished > 0 && (done >= 10 || done * 100 >= counts.total)
  }

  private func rounded(_ rate: Double) -> String {
    rate >= 10 ? PlanWords.grouped(Int(rate.rounded())) : String((rate * 10).rounded() / 10)
  }
}

/// What holds a run back, in a few words.
enum HoldWords {
  static func text(_ progress: RunProgress) -> String? {
    let busy = progress.waiting[.busy, default: 0]
    let retrying = progress.waiting[.retry, default: 0] + progress.waiting[.settle, default: 0]
    var parts: [String] = []
    switch progress.hold {
    case .nothing: break
    case .rate(let rate): parts.append("rate limit \(rate == rate.rounded() ? String(Int(rate)) : String(rate))/s")
    case .throttled(let rate): parts.append("slowed down by the service to \(Int(rate.rounded()))/s")
    case .waiting: parts.append("waiting")
    case .token: parts.append("waiting for a token")
    case .endpointUnreachable(let seconds): parts.append("endpoint unreachable for \(seconds) s")
    case .wavePause(let seconds): parts.append("pause between waves, \(seconds) s left")
    case .stopping: parts.append("stopping, \(progress.inFlight) in flight")
    }
    if busy > 0 { parts.append("\(busy) scaling") }
    if retrying > 0 { parts.append("\(retrying) retrying") }
    if let count = progress.waiting[.stable], count > 0 { parts.append("\(count) stabilizing") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// Rates over the last ten seconds.
struct RateWindow {
  private var points: [(seconds: Double, finished: Int, requests: Int)] = []

  mutating func add(seconds: Double, finished: Int, requests: Int) {
    if let last = points.last, seconds - last.seconds < 0.5 { return }
    points.append((seconds, finished, requests))
    if points.count > 21 { points.removeFirst() }
  }

  var changesPerSecond: Double? { perSecond { Double($0.finished) } }
  var requestsPerSecond: Double? { perSecond { Double($0.requests) } }

  private func perSecond(_ value: ((seconds: Double, finished: Int, requests: Int)) -> Double) -> Double? {
    guard let first = points.first, let last = points.last, last.seconds > first.seconds else { return nil }
    return (value(last) - value(first)) / (last.seconds - first.seconds)
  }
}
