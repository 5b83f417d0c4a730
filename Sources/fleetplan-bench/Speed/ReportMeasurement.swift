import Foundation
import JSONText

/// What is read of a large ledger, while a run writes it and afterwards (contract, section 6).
struct ReportMeasurement {
  let bench: Bench
  let rows: Int

  /// Below this a run is over before anything can be read beside it.
  private static let livelySize = 200_000

  func figures() async throws -> [Figure] {
    try await bench.withServer { server in
      try await bench.load(rows: rows, ledger: "report.sqlite")
      let run = try bench.startRun(server, concurrency: 64, ledger: "report.sqlite", options: ["--quiet"])
      var figures: [Figure] = []
      if rows >= Self.livelySize {
        bench.note("report, \(rows) changes, beside the run")
        try await bench.wait(for: run, ledger: "report.sqlite") { status in
          (status["changes"]?["succeeded"]?.integerValue ?? 0) >= rows / 10
        }
        figures += try await read(", beside a run", from: Self.quickReads + Self.longReads, while: run)
      }
      bench.note("report: the rest of the run")
      let usage = try await run.succeed().usage
      figures.append(.peak("run that was read meanwhile", rows: rows, [usage]))
      bench.note("report, \(rows) changes")
      figures += try await read("", from: Self.quickReads + Self.longReads, while: nil)
      try bench.removeLedger("report.sqlite")
      return figures
    }
  }

  /// A way to read, and what is promised of it.
  private struct Read {
    var work: String
    var arguments: [String]
    var bar: Figure.Bar?
    var unit = Figure.Unit.milliseconds
  }

  private static let quickReads = [
    Read(work: "status", arguments: ["status"], bar: .atMost(200)),
    Read(work: "report", arguments: ["report"], bar: .atMost(1_000)),
    Read(work: "history", arguments: ["history"], bar: .atMost(1_000)),
  ]

  private static let longReads = [
    Read(
      work: "report --format csv", arguments: ["report", "--format", "csv", "--output"], bar: .atLeast(200_000),
      unit: .rowsPerSecond),
    Read(work: "report --by field", arguments: ["report", "--by", "field"], unit: .seconds),
  ]

  // `run` must be at work all the time; `nil`: none is.
  private func read(_ where: String, from reads: [Read], while run: MeasuredProgram?) async throws -> [Figure] {
    var figures: [Figure] = []
    for read in reads {
      let isCSV = read.unit == .rowsPerSecond
      let file = isCSV ? [bench.folder.path("report.csv")] : []
      let usage = try await bench.repeated(read.arguments + file, ledger: "report.sqlite")
      guard run?.isRunning != false else {
        bench.note("the run was over before \(read.work) had been measured beside it")
        break
      }
      let samples = usage.map { usage in
        switch read.unit {
        case .rowsPerSecond: Double(rows) / usage.seconds
        case .milliseconds: usage.seconds * 1_000
        default: usage.seconds
        }
      }
      figures.append(
        Figure(
          read.work + `where`, rows: rows, unit: read.unit, samples: samples, bar: read.bar, usage: usage))
    }
    return figures
  }
}
