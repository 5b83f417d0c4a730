import ArgumentParser
import Foundation
import JSONText

/// `fleetplan-bench rate`
struct RateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rate",
    abstract: "Measures the delivered rate, as a server sees it.",
    discussion: """
      Runs a plan against nginx on loopback, once for each rate, and counts the requests of its access log: the mean \
      must be within 1 % of the rate, and no second, wherever it begins, above the rate + 1 % + 1.

      Above some hundred requests a second this says something only about a release build (`swift build -c release`).

      Exit status 1 where that does not hold, 69 where there is no nginx (Debian: nginx-light).

      Examples:
        fleetplan-bench rate
        fleetplan-bench rate --rates 10,3000 --seconds 60 --json
      """)

  @Option(help: ArgumentHelp("Requests a second, separated by commas.", valueName: "list"))
  var rates = "10,100,1000,3000"

  @Option(help: ArgumentHelp("How long each is measured.", valueName: "n"))
  var seconds = 20

  @Flag(help: "One JSON document on standard output, with the counts of every second.")
  var json = false

  /// One rate and what came of it.
  private struct Measurement {
    var rate: Double
    var window: WindowCount
    var holds: Bool { window.holds(rate: rate) }
  }

  private var numbers: [Double]? {
    let words = rates.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Double($0) }.filter { (1...100_000).contains($0) }
    return numbers.count == words.count ? numbers : nil
  }

  func validate() throws {
    guard numbers != nil else { throw ValidationError("--rates takes numbers from 1 to 100000, such as 10,100.") }
    guard seconds >= 2 else { throw ValidationError("--seconds is 2 or more: fewer say nothing about a second.") }
  }

  func run() async throws {
    try Program.requireFleetplan()
    let folder = try WorkFolder("rate")
    let server: StaticServer
    do {
      server = try await StaticServer.start(in: folder)
    } catch {
      try folder.remove()
      throw error
    }
    var measurements: [Measurement] = []
    let outcome: Result<Void, any Error>
    do {
      if !json { Console.result(Self.header) }
      for rate in numbers ?? [] {
        let measurement = try await measure(rate, server, folder)
        measurements.append(measurement)
        if !json { Console.result(Self.line(measurement)) }
      }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    try await server.stop()
    try folder.remove()
    try outcome.get()
    if json { Console.result(document(measurements)) }
    if !measurements.allSatisfy(\.holds) { throw ExitCode(BenchError.Status.violated) }
  }

  private func measure(_ rate: Double, _ server: StaticServer, _ folder: WorkFolder) async throws -> Measurement {
    let name = "plan-\(rate)"
    // A change costs a GET and a PUT.
    let changes = max(Int((rate * Double(seconds) / 2).rounded(.up)), 1)
    let rows = (1...changes).map { "0f3a6bd2c1de4a55b0c6a1f2d3e4f506,group-\($0),60\n" }.joined()
    try folder.write("project_id,scaling_group_id,cool_down_time\n" + rows, to: name + ".csv")
    let program = try Program(
      ["run", name + ".csv", "--rate", "\(rate)", "--yes", "--quiet", "--endpoint", server.endpoint],
      environment: ["FLEETPLAN_LEDGER": folder.path(name + ".sqlite")], folder: folder.url, name: name)
    let result = try await program.wait(limit: .seconds(seconds * 10 + 60))
    guard let result, result.ending == .exit(0) else {
      throw BenchError(
        status: BenchError.Status.violated,
        message: "fleetplan run --rate \(rate) "
          + (result.map { "ended with \($0.ending):\n\($0.errors)" } ?? "had not ended after \(seconds * 10 + 60) s"))
    }
    let window = WindowCount(milliseconds: try server.takeTimes())
    guard window.count == 2 * changes else {
      throw BenchError(
        status: BenchError.Status.violated,
        message: "\(changes) changes took \(window.count) requests at --rate \(rate), not \(2 * changes)")
    }
    return Measurement(rate: rate, window: window)
  }

  // MARK: Output

  private static let header = "    rate       mean    share  largest    bound   per second: min  median     max"

  private static func line(_ measurement: Measurement) -> String {
    let window = measurement.window
    return String(
      format: "%8.0f %10.2f %7.2f%% %8d %8.1f %17d %7d %7d  %@", measurement.rate, window.mean,
      window.mean / measurement.rate * 100, window.largest, WindowCount.bound(rate: measurement.rate),
      window.perSecond.min() ?? 0, window.median, window.perSecond.max() ?? 0,
      measurement.holds ? "holds" : "DOES NOT HOLD")
  }

  private func document(_ measurements: [Measurement]) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("rates")
    writer.beginArray()
    for measurement in measurements {
      let window = measurement.window
      writer.beginObject()
      writer.key("rate")
      writer.decimal(measurement.rate, fractionDigits: 3)
      writer.member("requests", window.count)
      writer.key("seconds")
      writer.decimal(window.seconds, fractionDigits: 3)
      writer.key("mean")
      writer.decimal(window.mean, fractionDigits: 3)
      writer.key("share")
      writer.decimal(window.mean / measurement.rate, fractionDigits: 5)
      writer.member("largest_window", window.largest)
      writer.key("bound")
      writer.decimal(WindowCount.bound(rate: measurement.rate), fractionDigits: 2)
      writer.member("holds", measurement.holds)
      writer.key("per_second")
      writer.beginArray()
      for count in window.perSecond { writer.integer(count) }
      writer.endArray()
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.text
  }
}
