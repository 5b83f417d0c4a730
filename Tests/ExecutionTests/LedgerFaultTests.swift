import Ledger
import LedgerFaults
import Testing

/// The Nth operation of SQLite on the ledger's files fails, once and for ever, for every N of a small run.
struct LedgerFaultTests {
  @Test(arguments: FaultPlan.Failure.allCases, [false, true])
  func `whatever fails under the ledger, nothing is sent without a record, and nothing twice`(
    failure: FaultPlan.Failure, lasts: Bool
  ) async throws {
    try await FailingDisk.with { disk in
      var nth = 0
      var ended = 0
      var puts: Set<Int> = []
      while true {
        nth += 1
        let plan = FaultPlan(failure, nth: nth, lasts: lasts)
        let trial = try await disk.attempt(plan)
        // How commits are grouped differs a little: only a run without a failure is past the last one.
        if trial.failures == 0 {
          #expect(trial.error == nil)
          break
        }
        if let error = trial.error {
          ended += 1
          puts.insert(trial.puts)
          #expect(error.exitStatus == 74, "\(plan): \(error)")
          #expect(error.description.contains("fleetplan resume"), "\(plan): \(error)")
        }
      }
      print("\(failure), \(lasts ? "for ever" : "once"): \(nth - 1) operations, \(ended) ended the session")
      #expect(nth > 10)
      #expect(ended > 5)
      // It has failed before, between and after the PUTs.
      #expect(puts.isSuperset(of: [0, 3]))
    }
  }
}
