import ArgumentParser
import AutoScaling
import ChangeRun
import Foundation
import Ledger

/// `fleetplan run PLAN`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Carries out a plan.",
    discussion: """
      Loads the plan if need be, records the prior values of every field before it is changed, and changes the \
      groups one request at a time per group, at most --rate requests a second. Interrupted, it goes on with \
      `fleetplan resume`.

      Exit status 0: every change succeeded or was unnecessary; 1: some failed, were blocked or conflicted; \
      75: stopped, and a machine may resume; 76: stopped, and a person should look first.

      Examples:
        AS=https://as.eu-de.otc.t-systems.com
        fleetplan run plans/raise-limits.csv --endpoint $AS
        fleetplan run plans/rename.csv --endpoint $AS --max-failures 5 --yes --json
        fleetplan run plans/health-checks.csv --endpoint $AS --waves 1,10%,100% --until 05:00
      """)

  @OptionGroup var plan: PlanOptions
  @OptionGroup(title: "Cloud") var cloud: CloudOptions
  @OptionGroup(title: "Execution") var execution: ExecutionOptions

  @Option(help: ArgumentHelp("The plan must have this SHA-256: what was reviewed is what is run.", valueName: "hex"))
  var expectSha256: String?

  @Option(help: ArgumentHelp("Why it is done; kept with the run.", valueName: "text"))
  var reason: String?

  @Flag(help: "Run although an unfinished run shares a group with the plan.")
  var again = false

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let expectSha256, expectSha256.count != 64 || !expectSha256.allSatisfy(\.isHexDigit) {
      throw ValidationError(
        "--expect-sha256 takes 64 hexadecimal digits, as `fleetplan load` prints them, not "
          + "\(expectSha256.quotedForMessage).")
    }
    // `resume` has the stored ones.
    if execution.waves == nil, execution.hasWaves {
      throw ValidationError("--wave-pause and --confirm-waves need --waves: without it all is one wave.")
    }
  }

  func run() async throws {
    let context = CommandContext(global)
    try await LedgerSession.with(context, global, command: "run", creates: true) { ledger in
      try await carryOut(context, ledger)
    }
  }

  private func carryOut(_ context: CommandContext, _ ledger: LedgerSession) async throws -> ExitStatus {
    let row = try ledger.plan(plan)
    if let expected = expectSha256?.lowercased(), expected != row.sha256 {
      throw CommandError(
        .invalidPlan,
        "\(row.file): its SHA-256 is \(row.sha256), not the expected \(expected): it is not the plan that was reviewed. Nothing was changed"
      )
    }
    if !again { try refuseOverlap(context, ledger, row) }
    let projects = try mappingErrors { try ledger.writer.read { try $0.projects(ofPlan: row.id) } }
    var options = RunOptions()
    execution.apply(to: &options)
    let access = try await EndpointDiscovery.access(
      projects: projects, CloudConnector(cloud, context), run: options)
    let session = RunSession(context: context, global: global, cloud: cloud, ledger: ledger)
    try session.checkCloud(access, options)
    let summary = RunStartSummary(
      verb: "run", changes: row.changeCount, groups: row.groupCount, projects: row.projectCount, options: options,
      expiry: access.expiry)
    if !yes, context.canAsk {
      try await PreviewSummary.show(
        row, ledger.writer, context: context, access: access, options: options)
    }
    guard try summary.confirm(context, yes: yes) else {
      context.note("nothing was changed")
      return .stopped
    }
    let registry = RunRegistry(writer: ledger.writer, operator: context.runOperator())
    let run = try mappingErrors {
      try registry.createRun(
        planID: row.id, options: options, endpoints: StoredEndpoints.encode(access.endpoints), reason: reason,
        now: LedgerTime.now())
    }
    context.note("run \(run.id) of plan \(row.id) begins")
    let request = RunSession.Request(
      runID: run.id, options: options, until: execution.until?.next(after: Date()))
    return try await session.execute(request, access: access)
  }

  /// An unfinished run in the way must be ended by somebody, unless it has never begun.
  private func refuseOverlap(_ context: CommandContext, _ ledger: LedgerSession, _ row: PlanRow) throws {
    let overlaps = try mappingErrors { try ledger.writer.read { try $0.overlappingRuns(planID: row.id) } }
    let registry = RunRegistry(writer: ledger.writer, operator: context.runOperator())
    let inTheWay = try overlaps.first { overlap in
      let isGone = try mappingErrors { try registry.abandonUnbegun(runID: overlap.run.id, now: LedgerTime.now()) }
      if isGone { context.note("run \(overlap.run.id) has never begun: abandoned for this one") }
      return !isGone
    }
    guard let overlap = inTheWay else { return }
    let id = overlap.run.id
    throw CommandError(
      .stopped,
      "run \(id) (\(overlap.run.kind.rawValue) of \(overlap.run.planFile)) is unfinished and shares the group "
        + "\(overlap.sharedGroup) with this plan: \(GoingOn.ways(id, global, context)), "
        + "--again runs all the same. Nothing was changed")
  }
}
