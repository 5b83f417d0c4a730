import ArgumentParser
import Ledger

/// The options of every command (contract, section 3).
struct GlobalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The ledger. Default: FLEETPLAN_LEDGER, else ./fleetplan.sqlite.", valueName: "path"))
  var ledger: String?

  @Flag(help: "One JSON document on standard output.")
  var json = false

  @Flag(help: "Only warnings and errors on standard error.")
  var quiet = false

  @Flag(help: "Details on standard error.")
  var verbose = false

  @Option(help: "How lines on standard error look: text or json.")
  var logFormat = LogFormat.text

  func validate() throws {
    if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other: leave one out.") }
  }

  /// The ledger's path, as it was given.
  func ledgerPath(_ context: CommandContext) -> String {
    ledger ?? context.environment["FLEETPLAN_LEDGER"].flatMap { $0.isEmpty ? nil : $0 } ?? "fleetplan.sqlite"
  }

  /// The flag that names the ledger again, for commands that are shown; empty for the default one.
  func ledgerFlag(_ context: CommandContext) -> String {
    ledger.map { " --ledger " + ShellWord.quote($0) } ?? ""
  }
}

/// Words of commands that are shown to be typed again.
enum ShellWord {
  /// The word as a POSIX shell reads it back.
  static func quote(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "/._-+=:,@%".utf8.contains(byte)
        }
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
