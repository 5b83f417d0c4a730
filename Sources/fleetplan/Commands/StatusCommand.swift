import ArgumentParser
import Dispatch
import Ledger
import Reports

/// `fleetplan status [RUN]`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How far a run is.",
    discussion: """
      Counts, pace and time left, from the ledger: also while the run goes on, and from another terminal.

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
    var shownLines = 0
    while true {
      let (text, isRunning) = try mappingErrors { try look(context) }
      if watch, context.output.isTerminal, shownLines > 0 {
        context.output.write("\u{1B}[\(shownLines)A\u{1B}[J")
      }
      guard context.output.write(text) else { return }
      shownLines = text.count(where: { $0 == "\n" })
      guard watch, isRunning else { return }
      try await Task.sleep(for: .seconds(1))
    }
  }

  private func look(_ context: CommandContext) throws -> (text: String, isRunning: Bool) {
    let reader = try LedgerReader(global.ledgerPath(context))
    let executor = try reader.executor()
    return try reader.read { snapshot in
      let run = try RunChoice.latest(runID, snapshot, ledger: reader.path)
      let isRunning = try snapshot.runInHand(of: executor) == run.id
      let status = try RunStatus(run, in: snapshot, isRunning: isRunning)
      if global.json { return (status.summary.json + "\n", isRunning) }
      var text = ""
      try status.writeText(style: ReportStyle(ledger: global.ledger), now: LedgerTime.now()) { text += $0 }
      return (text, isRunning)
    }
  }
}
