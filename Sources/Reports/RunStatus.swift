import ChangeRun
package import Ledger

/// How far a run is, and when it will have ended.
package struct RunStatus: Sendable {
  /// The stretch of time from which the pace is told, in milliseconds.
  private static let recent = 60_000

  private let run: RunRow
  package let summary: RunSummary
  private let open: OpenChanges
  private let sample: RunSample?
  /// Changes finished and the milliseconds that this took.
  private let pace: (finished: Int, elapsed: Int)

  /// Gathers it from one snapshot; `isRunning` says that an executor is at work on this run.
  package init(_ run: RunRow, in snapshot: LedgerSnapshot, isRunning: Bool) throws {
    self.run = run
    summary = RunSummary(run, failures: try snapshot.failures(of: run), isRunning: isRunning)
    open = try snapshot.openChanges(ofRun: run.id)
    sample = try snapshot.latestSample(ofRun: run.id)
    var start: RunSample?
    if let sample {
      try snapshot.forEachSample(ofRun: run.id, since: sample.sampledAt - Self.recent) { start = start ?? $0 }
    }
    // What was finished before the first sample of the last minute was not finished at today's pace.
    if let start, run.elapsed > start.elapsed {
      pace = (run.counts.finished - start.finished, run.elapsed - start.elapsed)
    } else {
      pace = (run.counts.finished, run.elapsed)
    }
  }

  /// How long what is left will take at the present pace, in milliseconds; `nil` where nothing can be said.
  package var remaining: Int? {
    guard summary.state == .running, pace.finished > 0 else { return nil }
    return Int(Double(summary.counts.unfinished) * Double(pace.elapsed) / Double(pace.finished))
  }

  /// Writes a few lines for a person, who reads them at `now`, in milliseconds since 1970-01-01 UTC.
  package func writeText(style: ReportStyle, now: Int, to output: (String) throws -> Void) throws {
    let counts = summary.counts
    try output("Run \(run.id) (\(run.kind.rawValue)): \(RunReport.stateText(summary))\n")
    let share = RunReport.share(counts.finished, of: counts.total)
    var line = "  \(DisplayText.count(counts.finished)) of \(DisplayText.count(counts.total, "change"))"
    line += share.isEmpty ? "" : " (\(share))"
    try output(line + Self.endings(counts) + "\n")
    let waiting = open.waiting.values.reduce(0, +)
    if counts.unfinished > 0 {
      let sending = "\(DisplayText.count(open.sending)) \(summary.state == .running ? "on the way" : "in doubt")"
      try output("  \(sending), \(DisplayText.count(waiting)) waiting\(waitingText)\n")
    }
    try output("  \(paceText)\n")
    if let remaining {
      try output("  about \(ReportStyle.duration(remaining)) left, until \(style.time(now + remaining))\n")
    }
    let next = NextStep(summary, style: style)
    if summary.state != .running { try output("\n\(next.purpose)\n\(next.command)\n") }
  }

  private static func endings(_ counts: RunCounts) -> String {
    let parts = [
      ("succeeded", counts.succeeded), ("unchanged", counts.unchanged), ("failed", counts.failed),
      ("blocked", counts.blocked), ("conflicted", counts.conflicted), ("abandoned", counts.abandoned),
    ].filter { $0.1 > 0 }.map { "\(DisplayText.count($0.1)) \($0.0)" }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }

  private var waitingText: String {
    let parts = open.waiting.filter { $0.key != .prompt }.sorted { $0.value > $1.value }
      .map { "\(DisplayText.count($0.value)) \($0.key == .stable ? "stabilizing" : $0.key.rawValue)" }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  private var paceText: String {
    let requests = summary.requests
    var text = "\(DisplayText.count(requests.gets)) GET, \(DisplayText.count(requests.puts)) PUT, "
    text += "\(DisplayText.count(requests.retries)) tried again in \(ReportStyle.duration(summary.elapsed))"
    if pace.elapsed > 0 { text += "; \(RunReport.rate(pace.finished, in: pace.elapsed)) changes a second" }
    if summary.state == .running, let sample {
      let limit = sample.rate == 0 ? "unlimited" : "\(Self.number(sample.rate)) a second"
      text += "; rate \(limit)"
      if sample.effectiveRate > 0, sample.rate == 0 || sample.effectiveRate < sample.rate * 0.99 {
        text += ", slowed down to \(Self.number(sample.effectiveRate))"
      }
    }
    return text
  }

  private static func number(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
