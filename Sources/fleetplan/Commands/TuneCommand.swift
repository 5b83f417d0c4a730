import ArgumentParser
import Ledger

/// `fleetplan tune [RUN]`
struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune", abstract: "Changes rate and concurrency of a live run, from another terminal.",
    discussion: """
      Takes effect within a second, and is recorded.

      Example:
        fleetplan tune --rate 5
      """)

  @Argument(help: ArgumentHelp("The run. Default: the unfinished one.", valueName: "run"))
  var runID: Int?

  @Option(help: ArgumentHelp("Requests a second; 0 is unlimited.", valueName: "n"))
  var rate: Double?

  @Option(help: ArgumentHelp("Changes in flight at once.", valueName: "n"))
  var concurrency: Int?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard rate != nil || concurrency != nil else {
      throw ValidationError("Nothing to change: give --rate N, --concurrency N, or both.")
    }
    try OptionBounds.check(rate: rate)
    try OptionBounds.check("--concurrency", concurrency, 1...1_024)
  }

  func run() throws {
    let context = CommandContext(global)
    let path = global.ledgerPath(context)
    try mappingErrors {
      let reader = try LedgerReader(path)
      let run = try reader.read { try RunChoice.toResume(runID, $0, ledger: reader.path) }
      guard try reader.executor() != nil, run.state == .unfinished else {
        throw CommandError(.noInput, "\(reader.path): no run is going on; `fleetplan resume` takes --rate itself")
      }
      let writer = try LedgerWriter.open(path, command: "tune", toolVersion: ToolVersion.text)
      try RunRegistry(writer: writer, operator: context.runOperator())
        .tune(runID: run.id, rate: rate, concurrency: concurrency, now: LedgerTime.now())
      try writer.close()
      context.note("run \(run.id): asked for")
    }
  }
}
