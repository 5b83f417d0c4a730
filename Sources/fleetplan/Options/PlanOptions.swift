import ArgumentParser
import ChangePlan
import Ledger

/// Which plan: a file, standard input, or one that was loaded before.
struct PlanOptions: ParsableArguments {
  @Argument(help: "A plan file (.csv, .json, .jsonl), or - for standard input.", completion: .file())
  var plan: String?

  @Option(name: .customLong("plan"), help: ArgumentHelp("A plan that was loaded before, by its id.", valueName: "id"))
  var planID: Int?

  @Option(
    help: ArgumentHelp("The plan's format: csv, json or jsonl. Default: by the file's name.", valueName: "format"))
  var format: PlanFormat?

  @Option(help: ArgumentHelp("The project of changes that name none.", valueName: "id"))
  var project: String?

  func validate() throws {
    guard (plan == nil) != (planID == nil) else {
      throw ValidationError(
        plan == nil
          ? "Which plan? Give a plan file, or --plan ID for one that is loaded (`fleetplan history` lists them)."
          : "A plan file and --plan ID exclude each other: give one of them.")
    }
    if planID != nil, format != nil || project != nil {
      throw ValidationError("--format and --project are for plan files; a loaded plan has them already.")
    }
    if let plan { _ = try PlanFile(argument: plan, format: format) }
  }
}

extension PlanFormat: ExpressibleByArgument {}

/// A plan file as it was named on the command line.
struct PlanFile {
  var source: PlanSource
  var format: PlanFormat

  /// - Throws: `ValidationError` where the format is not said.
  init(argument: String, format: PlanFormat?) throws {
    source = PlanSource(argument: argument)
    guard let format = format ?? PlanFormat(path: argument) else {
      throw ValidationError(
        argument == "-"
          ? "The format of standard input has to be said: --format csv, json or jsonl."
          : "The name \(argument) does not tell the plan's format: --format csv, json or jsonl.")
    }
    self.format = format
  }
}
