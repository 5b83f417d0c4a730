import ArgumentParser
import ChangeRun
import Ledger
import Reports

/// `fleetplan report [RUN]`
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "What a run has done.",
    discussion: """
      text is a summary, with --state a line for each of these changes; json is the summary; csv has a row for every \
      change; html is a page with charts that needs no network; plan gives the chosen changes back as a CSV plan that \
      is ready to run. It works at any time, also while the run goes on.

      Examples:
        fleetplan report
        fleetplan report 3 --by error
        fleetplan report 3 --format csv --output run-3.csv
        fleetplan report 3 --format html --output run-3.html
        fleetplan report 3 --format plan --state failed --output again.csv
      """)

  @Argument(help: ArgumentHelp("The run. Default: the latest.", valueName: "run"))
  var runID: Int?

  @Option(help: "text, json, csv, html or plan.")
  var format = Format.text

  @Option(help: ArgumentHelp("Write to this file instead of standard output.", valueName: "path"), completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("Only changes in these states, such as failed,blocked.", valueName: "list"))
  var state: StateList?

  @Option(help: "Counts by state, project, error or field.")
  var by: BreakdownReport.Key?

  @OptionGroup var global: GlobalOptions

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case csv
    case html
    case plan
  }

  func validate() throws {
    if global.json, format != .text, format != .json {
      throw ValidationError("--json is --format json: it and --format \(format.rawValue) exclude each other.")
    }
    if by != nil, state != nil {
      throw ValidationError("--by and --state exclude each other: --by state counts all, --state lists those changes.")
    }
    if by != nil, format == .plan {
      throw ValidationError(
        "--by counts, and makes no plan: leave it out, or --format plan; --state chooses the changes of a plan.")
    }
    if by != nil, format == .html { throw ValidationError("--by is for text, json and csv; the page has all counts.") }
    if state != nil, [.json, .html].contains(effectiveFormat) {
      throw ValidationError(
        "--state is for text, csv and plan, not for \(effectiveFormat.rawValue): its document is about the whole run.")
    }
  }

  private var effectiveFormat: Format { global.json ? .json : format }

  func run() throws {
    let context = CommandContext(global)
    let path = global.ledgerPath(context)
    try mappingErrors {
      let reader = try LedgerReader(path)
      let executor = try reader.executor()
      try reader.read { snapshot in
        let run = try RunChoice.latest(runID, snapshot, ledger: reader.path)
        let isRunning = try snapshot.runInHand(of: executor) == run.id
        let sink = try ReportSink(path: output, standardOutput: context.output)
        try write(run, snapshot, isRunning: isRunning, ledger: reader.path, context: context, to: sink)
        try sink.close()
      }
    }
  }

  private func write(
    _ run: RunRow, _ snapshot: LedgerSnapshot, isRunning: Bool, ledger: String, context: CommandContext,
    to sink: ReportSink
  ) throws {
    if let by {
      let report = try BreakdownReport(run, by: by, in: snapshot)
      switch effectiveFormat {
      case .text: try report.writeText(to: sink.write)
      case .json: try sink.write(report.json + "\n")
      case .csv, .html, .plan: try report.writeCSV(to: sink.write)
      }
      return
    }
    switch effectiveFormat {
    case .text:
      if let state {
        try ChangeReports.writeText(run, in: snapshot, states: state.states, to: sink.write)
      } else {
        try RunReport(run, in: snapshot, isRunning: isRunning)
          .writeText(style: ReportStyle(ledger: global.ledger), to: sink.write)
      }
    case .json:
      let summary = RunSummary(run, failures: try snapshot.failures(of: run), isRunning: isRunning)
      try sink.write(summary.json + "\n")
    case .csv: try ChangeReports.writeCSV(run, in: snapshot, states: state?.states, to: sink.write)
    case .html:
      try HTMLReport(
        run, in: snapshot, isRunning: isRunning, style: ReportStyle(ledger: global.ledger), ledgerPath: ledger,
        generatedAt: LedgerTime.now()
      ).write(to: sink.write)
    case .plan:
      let count = try ChangeReports.writePlan(run, in: snapshot, states: state?.states, to: sink.write)
      context.note(PlanWords.count(count, "change"))
    }
  }
}

extension BreakdownReport.Key: ExpressibleByArgument {}

/// `failed,blocked`.
struct StateList: ExpressibleByArgument {
  var states: Set<ChangeState> = []

  init?(argument: String) {
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      // `held` is how the ledger keeps one kind of pending change.
      guard let state = ChangeState(rawValue: String(word)), state != .held else { return nil }
      states.insert(state)
    }
  }
}
