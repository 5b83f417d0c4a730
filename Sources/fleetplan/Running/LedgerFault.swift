import LedgerFaults

/// Makes the ledger's files fail: `FLEETPLAN_TEST_IO_FAULT=full:12:forever` is for tests, and the form is that of
/// `FaultPlan`. Without the variable SQLite works with its own VFS.
enum LedgerFault {
  /// - Returns: the name of the VFS that fails; `nil` where nothing is to fail.
  static func fromEnvironment(_ context: CommandContext) -> String? {
    guard let text = context.environment["FLEETPLAN_TEST_IO_FAULT"] else { return nil }
    guard let plan = FaultPlan(text) else {
      context.warn("FLEETPLAN_TEST_IO_FAULT=\(text) is not error|full:N[:forever][:database|wal]; nothing fails")
      return nil
    }
    do {
      // SQLite keeps it for as long as the process lives.
      return try FaultInjector(plan).name
    } catch {
      context.warn("FLEETPLAN_TEST_IO_FAULT: \(error); nothing fails")
      return nil
    }
  }
}
