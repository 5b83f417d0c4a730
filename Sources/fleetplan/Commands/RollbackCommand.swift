import ArgumentParser
import ChangeRun
import Foundation
import Ledger
import Reports

/// `fleetplan rollback [RUN]`
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Takes a run back.",
    discussion: """
      A run of its own that writes back the recorded prior values of exactly the fields that the run has changed, \
      newest change first within a group, and only where the group still holds what the run has set: what somebody \
      has changed since is reported as conflicted and left alone. It can be resumed, and taken back by its id.

      Examples:
        fleetplan rollback --dry-run
        fleetplan rollback 3 --rate 20
        fleetplan rollback 3 --export undo.csv
      """)

  @Argument(help: ArgumentHelp("The run to take back. Default: the latest run that applied a plan.", valueName: "run"))
  var runID: Int?

  @Flag(help: "Show what would be restored; send nothing.")
  var dryRun = false

  @Option(help: ArgumentHelp("Write the inverse plan to a file instead.", valueName: "path"), completion: .file())
  var export: String?

  @Flag(help: "Restore even what somebody has changed since.")
  var overwriteDrift = false

  @Option(help: ArgumentHelp("Why it is done; kept with the run.", valueName: "text"))
  var reason: String?

  @OptionGroup(title: "Cloud") var cloud: CloudOptions
  @OptionGroup(title: "Execution") var execution: ExecutionOptions

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if dryRun, export != nil {
      throw ValidationError(
        "--dry-run and --export exclude each other: the exported plan can be looked at with `fleetplan preview`.")
    }
    if execution.hasWaves { throw ValidationError("--waves is for run: a rollback goes newest change first.") }
  }

  func run() async throws {
    let context = CommandContext(global)
    if dryRun || export != nil { return try await look(context) }
    try await LedgerSession.with(context, global, command: "rollback", creates: false) { ledger in
      try await carryOut(context, ledger)
    }
  }

  static func choose(_ id: Int?, _ snapshot: LedgerSnapshot, ledger: String) throws -> RunRow {
    if id != nil { return try RunChoice.latest(id, snapshot, ledger: ledger) }
    guard let run = try snapshot.latestRun(.apply) else {
      throw CommandError(.noInput, "\(ledger): it has no run that could be taken back")
    }
    return run
  }

  private func carryOut(_ context: CommandContext, _ ledger: LedgerSession) async throws -> ExitStatus {
    var run = try mappingErrors {
      try ledger.writer.read { try Self.choose(runID, $0, ledger: ledger.writer.path) }
    }
    let session = RunSession(context: context, global: global, cloud: cloud, ledger: ledger)
    if let done = try mappingErrors({ try ledger.writer.read { try $0.wholeRollback(ofRun: run.id) } }) {
      context.note("run \(run.id) was wholly rolled back by run \(done.id): nothing is left to do")
      if global.json { context.output.write(try mappingErrors { try session.summary(ofRun: done.id).0.json } + "\n") }
      return .success
    }
    try session.refuseOverlap(with: run)
    var options = RunOptions()
    options.overwriteDrift = overwriteDrift
    execution.apply(to: &options)
    let access = try await EndpointDiscovery.access(
      projects: try mappingErrors { try ledger.writer.read { try $0.projects(ofPlan: run.planID) } },
      stored: StoredEndpoints.decode(run.endpoints), CloudConnector(cloud, context), run: options)
    try session.checkCloud(access, options)
    let count = try mappingErrors { try ledger.writer.read { try $0.inverseCount(ofRun: run.id) } }
    let plan = try mappingErrors { try ledger.writer.read { try $0.plan(run.planID) } }
    let summary = RunStartSummary(
      verb: "roll back run \(run.id)", changes: count, groups: min(count, plan?.groupCount ?? count),
      projects: min(count, plan?.projectCount ?? 1), options: options, expiry: access.expiry)
    guard try summary.confirm(context, yes: yes) else {
      context.note("nothing was changed")
      return .stopped
    }
    if run.state == .unfinished {
      context.note("run \(run.id) is unfinished: what is in doubt is settled and the rest abandoned first")
      let status = try await Abandoning(context: context, global: global, cloud: cloud, ledger: ledger)
        .abandon(run, rate: execution.rate, isStep: true)
      guard status == .success else { return status }
      run = try mappingErrors { try ledger.writer.read { try RunChoice.latest(run.id, $0, ledger: "") } }
    }
    let registry = RunRegistry(writer: ledger.writer, operator: context.runOperator())
    let rollback = try mappingErrors {
      try registry.createRollback(
        of: run.id, options: options, endpoints: StoredEndpoints.encode(access.endpoints), reason: reason,
        now: LedgerTime.now())
    }
    context.note("run \(rollback.run.id) rolls run \(run.id) back: \(PlanWords.count(rollback.total, "change"))")
    return try await session.execute(
      RunSession.Request(runID: rollback.run.id, options: options, until: execution.until?.next(after: Date())),
      access: access)
  }
}
