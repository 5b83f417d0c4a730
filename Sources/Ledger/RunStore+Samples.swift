package import ChangeRun
package import GRDB

/// One row of `run_sample`.
package struct RunSampleEntry: Sendable {
  private let progress: RunProgress
  private let runID: Int
  private let sampledAt: Int
  private let elapsed: Int

  /// - Parameters:
  ///   - progress: the run at that moment.
  ///   - runID: the run.
  ///   - sampledAt: milliseconds since 1970.
  ///   - elapsed: milliseconds that executors have worked on the run.
  package init(_ progress: RunProgress, runID: Int, sampledAt: Int, elapsed: Int) {
    self.progress = progress
    self.runID = runID
    self.sampledAt = sampledAt
    self.elapsed = elapsed
  }

  package func insert(_ database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO run_sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        runID, sampledAt, elapsed, progress.counts.finished, progress.counts.failed, progress.requests.gets,
        progress.requests.puts, progress.requests.retries, progress.throttled, progress.inFlight,
        progress.waiting.values.reduce(0, +), progress.rate, progress.effectiveRate,
      ])
  }
}

/// Sees what `tune` asks of a run, once each. Used in the store's transactions only.
///
/// @unchecked Sendable: the transactions come one at a time.
package final class TuningWatch: @unchecked Sendable {
  private let runID: Int
  /// The last request that was there; what was asked of an earlier session is over.
  private var last: Int?

  package init(runID: Int) { self.runID = runID }

  /// - Returns: the newest request since the last look; `nil` for none, and at the first look.
  package func next(_ database: Database) throws -> (rate: Double?, concurrency: Int?)? {
    let row = try Row.fetchOne(
      database,
      sql: "SELECT id, rate, concurrency FROM tuning WHERE run_id = ? ORDER BY id DESC LIMIT 1", arguments: [runID])
    let id: Int = row?["id"] ?? 0
    defer { last = id }
    guard let last, id > last, let row else { return nil }
    return (row["rate"], row["concurrency"])
  }
}
