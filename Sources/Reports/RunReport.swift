import ChangeRun
package import Ledger

/// Everything that the summary of a run shows.
package struct RunReport: Sendable {
  package var run: RunRow
  package var plan: PlanRow?
  package var summary: RunSummary
  package var latency: LatencyDigest
  /// Failed, blocked and conflicted changes by error code.
  package var errors: [ChangeCount]
  package var open: OpenChanges
  /// Requests that did not succeed, by what was answered.
  package var requestFailures: [AttemptFailures]

  /// Gathers it from one snapshot; `isRunning` says that an executor is at work on this run.
  package init(_ run: RunRow, in snapshot: LedgerSnapshot, isRunning: Bool) throws {
    self.run = run
    plan = try snapshot.plan(run.planID)
    summary = RunSummary(run, failures: try snapshot.failures(of: run), isRunning: isRunning)
    var latency = LatencyDigest()
    try snapshot.forEachPUTDuration(ofRun: run.id) { latency.record($0) }
    self.latency = latency
    errors = try snapshot.countsByError(of: run)
    open = try snapshot.openChanges(ofRun: run.id)
    requestFailures = try snapshot.attemptFailures(ofRun: run.id)
  }

  /// Writes the summary for a person: it fits on a screen, and its last line is the command to go on with.
  ///
  /// - Parameters:
  ///   - style: how times and commands look.
  ///   - goOn: the command that goes on with what was stopped, where the caller knows it better.
  ///   - output: takes the text, in pieces.
  /// - Throws: what `output` throws.
  package func writeText(
    style: ReportStyle, goOn: String? = nil, to output: (String) throws -> Void
  ) throws {
    let kind = run.rollsBack.map { "rollback of run \($0)" } ?? run.kind.rawValue
    try output("Run \(run.id) (\(kind)): \(Self.stateText(summary))\n\n")
    try RunFacts(run, plan: plan, style: style).write(to: output)
    try output("\n")
    try writeCounts(to: output)
    try output("\n")
    try writeRequests(to: output)
    try writeErrors(to: output)
    let next = NextStep(summary, style: style)
    try output("\n\(next.purpose)\n\(goOn ?? next.command)\n")
  }

  static func stateText(_ summary: RunSummary) -> String {
    switch summary.state {
    case .running, .completed, .abandoned: summary.state.rawValue
    case .stopped: "stopped" + (summary.stopReason.map { " (\(DisplayText.safe($0)))" } ?? ", the executor died")
    }
  }

  private func writeCounts(to output: (String) throws -> Void) throws {
    var table = TextTable([.init(title: ""), .init(title: "", alignment: .right), .init(title: "")])
    let counts = summary.counts
    for (name, number) in [
      ("succeeded", counts.succeeded), ("unchanged", counts.unchanged), ("failed", counts.failed),
      ("blocked", counts.blocked), ("conflicted", counts.conflicted), ("abandoned", counts.abandoned),
      ("unfinished", counts.unfinished),
    ] where number > 0 {
      table.append([name, DisplayText.count(number), Self.share(number, of: counts.total)])
    }
    table.append(["total", DisplayText.count(counts.total), ""])
    try table.write(indent: "  ", to: output)
    let removed = run.instancesRemoved
    if removed > 0 { try output("  \(DisplayText.count(removed, "instance")) taken away\n") }
    let stabilizing = open.waiting[.stable] ?? 0
    let waiting = open.waiting.values.reduce(0, +) - stabilizing
    if waiting + stabilizing + open.sending > 0 {
      let inDoubt = summary.state == .running ? "on the way" : "in doubt"
      let stable = stabilizing > 0 ? ", \(DisplayText.count(stabilizing)) applied and stabilizing (--wait-stable)" : ""
      try output(
        "  of the unfinished, \(DisplayText.count(waiting)) waiting, \(DisplayText.count(open.sending)) \(inDoubt)"
          + "\(stable)\n")
    }
  }

  /// A share in percent that is 0 and 100 only where it is nothing and all.
  static func share(_ number: Int, of total: Int) -> String {
    guard total > 0 else { return "" }
    let percent = Double(number) * 100 / Double(total)
    if number > 0, percent < 0.1 { return "< 0.1 %" }
    if number < total, percent > 99.9 { return "> 99.9 %" }
    let tenths = Int((percent * 10).rounded())
    return tenths.isMultiple(of: 10) ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }

  private func writeRequests(to output: (String) throws -> Void) throws {
    let requests = summary.requests
    let total = requests.gets + requests.puts
    var line = "  requests  \(DisplayText.count(total)): \(DisplayText.count(requests.gets)) GET, "
    line += "\(DisplayText.count(requests.puts)) PUT, \(DisplayText.count(requests.retries)) tried again"
    if summary.elapsed > 0 { line += "; \(Self.rate(total, in: summary.elapsed)) a second" }
    try output(line + "\n")
    if let failureText { try output("  failed    \(failureText)\n") }
    guard latency.count > 0 else { return }
    let parts = [("p50", 50.0), ("p95", 95), ("p99", 99)].map { name, percent in
      "\(name) \(ReportStyle.duration(latency.percentile(percent)))"
    }
    try output(
      "  PUT took  \(parts.joined(separator: ", ")), at most \(ReportStyle.duration(latency.maximum))\n")
  }

  /// The causes for which requests failed, whether they were tried again or not; `nil` where all succeeded.
  private var failureText: String? {
    let limit = 5
    var counts: [String: Int] = [:]
    for failure in requestFailures {
      let cause = failure.errorCode ?? failure.httpStatus.map { String($0) } ?? failure.outcome
      counts[cause, default: 0] += failure.count
    }
    guard !counts.isEmpty else { return nil }
    let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\(DisplayText.count($0.value)) × \(DisplayText.safe($0.key))" }
    let more = parts.count > limit ? " and \(DisplayText.count(parts.count - limit, "other cause"))" : ""
    return parts.prefix(limit).joined(separator: ", ") + more
  }

  /// How many a second, with three digits that mean something.
  static func rate(_ number: Int, in milliseconds: Int) -> String {
    let rate = Double(number) * 1000 / Double(milliseconds)
    if rate >= 100 { return DisplayText.count(Int(rate.rounded())) }
    let tenths = Int((rate * 10).rounded())
    return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  private func writeErrors(to output: (String) throws -> Void) throws {
    guard !errors.isEmpty else { return }
    let limit = 8
    var table = TextTable([
      .init(title: "code"), .init(title: "changes", alignment: .right), .init(title: "ended"),
      .init(title: "lines", maximumWidth: 24), .init(title: "message of the first", maximumWidth: 60),
    ])
    for error in errors.prefix(limit) {
      table.append([
        error.key.isEmpty ? "(none)" : error.key, DisplayText.count(error.total),
        error.counts.keys.map(\.rawValue).sorted().joined(separator: ", "), firstLines(of: error), error.example ?? "",
      ])
    }
    try output("\n")
    try table.write(indent: "  ", to: output)
    if errors.count > limit {
      try output("  and \(DisplayText.count(errors.count - limit, "more code")): report --by error shows all\n")
    }
  }

  /// The lines of the first changes with that error, as far as they are among the failures at hand.
  private func firstLines(of error: ChangeCount) -> String {
    var lines = summary.failures.filter { ($0.errorCode ?? "") == error.key }.prefix(4).map { String($0.line) }
    if lines.isEmpty, let line = error.firstLine { lines = [String(line)] }
    return lines.joined(separator: ", ") + (error.total > lines.count ? ", …" : "")
  }
}
