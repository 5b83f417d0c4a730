import ChangeRun

/// The command that goes on where a session has stopped, as it can be copied into a shell.
struct GoingOn {
  /// A whole command line.
  let command: String

  /// - Parameters:
  ///   - request: what the session was asked to do.
  ///   - global: the ledger that was named.
  ///   - cloud: what is not kept with a run, and is needed to reach the service again.
  ///   - context: whether somebody can be asked.
  init(_ request: RunSession.Request, _ global: GlobalOptions, _ cloud: CloudOptions, _ context: CommandContext) {
    if request.isStep {
      // Its command has not yet come to what it is for: it is typed again, with all that was said with it.
      command = (["fleetplan"] + CommandLine.arguments.dropFirst()).map(ShellWord.quote).joined(separator: " ")
    } else if request.isAbandoning {
      command = "fleetplan abandon \(request.runID)" + global.ledgerFlag(context) + cloud.repeatedFlags(context)
    } else {
      command =
        "fleetplan resume \(request.runID)" + global.ledgerFlag(context) + cloud.repeatedFlags(context)
        + (context.canAsk ? "" : " --yes")
    }
  }

  /// What can be done about an unfinished run that is in the way.
  static func ways(_ runID: Int, _ global: GlobalOptions, _ context: CommandContext) -> String {
    let ledger = global.ledgerFlag(context)
    return "`fleetplan resume \(runID)\(ledger)` goes on with it, `fleetplan abandon \(runID)\(ledger)` ends it"
  }
}
