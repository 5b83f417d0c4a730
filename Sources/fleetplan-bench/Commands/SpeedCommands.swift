import ArgumentParser

/// `fleetplan-bench load`
struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Measures loading a plan, beside sqlite3's .import of the same CSV.",
    discussion: "CSV, JSON Lines and one JSON document, each loaded into a new ledger, in turn with the import.")

  @OptionGroup var options: BenchOptions

  func run() async throws {
    try await options.measure("load") { try await LoadMeasurement(bench: $0, rows: options.size).figures() }
  }
}

/// `fleetplan-bench run`
struct RunSpeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Measures unthrottled runs, beside a bare loop of the HTTP client and beside curl.",
    discussion: """
      Against nginx on loopback, which takes its share of the machine from each of the three alike. Each is a process \
      of its own, and its start is part of what is measured. Without --rows it is 50,000 changes.
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: ArgumentHelp("How many changes are in flight at a time, separated by commas.", valueName: "list"))
  var concurrency = "8,64,256"

  static let usualSize = 50_000

  private var numbers: [Int] { concurrency.split(separator: ",").compactMap { Int($0) } }

  func validate() throws {
    guard !numbers.isEmpty, numbers.allSatisfy((1...300).contains),
      numbers.count == concurrency.split(separator: ",").count
    else { throw ValidationError("--concurrency takes numbers from 1 to 300, which is as far as curl goes.") }
  }

  func run() async throws {
    try await options.measure("run") { bench in
      try await RunMeasurement(
        bench: bench, rows: min(options.size, Self.usualSize), concurrencies: numbers
      ).figures()
    }
  }
}

/// `fleetplan-bench memory`
struct MemoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory", abstract: "Measures the memory of a large run beside a small one's, and of waiting changes.",
    discussion: "The large run is done once: it takes minutes, and its peak hardly moves.")

  @OptionGroup var options: BenchOptions

  func run() async throws {
    try await options.measure("memory") { try await MemoryMeasurement(bench: $0, rows: options.size).figures() }
  }
}

/// `fleetplan-bench resume`
struct ResumeSpeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Measures how soon a run that was killed half-way sends its next request.")

  @OptionGroup var options: BenchOptions

  func run() async throws {
    try await options.measure("resume") { try await ResumeMeasurement(bench: $0, rows: options.size).figures() }
  }
}

/// `fleetplan-bench report`
struct ReportSpeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Measures reading a large ledger, while a run writes it and afterwards.",
    discussion: "Below 200,000 changes a run is over too soon to be read beside.")

  @OptionGroup var options: BenchOptions

  func run() async throws {
    try await options.measure("report") { try await ReportMeasurement(bench: $0, rows: options.size).figures() }
  }
}

/// `fleetplan-bench all`
struct AllCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Measures everything but the delivered rate, for which there is `rate`.")

  @OptionGroup var options: BenchOptions

  @Flag(help: "Also with 10,000 changes, and ten times as many each time, up to --rows.")
  var growth = false

  /// The sizes that are measured, the smallest first.
  static func sizes(upTo rows: Int, growth: Bool) -> [Int] {
    guard growth else { return [rows] }
    return Array(sequence(first: 10_000) { $0 * 10 }.prefix { $0 < rows }) + [rows]
  }

  func run() async throws {
    try await options.measure("all") { bench in
      var figures: [Figure] = []
      for rows in Self.sizes(upTo: options.size, growth: growth) {
        figures += try await LoadMeasurement(bench: bench, rows: rows).figures()
        figures += try await RunMeasurement(
          bench: bench, rows: min(rows, RunSpeedCommand.usualSize), concurrencies: [8, 64, 256]
        ).figures()
        figures += try await MemoryMeasurement(bench: bench, rows: rows).figures()
        figures += try await ResumeMeasurement(bench: bench, rows: rows).figures()
        figures += try await ReportMeasurement(bench: bench, rows: rows).figures()
      }
      return figures
    }
  }
}

/// `fleetplan-bench bare-loop`: a process of its own for `run`.
struct BareLoopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bare-loop", abstract: "The requests of a run, with nothing around them.", shouldDisplay: false)

  @Option var endpoint: String
  @Option var rows: Int
  @Option var concurrency: Int

  func run() async throws { try await BareLoop(endpoint: endpoint, rows: rows, concurrency: concurrency).run() }
}
