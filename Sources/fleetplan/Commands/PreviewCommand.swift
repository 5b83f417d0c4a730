import ArgumentParser
import ChangePlan
import ChangeRun
import Ledger

/// `fleetplan preview PLAN`
struct PreviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview", abstract: "Shows what a plan would change, by the live groups. Sends no PUT.",
    discussion: """
      Reads the live groups (by the list, 100 a request, and one by one where that takes fewer requests) and shows \
      for each change, in the order of the plan, `field: prior → planned`, what is unchanged, blocked, conflicted or \
      has to wait, which prior values cannot be written back, and how many instances come and go. Of two changes to \
      one group the second is judged by what the first would leave. It needs no ledger and makes none.

      With --export the plan is written as CSV with the values seen as expect: columns: run that, and whatever \
      somebody changes in between is reported as a conflict and left alone.

      With --json the document has the plan, `changes` (each with its line, verdict, fields, instance_change and \
      reason), `summary`, and `error`: null, or what has ended the look; `summary` is null then. Verdicts are apply, \
      unchanged, blocked, conflicted, waiting (for the end of a scaling action), missing (no such group) and failed \
      (the group cannot be read).

      Exit status 0: every change would be sent or is unnecessary; 1: some would be blocked, conflicted or fail; \
      65: the plan is invalid; 69: the service cannot be asked; 77: the credentials are refused.

      Examples:
        AS=https://as.eu-de.otc.t-systems.com
        fleetplan preview plans/raise-limits.csv --endpoint $AS
        fleetplan preview plans/health-checks.csv --summary --rate 50 --endpoint $AS
        fleetplan preview --plan 3 --export reviewed.csv --endpoint $AS
      """)

  @OptionGroup var plan: PlanOptions
  @OptionGroup(title: "Cloud") var cloud: CloudOptions

  @Option(
    help: ArgumentHelp("Write the plan with the values seen as expect: columns.", valueName: "path"),
    completion: .file())
  var export: String?

  @Flag(help: "Only the summary, not each change.")
  var summary = false

  @Option(help: ArgumentHelp("Requests a second of all kinds together; 0 is unlimited. (default: 10)", valueName: "n"))
  var rate: Double?

  @Option(help: ArgumentHelp("For one request. (default: 30s)", valueName: "duration"))
  var requestTimeout: DurationArgument?

  @Flag(help: "As a run with it: leave the judgement of live values to the service.")
  var skipPreconditions = false

  @Flag(help: "As a run with it: block changes that cannot be taken back.")
  var requireReversible = false

  @Flag(help: "As a run with it: go on with later changes of a group when one fails.")
  var keepGoing = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    try OptionBounds.check(rate: rate)
    try OptionBounds.check(requestTimeout: requestTimeout)
  }

  func run() async throws { try await run(CommandContext(global)) }

  func run(_ context: CommandContext) async throws {
    if let id = plan.planID {
      let reader = try mappingErrors { try LedgerReader(global.ledgerPath(context)) }
      guard let row = try mappingErrors({ try reader.read { try $0.plan(id) } }) else {
        throw CommandError(.noInput, "\(reader.path): no plan \(id); `fleetplan history` lists the plans")
      }
      return try await show(
        try PreviewSource.plan(row, isInLedger: true) { body in try reader.read(body) }, context)
    }
    let loaded = try load(context)
    let source = try PreviewSource.plan(loaded.plan, isInLedger: false) { body in try loaded.read(body) }
    try await show(source, context)
    try mappingErrors { try loaded.close() }
  }

  /// Checks the plan, in a temporary database: no ledger is made or changed.
  private func load(_ context: CommandContext) throws -> TemporaryPlan {
    let file = try PlanFile(argument: plan.plan ?? "-", format: plan.format)
    let progress = LoadProgress(context)
    let outcome = try mappingErrors {
      try TemporaryPlan.load(
        file.source, format: file.format, defaultProjectID: plan.project, progress: progress.changes)
    }
    progress.finish()
    switch outcome {
    case .loaded(let loaded):
      for warning in loaded.plan.warnings { context.tell(warning) }
      return loaded
    case .refused(let summary):
      PlanWords.list(summary.diagnostics, in: context)
      throw CommandError(.invalidPlan, PlanWords.refusal(summary))
    }
  }

  private func show(_ source: PreviewSource, _ context: CommandContext) async throws {
    var options = RunOptions()
    if let rate { options.rate = rate }
    if let requestTimeout { options.requestTimeout = requestTimeout.duration }
    options.skipPreconditions = skipPreconditions
    options.requireReversible = requireReversible
    options.keepGoing = keepGoing
    let access = try await EndpointDiscovery.access(
      projects: source.projects.map(\.projectID), CloudConnector(cloud, context), run: options)
    let session = PreviewSession(context: context, access: access, options: options)
    let presentation = PreviewSession.Presentation(
      isJSON: global.json, isSummaryOnly: summary, exportPath: export)
    let totals: PreviewTotals
    do {
      totals = try await session.show(source, presentation)
    } catch is PreviewOutput.ReaderGone {
      return
    }
    if !totals.isClean { throw ExitCode(ExitStatus.someChangesFailed.rawValue) }
  }
}
