import ArgumentParser
import Foundation

/// The program: measurements of Fleetplan and attacks on it, beside the executable `fleetplan`.
@main
struct Entry {
  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try FleetplanBench.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as BenchError {
      Console.error("fleetplan-bench: error: \(error.message)")
      exit(error.status)
    } catch {
      FleetplanBench.exit(withError: error)
    }
  }
}

/// The root command.
struct FleetplanBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleetplan-bench",
    abstract: "Attacks and measures the executable fleetplan.",
    discussion: """
      Everything is done to the real executable, which must lie in the same folder as this one: `swift build` puts \
      both there.
      """,
    subcommands: [
      ChaosCommand.self, LoadCommand.self, RunSpeedCommand.self, RateCommand.self, MemoryCommand.self,
      ResumeSpeedCommand.self, ReportSpeedCommand.self, AllCommand.self, BareLoopCommand.self,
    ])
}

/// What ends a command early.
struct BenchError: Error, CustomStringConvertible {
  /// As in the contract, section 3.
  enum Status {
    static let violated: Int32 = 1
    static let usage: Int32 = 64
    static let noInput: Int32 = 66
    static let unavailable: Int32 = 69
  }

  var status: Int32
  /// What failed, what was found, and what to do.
  var message: String

  var description: String { message }
}

/// Lines for people on standard error, results on standard output.
enum Console {
  static func result(_ text: String) { write(text, to: .standardOutput) }
  static func error(_ text: String) { write(text, to: .standardError) }

  private static func write(_ text: String, to stream: FileHandle) {
    // A reader that has gone away is no reason to end a measurement.
    try? stream.write(contentsOf: Data((text + "\n").utf8))
  }
}
