package import ChangeRun

/// How far a run is, in words: two or three lines for a terminal, or one for a log.
package struct ProgressText: Sendable {
  private let progress: RunProgress
  private let rates: RecentRates

  /// - Parameters:
  ///   - progress: the run at this moment.
  ///   - rates: its pace up to now.
  package init(_ progress: RunProgress, _ rates: RecentRates) {
    self.progress = progress
    self.rates = rates
  }

  /// One line of any length.
  package var line: String { ([count] + failures + pace + causes + estimate).joined(separator: ", ") }

  /// The numbers at the end of a session: no pace, and nothing that holds it back any more.
  package var lastLine: String { ([count] + failures).joined(separator: ", ") }

  /// Lines of less than so many columns: the bar, how far it is and when it ends; below it what holds it back.
  package func lines(columns: Int) -> [String] {
    let width = max(columns - 1, 1)
    var head = bar(columns) + count
    var rest = failures + pace + causes
    for part in estimate {
      if DisplayText.width(head + ", " + part) <= width { head += ", " + part } else { rest.insert(part, at: 0) }
    }
    var lines = [head]
    for part in rest {
      // Two lines below the bar are enough; what does not fit on them is cut.
      if lines.count > 1, lines.count == 3 || DisplayText.width(lines[lines.count - 1] + ", " + part) <= width {
        lines[lines.count - 1] += ", " + part
      } else {
        lines.append(part)
      }
    }
    return lines.map { DisplayText.truncated($0, to: width) }
  }

  /// As wide as the terminal lets it be, not the text beside it: so it does not move.
  private func bar(_ columns: Int) -> String {
    guard columns >= 30 else { return "" }
    let counts = progress.counts
    let width = min(columns / 4, 40)
    let filled = counts.total == 0 ? width : width * counts.finished / counts.total
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "] "
  }

  // MARK: The parts

  private var count: String {
    let counts = progress.counts
    let percent = counts.total == 0 ? 100 : counts.finished * 100 / counts.total
    return "\(DisplayText.count(counts.finished))/\(DisplayText.count(counts.total)) (\(percent)%)"
  }

  private var failures: [String] {
    let counts = progress.counts
    return [(counts.failed, "failed"), (counts.blocked, "blocked"), (counts.conflicted, "conflicted")]
      .filter { $0.0 > 0 }.map { "\(DisplayText.count($0.0)) \($0.1)" }
  }

  /// In an outage the mean of the last seconds would only look like some.
  private var pace: [String] {
    if case .endpointUnreachable = progress.hold { return [] }
    return [(rates.changesPerSecond, "changes/s"), (rates.requestsPerSecond, "requests/s")]
      .compactMap { rate, noun in rate.map { "\(Self.rounded($0)) \(noun)" } }
  }

  /// When the run ends; `nil` where the pace up to now says nothing about what is to come.
  package var timeLeft: TimeLeft? {
    switch progress.hold {
    case .nothing, .rate, .throttled: break
    case .waiting, .token, .endpointUnreachable, .wavePause, .stopping: return nil
    }
    guard var left = rates.timeLeft(progress.counts) else { return nil }
    left.least += Double(progress.pauseAhead)
    left.most = left.most.map { $0 + Double(progress.pauseAhead) }
    return left
  }

  private var estimate: [String] { timeLeft.map { ["ETA \($0.text)"] } ?? [] }

  /// What holds the run back.
  package var causes: [String] {
    var parts: [String] = []
    switch progress.hold {
    case .nothing: break
    case .rate(let rate):
      // Where clearly less is sent it is something else that holds the run back.
      if rates.requestsPerSecond ?? rate >= rate * 0.8 { parts.append("rate limit \(Self.rounded(rate))/s") }
    case .throttled(let rate): parts.append("slowed down by the service to \(Self.rounded(rate))/s")
    case .waiting: break
    case .token: parts.append("waiting for a token")
    case .endpointUnreachable(let seconds, let reason):
      let cause = reason.isEmpty ? "" : " (\(DisplayText.safe(reason)))"
      parts.append("endpoint unreachable for \(Self.duration(seconds))\(cause)")
    case .wavePause(let seconds):
      parts.append("pause between waves, \(Self.duration(seconds)) left")
    case .stopping: parts.append("stopping, \(DisplayText.count(progress.inFlight)) in flight")
    }
    let waiting = progress.waiting
    let retrying = waiting[.retry, default: 0] + waiting[.settle, default: 0]
    if let busy = waiting[.busy], busy > 0 { parts.append("\(DisplayText.count(busy, "group")) scaling") }
    if retrying > 0 { parts.append("\(DisplayText.count(retrying)) retrying") }
    if let count = waiting[.verify], count > 0 { parts.append("\(DisplayText.count(count)) being read back") }
    if let count = waiting[.stable], count > 0 { parts.append("\(DisplayText.count(count)) stabilizing") }
    if parts.isEmpty, progress.hold == .waiting { parts.append("waiting") }
    return parts
  }

  private static func duration(_ seconds: Int) -> String {
    seconds == 0 ? "0 s" : ReportStyle.duration(seconds * 1_000)
  }

  /// A rate with a decimal where it is small.
  static func rounded(_ rate: Double) -> String {
    let tenths = Int((rate * 10).rounded())
    if rate >= 10 || tenths.isMultiple(of: 10) { return DisplayText.count(Int(rate.rounded())) }
    return "\(tenths / 10).\(tenths % 10)"
  }
}
