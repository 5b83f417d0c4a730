import Foundation

/// Loading a plan, beside `sqlite3 .import` of the same CSV (contract, section 6).
struct LoadMeasurement {
  let bench: Bench
  let rows: Int

  func figures() async throws -> [Figure] {
    let sqlite = try Bench.tool("sqlite3", package: "sqlite3")
    for format in BenchPlan.Format.allCases { try BenchPlan.write(rows: rows, format, to: plan(format)) }
    var reference: [Double] = []
    var usages: [BenchPlan.Format: [MeasuredProgram.Usage]] = [:]
    var sizes: [Double] = []
    for round in 1...bench.repeats {
      bench.note("load, \(rows) rows, round \(round) of \(bench.repeats)")
      try bench.removeLedger("reference.sqlite")
      let importing = try MeasuredProgram(
        sqlite, [bench.folder.path("reference.sqlite"), ".import --csv \(plan(.csv)) plan"], folder: bench.folder,
        name: "sqlite3")
      reference.append(try await importing.succeed().usage.seconds)
      for format in BenchPlan.Format.allCases {
        try bench.removeLedger("load.sqlite")
        usages[format, default: []].append(
          try await bench.fleetplan(["load", plan(format), "--quiet"], ledger: "load.sqlite").usage)
        if format == .csv { sizes.append(Double(try bench.ledgerSize("load.sqlite")) / Double(rows)) }
      }
    }
    for file in ["reference.sqlite", "load.sqlite"] { try bench.removeLedger(file) }
    for format in BenchPlan.Format.allCases { try FileManager.default.removeItem(atPath: plan(format)) }
    return BenchPlan.Format.allCases.flatMap { format in
      let usage = usages[format] ?? []
      return [
        Figure(
          "load \(format.rawValue)", rows: rows, unit: .seconds, samples: usage.map(\.seconds),
          reference: .init(name: "sqlite3 .import", samples: reference),
          bar: .ratioAtMost(format == .csv ? 2 : 3), usage: usage),
        Figure.peak("load \(format.rawValue)", rows: rows, usage),
      ]
    } + [Figure("ledger after load", rows: rows, unit: .bytesPerChange, samples: sizes)]
  }

  private func plan(_ format: BenchPlan.Format) -> String { bench.folder.path("load-\(rows).\(format.rawValue)") }
}

extension Figure {
  /// The memory that a process may take (contract, section 6).
  static let peakLimit = 100.0

  /// Most memory that was resident at a time.
  static func peak(
    _ work: String, rows: Int, _ usage: [MeasuredProgram.Usage], bar: Bar? = .atMost(peakLimit)
  ) -> Figure {
    Figure(
      work + ", peak RSS", rows: rows, unit: .megabytes, samples: usage.map { Double($0.peakBytes) / 1_048_576 },
      bar: bar)
  }
}
