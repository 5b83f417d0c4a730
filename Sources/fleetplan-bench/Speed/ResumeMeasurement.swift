import Foundation
import JSONText

/// How soon a half-done run goes on after a kill, and what can be read of it meanwhile (contract, section 6).
struct ResumeMeasurement {
  let bench: Bench
  let rows: Int

  func figures() async throws -> [Figure] {
    try await bench.withServer(logsRequests: true) { server in
      bench.note("resume: half a run of \(rows) changes")
      try await bench.load(rows: rows, ledger: "resume.sqlite")
      let run = try bench.startRun(server, concurrency: 64, ledger: "resume.sqlite", options: ["--quiet"])
      try await bench.wait(for: run, ledger: "resume.sqlite") { status in
        (status["changes"]?["succeeded"]?.integerValue ?? 0) >= rows / 2
      }
      var delays: [Double] = []
      try await kill(run)
      for round in 1...bench.repeats {
        bench.note("resume, \(rows) changes, round \(round) of \(bench.repeats)")
        delays.append(try await delay(server))
      }
      let status = try await bench.repeated(["status"], ledger: "resume.sqlite")
      let report = try await bench.repeated(["report"], ledger: "resume.sqlite")
      try bench.removeLedger("resume.sqlite")
      return [
        Figure(
          "resume, first request", rows: rows, unit: .milliseconds, samples: delays, bar: .atMost(300)),
        Figure(
          "status of the half-done run", rows: rows, unit: .milliseconds, samples: status.map { $0.seconds * 1_000 },
          bar: .atMost(200)),
        Figure(
          "report of the half-done run", rows: rows, unit: .milliseconds, samples: report.map { $0.seconds * 1_000 },
          bar: .atMost(1_000)),
      ]
    }
  }

  /// From the start of the process until the server has answered the first request, in milliseconds.
  private func delay(_ server: StaticServer) async throws -> Double {
    try server.clearLog()
    let resume = try bench.start(["resume", "--yes", "--quiet", "--auth", "none"], ledger: "resume.sqlite")
    let limit = ContinuousClock.now + .seconds(60)
    while true {
      if let seen = try server.firstTime() {
        try await kill(resume)
        return Double(seen) - resume.startedAt
      }
      guard resume.isRunning, ContinuousClock.now < limit else {
        resume.send(signal: SIGKILL)
        let said = try await resume.wait().errorText()
        throw BenchError(status: BenchError.Status.violated, message: "resume sent no request: \(said.suffix(2_000))")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private func kill(_ process: MeasuredProgram) async throws {
    process.send(signal: SIGKILL)
    _ = try await process.wait()
    // What it had sent last is answered, and noted, after its death.
    try await Task.sleep(for: .milliseconds(200))
  }
}
