import ArgumentParser
import ChangeRun
import Foundation
import Ledger
import Reports

/// `fleetplan resume [RUN]`
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Goes on with an unfinished run.",
    discussion: """
      Goes on from the ledger, after a stop or after a crash: what is known to be applied is never sent again, and \
      what was on the way is settled by reading. The run's stored options hold unless others are given. With nothing \
      left to do it says so and exits as that run did.

      Examples:
        fleetplan resume
        fleetplan resume 3 --rate 5
        fleetplan resume 3 --retry-failed --yes
      """)

  @Argument(help: ArgumentHelp("The run. Default: the only unfinished one, or the latest.", valueName: "run"))
  var runID: Int?

  @Flag(help: "Take failed, blocked and conflicted changes up again.")
  var retryFailed = false

  @OptionGroup(title: "Cloud") var cloud: CloudOptions
  @OptionGroup(title: "Execution") var execution: ExecutionOptions

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let context = CommandContext(global)
    try await LedgerSession.with(context, global, command: "resume", creates: false) { ledger in
      try await carryOut(context, ledger)
    }
  }

  private func carryOut(_ context: CommandContext, _ ledger: LedgerSession) async throws -> ExitStatus {
    let run = try mappingErrors {
      try ledger.writer.read { try RunChoice.toResume(runID, $0, ledger: ledger.writer.path) }
    }
    let session = RunSession(context: context, global: global, cloud: cloud, ledger: ledger)
    if run.kind == .rollback, execution.hasWaves {
      throw CommandError(.usage, "run \(run.id) is a rollback: --waves is for runs that apply a plan")
    }
    let open = run.counts.failed + run.counts.blocked + run.counts.conflicted
    if run.state == .abandoned {
      throw CommandError(.usage, "run \(run.id) was abandoned; `fleetplan run --plan \(run.planID)` begins anew")
    }
    if run.state == .completed, !(retryFailed && open > 0) {
      context.note("run \(run.id) is complete: nothing is left to do")
      if global.json { context.output.write(try mappingErrors { try session.summary(ofRun: run.id).0.json } + "\n") }
      return run.counts.isCleanSuccess ? .success : .someChangesFailed
    }
    if run.state == .completed { try session.refuseOverlap(with: run) }
    let registry = RunRegistry(writer: ledger.writer, operator: context.runOperator())
    var options = try mappingErrors { try registry.storedOptions(runID: run.id) }
    execution.apply(to: &options)
    let access = try await EndpointDiscovery.access(
      projects: try mappingErrors { try ledger.writer.read { try $0.projects(ofPlan: run.planID) } },
      stored: StoredEndpoints.decode(run.endpoints), CloudConnector(cloud, context), run: options)
    let left = run.counts.unfinished + (retryFailed ? open : 0)
    let plan = try mappingErrors { try ledger.writer.read { try $0.plan(run.planID) } }
    let summary = RunStartSummary(
      verb: "resume run \(run.id)", changes: left, groups: min(left, plan?.groupCount ?? left),
      projects: min(left, plan?.projectCount ?? 1), options: options, expiry: access.expiry)
    guard try summary.confirm(context, yes: yes) else {
      context.note("nothing was changed")
      return .stopped
    }
    if run.counts.failed > 0 { context.note("--max-failures counts anew: earlier failures are not in it") }
    return try await session.execute(
      RunSession.Request(
        runID: run.id, options: options, retryFailed: retryFailed, until: execution.until?.next(after: Date())),
      access: access)
  }
}
