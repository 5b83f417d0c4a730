package import ChangeRun
package import Ledger

/// How far a run is, and when it will have ended.
package struct RunStatus: Sendable {
  private let run: RunRow
  package let summary: RunSummary
  /// As the executor would tell it, as far as the ledger knows: what is known to nobody but it is left out.
  package let progress: RunProgress
  /// The pace of the last minute of this session.
  package let rates: RecentRates

  /// Gathers it from one snapshot.
  ///
  /// - Parameters:
  ///   - run: as the snapshot has it.
  ///   - snapshot: of the ledger.
  ///   - isRunning: an executor is at work on this run.
  ///   - now: in milliseconds since 1970-01-01 UTC.
  /// - Throws: SQLite's error, or `LedgerError` for a row that cannot be.
  package init(_ run: RunRow, in snapshot: LedgerSnapshot, isRunning: Bool, now: Int) throws {
    self.run = run
    summary = RunSummary(run, failures: try snapshot.failures(of: run), isRunning: isRunning)
    let open = try snapshot.openChanges(ofRun: run.id)
    let sample = try snapshot.latestSample(ofRun: run.id)
    var rates = RecentRates()
    let sessionStart = try snapshot.sessionStart(ofRun: run.id) ?? run.startedAt
    // The first session has begun with nothing; of a later one it is not kept how far the run was.
    if sessionStart - run.startedAt < 1_000 {
      rates.add(seconds: Double(sessionStart) / 1_000, finished: 0, requests: 0)
    }
    try snapshot.forEachSample(ofRun: run.id, since: sessionStart) { sample in
      rates.add(
        seconds: Double(sample.sampledAt) / 1_000, finished: sample.finished, requests: sample.requests.total)
    }
    rates.add(seconds: Double(now) / 1_000, finished: run.counts.finished, requests: run.requests.total)
    self.rates = rates
    // What cannot be read keeps the defaults: it is only the pace that is told from them.
    let options = RunOptions(storedText: run.options) ?? RunOptions()
    let pause = options.pauseAhead(finished: run.counts.finished, total: run.counts.total)
    var progress = RunProgress(
      counts: run.counts, requests: run.requests, inFlight: open.sending, waiting: open.waiting,
      rate: sample?.rate ?? options.rate, effectiveRate: sample?.effectiveRate ?? options.rate, concurrency: 0,
      throttled: sample?.throttled ?? 0,
      hold: .nothing, pauseAhead: pause)
    progress.hold = try Self.hold(progress, outage: snapshot.outage(ofRun: run.id), now: now)
    self.progress = progress
  }

  private static func hold(
    _ progress: RunProgress, outage: (since: Int, reason: String)?, now: Int
  ) -> HoldReason {
    // With more than a probe on the way it is over, and those that waited for its end have their turn.
    if let outage, progress.inFlight <= 1 {
      return .endpointUnreachable(seconds: max(now - outage.since, 0) / 1_000, reason: outage.reason)
    }
    let (rate, effective) = (progress.rate, progress.effectiveRate)
    if effective > 0, rate == 0 || effective < rate { return .throttled(effective) }
    return rate > 0 ? .rate(rate) : .nothing
  }

  /// How long what is left will take at the present pace; `nil` where nothing can be said.
  package var timeLeft: TimeLeft? {
    summary.state == .running ? ProgressText(progress, rates).timeLeft : nil
  }

  /// `Run 1 (apply): running`
  package var title: String { "Run \(run.id) (\(run.kind.rawValue)): \(RunReport.stateText(summary))" }

  /// Writes a few lines for a person, who reads them at `now`, in milliseconds since 1970-01-01 UTC.
  package func writeText(style: ReportStyle, now: Int, to output: (String) throws -> Void) throws {
    let counts = summary.counts
    try output(title + "\n")
    let share = RunReport.share(counts.finished, of: counts.total)
    var line = "  \(DisplayText.count(counts.finished)) of \(DisplayText.count(counts.total, "change"))"
    line += share.isEmpty ? "" : " (\(share))"
    try output(line + Self.endings(counts) + "\n")
    let waiting = progress.waiting.values.reduce(0, +)
    if counts.unfinished > 0 {
      let sending = DisplayText.count(progress.inFlight)
      let place = summary.state == .running ? "on the way" : "in doubt"
      try output("  \(sending) \(place), \(DisplayText.count(waiting)) waiting\n")
    }
    let causes = ProgressText(progress, rates).causes
    if summary.state == .running, !causes.isEmpty { try output("  \(causes.joined(separator: ", "))\n") }
    try output("  \(paceText)\n")
    if let timeLeft { try output("  ETA \(timeLeft.text): \(Self.end(timeLeft, style: style, now: now))\n") }
    let next = NextStep(summary, style: style)
    if summary.state != .running { try output("\n\(next.purpose)\n\(next.command)\n") }
  }

  /// Between which times the run ends.
  private static func end(_ left: TimeLeft, style: ReportStyle, now: Int) -> String {
    let time = { (seconds: Double) in style.time(now + Int(seconds * 1_000)) }
    guard let most = left.most else { return "not before \(time(left.least))" }
    return "between \(time(left.least)) and \(time(most))"
  }

  private static func endings(_ counts: RunCounts) -> String {
    let parts = [
      ("succeeded", counts.succeeded), ("unchanged", counts.unchanged), ("failed", counts.failed),
      ("blocked", counts.blocked), ("conflicted", counts.conflicted), ("abandoned", counts.abandoned),
    ].filter { $0.1 > 0 }.map { "\(DisplayText.count($0.1)) \($0.0)" }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }

  private var paceText: String {
    let requests = summary.requests
    var text = "\(DisplayText.count(requests.gets)) GET, \(DisplayText.count(requests.puts)) PUT, "
    text += "\(DisplayText.count(requests.retries)) tried again in \(ReportStyle.duration(summary.elapsed))"
    if summary.state == .running {
      if let changes = rates.changesPerSecond { text += "; \(ProgressText.rounded(changes)) changes/s" }
      if let requests = rates.requestsPerSecond { text += ", \(ProgressText.rounded(requests)) requests/s" }
    } else if summary.elapsed > 0 {
      text += "; \(RunReport.rate(summary.counts.finished, in: summary.elapsed)) changes/s"
    }
    return text
  }
}
