import ArgumentParser
import ChangePlan
import JSONText
import Ledger

/// `fleetplan check PLAN…`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validates plans, without a ledger and without the cloud.",
    discussion: """
      Every problem is listed as file:line:column: error: field: what is wrong and what would be right.
      Exit status 0: valid; 65: invalid; 66: no such file.

      Examples:
        fleetplan check plans/raise-limits.csv plans/scale-in-for-the-night.json
        cat plans/move-zones.jsonl | fleetplan check - --format jsonl
      """)

  @Argument(help: "Plan files (.csv, .json, .jsonl), or - for standard input.", completion: .file())
  var plans: [String]

  @Option(
    help: ArgumentHelp("The plans' format: csv, json or jsonl. Default: by each file's name.", valueName: "format"))
  var format: PlanFormat?

  @Option(help: ArgumentHelp("The project of changes that name none.", valueName: "id"))
  var project: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    for plan in plans { _ = try PlanFile(argument: plan, format: format) }
  }

  func run() throws {
    let context = CommandContext(global)
    var isValid = true
    var changes = 0
    var diagnostics: [PlanDiagnostic] = []
    for plan in plans {
      let file = try PlanFile(argument: plan, format: format)
      let progress = LoadProgress(context)
      let check = try mappingErrors {
        try PlanStore.check(
          file.source, format: file.format, defaultProjectID: project, progress: progress.changes)
      }
      progress.finish()
      changes += check.summary.changeCount
      diagnostics += check.summary.diagnostics.listed + check.repeats
      if !global.json {
        PlanWords.list(check.summary.diagnostics, in: context)
        for warning in check.repeats { context.tell(warning.description) }
      }
      if check.summary.isValid {
        context.note(
          "\(plan): valid: "
            + PlanWords.size(
              changes: check.summary.changeCount, groups: check.groupCount, projects: check.projectCount)
            + Self.skipped(check.summary.unchangedCount))
      } else {
        isValid = false
        context.note("\(plan): \(PlanWords.count(check.summary.diagnostics.errorCount, "error"))")
      }
    }
    if global.json { context.output.write(Self.json(isValid: isValid, changes: changes, diagnostics) + "\n") }
    if !isValid { throw ExitCode(ExitStatus.invalidPlan.rawValue) }
  }

  /// Rows that are no change, where there are some.
  private static func skipped(_ count: Int) -> String {
    switch count {
    case 0: ""
    case 1: "; 1 more changes nothing and is skipped"
    default: "; \(PlanWords.grouped(count)) more change nothing and are skipped"
    }
  }

  /// The shape of contract section 3.
  static func json(isValid: Bool, changes: Int, _ diagnostics: [PlanDiagnostic]) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("valid", isValid)
    writer.member("changes", changes)
    writer.key("diagnostics")
    writer.beginArray()
    for diagnostic in diagnostics {
      writer.beginObject()
      writer.member("file", diagnostic.file)
      writer.member("line", diagnostic.line)
      writer.member("column", diagnostic.column)
      writer.member("severity", diagnostic.severity.rawValue)
      writer.member("field", diagnostic.field)
      writer.member("message", diagnostic.message)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.text
  }
}
