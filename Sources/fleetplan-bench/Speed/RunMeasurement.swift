import Foundation
import JSONText

/// An unthrottled run against nginx, beside a bare loop of the HTTP client and beside curl (contract, section 6).
struct RunMeasurement {
  let bench: Bench
  let rows: Int
  /// How many changes are in flight at a time.
  let concurrencies: [Int]

  func figures() async throws -> [Figure] {
    let curl = try Bench.tool("curl", package: "curl")
    return try await bench.withServer { server in
      try BenchPlan.writeCurl(rows: rows, endpoint: server.endpoint, to: bench.folder.path("curl.conf"))
      var figures: [Figure] = []
      for concurrency in concurrencies { figures += try await measure(concurrency, server, curl) }
      try FileManager.default.removeItem(atPath: bench.folder.path("curl.conf"))
      return figures
    }
  }

  /// What the repetitions at one concurrency gave.
  private struct Samples {
    var runs: [MeasuredProgram.Usage] = []
    var loops: [MeasuredProgram.Usage] = []
    var curls: [MeasuredProgram.Usage] = []
    var commits: [Int] = []
    var sizes: [Double] = []
  }

  private func measure(_ concurrency: Int, _ server: StaticServer, _ curl: URL) async throws -> [Figure] {
    var samples = Samples()
    for round in 1...bench.repeats {
      bench.note("run, \(rows) changes, concurrency \(concurrency), round \(round) of \(bench.repeats)")
      try await bench.load(rows: rows, ledger: "run.sqlite")
      let run = try await bench.startRun(
        server, concurrency: concurrency, ledger: "run.sqlite", options: ["--verbose", "--log-format", "json"]
      ).succeed()
      samples.runs.append(run.usage)
      samples.commits.append(try Self.commits(in: try run.errorText()))
      samples.sizes.append(Double(try bench.ledgerSize("run.sqlite")) / Double(rows))
      samples.loops.append(
        try await MeasuredProgram(
          Self.ownExecutable,
          ["bare-loop", "--endpoint", server.endpoint, "--rows", "\(rows)", "--concurrency", "\(concurrency)"],
          folder: bench.folder, name: "bare-loop"
        ).succeed().usage)
      samples.curls.append(
        try await MeasuredProgram(
          curl,
          [
            "--disable", "--no-progress-meter", "--parallel", "--parallel-max", "\(concurrency)", "--config",
            bench.folder.path("curl.conf"),
          ], folder: bench.folder, name: "curl"
        ).succeed().usage)
    }
    try bench.removeLedger("run.sqlite")
    return figures(samples, concurrency)
  }

  private func figures(_ samples: Samples, _ concurrency: Int) -> [Figure] {
    // A change costs a GET and a PUT.
    func rates(_ usages: [MeasuredProgram.Usage]) -> [Double] { usages.map { Double(2 * rows) / $0.seconds } }
    let work = "run, concurrency \(concurrency)"
    let isPromised = concurrency == 64
    return [
      Figure(
        work, rows: rows, unit: .requestsPerSecond, samples: rates(samples.runs),
        reference: .init(name: "bare loop", samples: rates(samples.loops)), bar: isPromised ? .ratioAtLeast(0.7) : nil,
        usage: samples.runs),
      Figure(
        work, rows: rows, unit: .requestsPerSecond, samples: rates(samples.runs),
        reference: .init(name: "curl -Z", samples: rates(samples.curls)), bar: isPromised ? .ratioAtLeast(0.5) : nil,
        usage: samples.runs),
      Figure(
        "bare loop, concurrency \(concurrency)", rows: rows, unit: .requestsPerSecond, samples: rates(samples.loops),
        usage: samples.loops),
      Figure(
        work + ", commits", rows: rows, unit: .commitsPerSecond,
        samples: zip(samples.commits, samples.runs).map { Double($0) / $1.seconds }),
      Figure(
        work + ", group commit", rows: rows, unit: .changesPerCommit,
        samples: samples.commits.map { Double(rows) / Double(max($0, 1)) }, bar: isPromised ? .atLeast(5) : nil),
      Figure("ledger after run, concurrency \(concurrency)", rows: rows, unit: .bytesPerChange, samples: samples.sizes),
    ]
  }

  /// Reads how many transactions a run has committed from its log (`--verbose --log-format json`).
  ///
  /// - Throws: `BenchError` where the log does not tell.
  static func commits(in log: String) throws -> Int {
    for line in log.split(separator: "\n") where line.contains("\"commits\"") {
      // Lines that are no JSON are for people.
      guard let node = try? JSONParser.parse(Array(line.utf8)) else { continue }
      let value = node["commits"] ?? node["metadata"]?["commits"]
      if let commits = value?.integerValue ?? value?.stringValue.flatMap(Int.init) { return commits }
    }
    throw BenchError(status: BenchError.Status.violated, message: "the log does not tell how many commits there were")
  }

  private static let ownExecutable = Program.fleetplan.deletingLastPathComponent()
    .appendingPathComponent("fleetplan-bench")
}
