import ArgumentParser
import Ledger
import Reports

/// `fleetplan history`
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "The plans and runs in the ledger.",
    discussion: """
      Examples:
        fleetplan history
        fleetplan history --ledger audit.sqlite --json
      """)

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let context = CommandContext(global)
    try mappingErrors {
      let reader = try LedgerReader(global.ledgerPath(context))
      let executor = try reader.executor()
      try reader.read { snapshot in
        let history = try HistoryReport(snapshot, activeRun: try snapshot.runInHand(of: executor))
        if global.json {
          context.output.write(history.json + "\n")
        } else {
          try history.writeText(style: ReportStyle(ledger: global.ledger)) { context.output.write($0) }
        }
      }
    }
  }
}
