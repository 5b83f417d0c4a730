import ChangeRun
package import Ledger

/// A run as one page that needs nothing else: no network, no script.
///
/// The sections are written one after the other from one snapshot; memory does not grow with the run.
package struct HTMLReport {
  /// How many rows a table has at most; what is cut is said, and where to find all of it.
  package static let rowLimit = 5_000

  let run: RunRow
  let report: RunReport
  let snapshot: LedgerSnapshot
  let style: ReportStyle
  let ledgerPath: String
  let generatedAt: Int
  let moves: InstanceMoves
  let states: [ChangeState: Int]
  let samples: SampleSeries

  /// Gathers what the sections share.
  ///
  /// - Parameters:
  ///   - run: as the snapshot has it.
  ///   - snapshot: everything is read from it.
  ///   - isRunning: an executor is at work on this run.
  ///   - style: how times and commands look.
  ///   - ledgerPath: the absolute path, for the header.
  ///   - generatedAt: when the page is made, in milliseconds since 1970; it is shown once.
  /// - Throws: SQLite's error.
  package init(
    _ run: RunRow, in snapshot: LedgerSnapshot, isRunning: Bool, style: ReportStyle, ledgerPath: String,
    generatedAt: Int
  ) throws {
    self.run = run
    self.snapshot = snapshot
    self.style = style
    self.ledgerPath = ledgerPath
    self.generatedAt = generatedAt
    report = try RunReport(run, in: snapshot, isRunning: isRunning)
    moves = try snapshot.instanceMoves(ofRun: run.id)
    states = try snapshot.countsByState(of: run)
    samples = try SampleSeries(run, in: snapshot)
  }

  /// Writes the page.
  ///
  /// - Parameter output: takes the text, in pieces.
  /// - Throws: what `output` throws, and SQLite's error.
  package func write(to output: (String) throws -> Void) throws {
    try withoutActuallyEscaping(output) { output in
      let output = HTMLOutput(output)
      try writeHead(to: output)
      try output.section("outcome", "Outcome") { try writeOutcome(to: output) }
      try output.section("next", "How to go on") { try writeNext(to: output) }
      if hasTrouble { try output.section("trouble", "What went wrong, and what to do") { try writeErrors(to: output) } }
      try output.section("fields", "What was changed") { try writeFields(to: output) }
      try output.section("course", "Course of the run") { try writeCourse(to: output) }
      try output.section("requests", "Requests") { try writeRequests(to: output) }
      try output.section("changes", "Changes") { try writeChanges(to: output) }
      try writeFoot(to: output)
    }
  }

  var summary: RunSummary { report.summary }

  var hasTrouble: Bool { run.counts.failed + run.counts.blocked + run.counts.conflicted > 0 }

  /// A note under a table that was cut.
  func writeCut(shown: Int, of total: Int, states: Set<ChangeState>? = nil, to output: HTMLOutput) throws {
    guard total > shown else { return }
    let file = "run-\(run.id).csv"
    let narrowing = states.map { ["--state", $0.map(\.rawValue).sorted().joined(separator: ",")] } ?? []
    let command = style.command(["report", String(run.id), "--format", "csv"] + narrowing + ["--output", file])
    try output.write(
      """
      <p class="cut">The first \(DisplayText.count(shown)) of \(DisplayText.count(total)) are shown. All of them, as CSV:</p>
      <pre><code>\(command)</code></pre>
      """)
  }
}
