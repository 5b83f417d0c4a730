import Foundation
import JSONText

/// The memory of runs, which must not grow with the plan (contract, section 6).
struct MemoryMeasurement {
  let bench: Bench
  let rows: Int

  private static let concurrency = 64
  private static let few = 10_000
  /// A plan that is this much larger may take this much more.
  private static let growth = 1.1

  func figures() async throws -> [Figure] {
    try await bench.withServer { server in
      var small: [MeasuredProgram.Usage] = []
      for round in 1...bench.repeats {
        bench.note("memory, \(Self.few) changes, round \(round) of \(bench.repeats)")
        small.append(try await run(Self.few, server))
      }
      bench.note("memory, \(rows) changes, once")
      let large = try await run(rows, server)
      let parked = try await park(min(rows, 100_000), server)
      let reference = Figure.Reference(
        name: "\(FigureTable.number(Double(Self.few))) changes", samples: small.map { Double($0.peakBytes) / 1_048_576 }
      )
      var growth = Figure.peak("run, to that of a small one", rows: rows, [large], bar: .ratioAtMost(Self.growth))
      growth.reference = reference
      return [
        Figure.peak("run", rows: Self.few, small), Figure.peak("run", rows: rows, [large]), growth, parked,
        Figure(
          "whole run, concurrency \(Self.concurrency)", rows: rows, unit: .requestsPerSecond,
          samples: [Double(2 * rows) / large.seconds], usage: [large]),
      ]
    }
  }

  private func run(_ rows: Int, _ server: StaticServer) async throws -> MeasuredProgram.Usage {
    try await bench.load(rows: rows, ledger: "memory.sqlite")
    let run = try bench.startRun(server, concurrency: Self.concurrency, ledger: "memory.sqlite", options: ["--quiet"])
    let usage = try await run.succeed().usage
    try bench.removeLedger("memory.sqlite")
    return usage
  }

  /// A run whose groups are all busy: each of its changes waits, and none holds a worker.
  private func park(_ rows: Int, _ server: StaticServer) async throws -> Figure {
    bench.note("memory, \(rows) changes waiting")
    let plan = bench.folder.path("busy.csv")
    try BenchPlan.writeBusy(rows: rows, to: plan)
    try await bench.fleetplan(["load", plan, "--quiet"], ledger: "busy.sqlite")
    let run = try bench.startRun(
      server, concurrency: Self.concurrency, ledger: "busy.sqlite", options: ["--quiet", "--busy-poll", "1h:1h"])
    try await bench.wait(for: run, ledger: "busy.sqlite") { status in
      (status["requests"]?["get"]?.integerValue ?? 0) >= rows
    }
    run.send(signal: SIGINT)
    // 75: stopped early, to be resumed.
    let usage = try await run.succeed(with: 75).usage
    try bench.removeLedger("busy.sqlite")
    return Figure.peak("run, all changes waiting", rows: rows, [usage])
  }
}
