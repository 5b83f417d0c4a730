import ArgumentParser
import ChangeRun
import Ledger

/// `fleetplan abandon RUN`
struct AbandonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "abandon", abstract: "Ends an unfinished run without carrying it out.",
    discussion: """
      What is in doubt is settled by reading the groups; everything else that has not ended ends as abandoned. \
      Nothing is changed in the cloud. The run can be rolled back afterwards.

      Example:
        fleetplan abandon 3
      """)

  @Argument(help: ArgumentHelp("The run.", valueName: "run"))
  var runID: Int

  @OptionGroup(title: "Cloud") var cloud: CloudOptions

  @Option(help: ArgumentHelp("Requests a second. Default: as stored with the run.", valueName: "n"))
  var rate: Double?

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let context = CommandContext(global)
    try await LedgerSession.with(context, global, command: "abandon", creates: false) { ledger in
      let run = try mappingErrors {
        try ledger.writer.read { try RunChoice.latest(runID, $0, ledger: ledger.writer.path) }
      }
      guard run.state == .unfinished else {
        context.note("run \(run.id) is \(run.state.rawValue): there is nothing to abandon")
        return .success
      }
      return try await Abandoning(context: context, global: global, cloud: cloud, ledger: ledger)
        .abandon(run, rate: rate)
    }
  }
}

/// Ending an unfinished run, on its own or before it is rolled back.
struct Abandoning {
  let context: CommandContext
  let global: GlobalOptions
  let cloud: CloudOptions
  let ledger: LedgerSession

  /// - Returns: success when the run has ended as abandoned, whatever became of its changes.
  func abandon(_ run: RunRow, rate: Double?, isStep: Bool = false) async throws -> ExitStatus {
    let registry = RunRegistry(writer: ledger.writer, operator: context.runOperator())
    var options = try mappingErrors { try registry.storedOptions(runID: run.id) }
    if let rate { options.rate = rate }
    let access = try await EndpointDiscovery.access(
      projects: try mappingErrors { try ledger.writer.read { try $0.projects(ofPlan: run.planID) } },
      stored: StoredEndpoints.decode(run.endpoints), CloudConnector(cloud, context), run: options)
    let session = RunSession(context: context, global: global, cloud: cloud, ledger: ledger)
    let status = try await session.execute(
      RunSession.Request(runID: run.id, options: options, isAbandoning: true, isStep: isStep), access: access)
    return status == .someChangesFailed ? .success : status
  }
}
