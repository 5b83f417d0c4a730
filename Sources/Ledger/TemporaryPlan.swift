package import ChangePlan
import GRDB

/// A checked plan in a private temporary database: for looking at it by the same questions as at one in a ledger,
/// without making or touching a ledger.
package final class TemporaryPlan: Sendable {
  /// What became of a plan.
  package enum Outcome: Sendable {
    case loaded(TemporaryPlan)
    /// It has errors.
    case refused(PlanSummary)
  }

  /// How the database is called in errors.
  static let place = "temporary database"

  /// Its id means nothing outside.
  package let plan: PlanRow
  private let database: DatabaseQueue

  private init(plan: PlanRow, database: DatabaseQueue) {
    self.plan = plan
    self.database = database
  }

  /// Checks a plan as `PlanStore.load` does, and keeps it until `close`.
  ///
  /// - Throws: `PlanReadError`; `LedgerError` where there is no room for the temporary database.
  package static func load(
    _ source: PlanSource, format: PlanFormat, defaultProjectID: String?, progress: PlanStore.Progress = { _ in }
  ) throws -> Outcome {
    let reader = try PlanReader(defaultProjectID: defaultProjectID)
    do {
      let database = try PlanStore.temporaryDatabase()
      let outcome = try PlanStore.pump(database, reader: reader, source, format, progress) {
        database, batches -> PlanStore.Outcome? in
        let loading = try PlanLoading(database) {}
        defer { loading.end() }
        try loading.begin(source, format: format, defaultProjectID: defaultProjectID)
        guard let summary = try loading.insertAll(batches) else { return nil }
        return summary.isValid ? try loading.complete(summary) : .refused(summary)
      }
      switch outcome {
      case .loaded(let plan), .existing(let plan): return .loaded(TemporaryPlan(plan: plan, database: database))
      case .refused(let summary):
        try database.close()
        return .refused(summary)
      }
    } catch {
      throw LedgerError.wrapping(error, path: place)
    }
  }

  /// Lets the body look at the plan.
  package func read<T>(_ body: (LedgerSnapshot) throws -> T) throws -> T {
    do {
      return try database.read { try body(LedgerSnapshot(database: $0)) }
    } catch {
      throw LedgerError.wrapping(error, path: Self.place)
    }
  }

  /// Removes the database.
  package func close() throws {
    do { try database.close() } catch { throw LedgerError.wrapping(error, path: Self.place) }
  }
}
