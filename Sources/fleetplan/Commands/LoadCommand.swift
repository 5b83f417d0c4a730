import ArgumentParser
import ChangePlan
import JSONText
import Ledger

/// `fleetplan load PLAN`
struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Validates a plan and loads it into the ledger.",
    discussion: """
      Prints the plan's id and the SHA-256 of its bytes. The same bytes, format and default project again are the \
      same plan. A plan with a problem is not loaded at all (exit status 65).

      Examples:
        AS=https://as.eu-de.otc.t-systems.com
        fleetplan load plans/raise-limits.csv
        fleetplan run --plan 1 --endpoint $AS
      """)

  @OptionGroup var plan: PlanOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if plan.planID != nil {
      throw ValidationError("Give a plan file instead of --plan ID, which names one that is loaded already.")
    }
  }

  func run() throws {
    let context = CommandContext(global)
    let writer = try mappingErrors {
      try LedgerWriter.open(
        global.ledgerPath(context), command: "load", toolVersion: ToolVersion.text,
        onBackup: { context.note("the ledger is brought up to date; a copy of it as it was is \($0)") })
    }
    let row = try PlanLoading.load(plan, writer: writer, context: context)
    try mappingErrors { try writer.close() }
    if global.json {
      context.output.write(Self.json(row) + "\n")
    } else {
      context.output.write("plan \(row.id) sha256 \(row.sha256)\n")
    }
  }

  /// The shape of contract section 3.
  static func json(_ plan: PlanRow) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("plan_id", plan.id)
    writer.member("name", plan.name)
    writer.member("sha256", plan.sha256)
    writer.member("changes", plan.changeCount)
    writer.member("groups", plan.groupCount)
    writer.member("projects", plan.projectCount)
    writer.key("warnings")
    writer.beginArray()
    for warning in plan.warnings { writer.string(warning) }
    writer.endArray()
    writer.endObject()
    return writer.text
  }
}
