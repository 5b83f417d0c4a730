import ArgumentParser
import Ledger
import Reports

/// `fleetplan status [RUN]`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How far a run is.",
    discussion: """
      Counts, pace, what holds the run back, and the time left, from the ledger: also while the run goes on, and \
      from another terminal. --watch shows it again every second and ends with 0 when the run has ended, completed \
      or not; Ctrl-C ends the watching (status 130 in a shell), not the run.

      Examples:
        fleetplan status
        fleetplan status 3 --watch
        fleetplan status --json
      """)

  @Argument(help: ArgumentHelp("The run. Default: the latest.", valueName: "run"))
  var runID: Int?

  @Flag(help: "Show it again every second, until the run ends.")
  var watch = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let context = CommandContext(global)
    var display = WatchDisplay(context, isJSON: global.json)
    var chosen = runID
    while true {
      let status = try mappingErrors { try look(context, chosen) }
      // A run that begins meanwhile is another one.
      chosen = status.summary.runID
      guard watch, status.summary.state == .running else {
        display.erase()
        context.output.write(try text(of: status))
        return
      }
      guard try display.show(status, text: text(of:)) else { return }
      try await Task.sleep(for: .seconds(1))
    }
  }

  private func look(_ context: CommandContext, _ runID: Int?) throws -> RunStatus {
    let reader = try LedgerReader(global.ledgerPath(context))
    let executor = try reader.executor()
    return try reader.read { snapshot in
      let run = try RunChoice.latest(runID, snapshot, ledger: reader.path)
      let isRunning = try snapshot.runInHand(of: executor) == run.id
      return try RunStatus(run, in: snapshot, isRunning: isRunning, now: LedgerTime.now())
    }
  }

  private func text(of status: RunStatus) throws -> String {
    if global.json { return status.summary.json + "\n" }
    var text = ""
    try status.writeText(style: ReportStyle(ledger: global.ledger), now: LedgerTime.now()) { text += $0 }
    return text
  }
}
