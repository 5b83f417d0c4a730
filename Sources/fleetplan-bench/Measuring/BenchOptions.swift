import ArgumentParser

/// What all measurements take.
struct BenchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Changes in the plan.", valueName: "n"))
  var rows = 1_000_000

  @Flag(help: "10,000 changes: a look, no measurement.")
  var quick = false

  @Option(help: ArgumentHelp("How often each is measured; the median counts.", valueName: "n"))
  var `repeat` = 3

  @Flag(help: "One JSON document on standard output.")
  var json = false

  @Flag(name: .customLong("debug-build"), help: "Measure a debug build all the same, which says little.")
  var allowsDebugBuild = false

  func validate() throws {
    guard (1_000...10_000_000).contains(rows) else { throw ValidationError("--rows is from 1000 to 10000000.") }
    guard (1...100).contains(self.repeat) else { throw ValidationError("--repeat is from 1 to 100.") }
  }

  var size: Int { quick ? 10_000 : rows }

  /// Measures in a temporary folder, and says what came of it.
  ///
  /// - Parameters:
  ///   - purpose: part of the folder's name.
  ///   - body: measures.
  /// - Throws: `BenchError` 64 for a debug build, and what `body` throws.
  func measure(_ purpose: String, _ body: (Bench) async throws -> [Figure]) async throws {
    #if DEBUG
      guard allowsDebugBuild else {
        throw BenchError(
          status: BenchError.Status.usage,
          message: "this is a debug build: `swift build -c release`, then .build/release/fleetplan-bench "
            + "(or --debug-build)")
      }
    #endif
    try Program.requireFleetplan()
    let folder = try WorkFolder(purpose)
    let outcome: Result<[Figure], any Error>
    do {
      outcome = .success(try await body(Bench(folder: folder, repeats: self.repeat)))
    } catch {
      outcome = .failure(error)
    }
    try folder.remove()
    let table = FigureTable(figures: try outcome.get())
    Console.result(json ? table.json : table.text)
  }
}
