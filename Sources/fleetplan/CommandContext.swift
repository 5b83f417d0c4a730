import Ledger
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a command has of the world around it.
struct CommandContext: Sendable {
  var output = CommandOutput.standardOutput
  var errors = CommandOutput.standardError
  var environment: [String: String]
  var logger: Logger
  var isQuiet: Bool
  var logFormat: LogFormat
  /// Somebody sits there and can be asked.
  var canAsk: Bool

  init(_ options: GlobalOptions, environment: [String: String] = Self.processEnvironment()) {
    self.environment = environment
    isQuiet = options.quiet
    logFormat = options.logFormat
    canAsk = isatty(0) == 1 && isatty(2) == 1
    var logger = Logger(label: "fleetplan") { [format = options.logFormat] _ in
      StandardErrorLog(format: format)
    }
    logger.logLevel = options.verbose ? .debug : options.quiet ? .warning : .info
    self.logger = logger
  }

  /// Colours only on a terminal, and not where `NO_COLOR` is set (no-color.org).
  func usesColor(on output: CommandOutput) -> Bool {
    output.isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
  }

  /// A line on standard error for people; not with `--quiet`.
  func note(_ text: String) { logger.info("\(text)") }

  /// A line on standard error that is told in any case, also with `--quiet`; a log entry where logs are JSON.
  func tell(_ text: String) {
    if logFormat == .json { logger.warning("\(text)") } else { errors.write(text + "\n") }
  }

  func warn(_ text: String) { logger.warning("\(text)") }

  static func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee.map({ String(cString: $0) }) {
      if let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      entry += 1
    }
    return variables
  }

  /// Who runs the program, for the ledger.
  func runOperator() -> RunOperator {
    let name = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? environment["USER"] ?? "\(geteuid())"
    return RunOperator(
      name: name, host: ExecutorLock.hostName(), pid: Int(getpid()), toolVersion: ToolVersion.text)
  }
}

/// Log lines on standard error: plain text for people, or one JSON object a line.
struct StandardErrorLog: LogHandler {
  let format: LogFormat
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  init(format: LogFormat) { self.format = format }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let values = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    CommandOutput.standardError.write(format.line(level: event.level, message: "\(event.message)", values: values))
  }
}
