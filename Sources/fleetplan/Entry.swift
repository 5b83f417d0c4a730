import ArgumentParser

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The program: parses the command line, runs the command, and ends with its exit status (contract, section 3).
@main
struct Entry {
  static func main() async {
    // A reader that has gone away must not end a run.
    signal(SIGPIPE, SIG_IGN)
    ProcessSetup.occupyStandardStreams()
    ProcessSetup.raiseOpenFileLimit()
    do {
      var command = try Fleetplan.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as CommandError {
      CommandOutput.standardError.write("fleetplan: error: \(error.message)\n")
      exit(error.status.rawValue)
    } catch {
      Fleetplan.exit(withError: error)
    }
  }
}

/// The root command.
struct Fleetplan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleetplan",
    abstract: "Carries out change plans for many Auto Scaling groups, and can take them back.",
    discussion: """
      A plan is a CSV or JSON file with one change a row. It is loaded into a ledger (one SQLite file) and carried \
      out through the Auto Scaling API, with a rate limit, retries, and a record of every prior value. A run that \
      was interrupted goes on from the ledger; a run that was wrong is rolled back from it.

      A first try, without a cloud:
        fleetplan demo

      The usual way:
        AS=https://as.eu-de.otc.t-systems.com
        fleetplan check raise-limits.csv
        fleetplan preview raise-limits.csv --endpoint $AS
        fleetplan run raise-limits.csv --endpoint $AS --rate 20
        fleetplan resume
        fleetplan report
        fleetplan rollback
      """,
    version: ToolVersion.text,
    subcommands: [
      CheckCommand.self, LoadCommand.self, PreviewCommand.self, RunCommand.self, ResumeCommand.self,
      AbandonCommand.self, RollbackCommand.self, StatusCommand.self, ReportCommand.self, HistoryCommand.self,
      TuneCommand.self, GroupsCommand.self, SimulateCommand.self, DemoCommand.self,
    ])
}

/// The version of the program, kept with every run.
enum ToolVersion {
  static let text = "0.1.0"
}
