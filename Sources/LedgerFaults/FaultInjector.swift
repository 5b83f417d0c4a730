import GRDBSQLite
import Synchronization

/// A VFS of SQLite over the default one, in which the operations of a `FaultPlan` fail (<https://sqlite.org/vfs.html>).
///
/// Connections choose it by the URI parameter `vfs=NAME`. Nothing of it exists unless somebody makes one.
package final class FaultInjector: Sendable {
  /// What connections name it by; each injector has its own.
  package let name: String

  private struct State {
    var plan: FaultPlan?
    var count = 0
    var failures = 0
  }

  private static let made = Atomic(0)

  private let state: Mutex<State>
  private let registration: FaultVFS

  /// Registers the VFS.
  ///
  /// - Parameter plan: what fails; `nil` only counts.
  /// - Throws: `FaultVFS.Refused` where SQLite does not take it.
  package init(_ plan: FaultPlan? = nil) throws {
    name = "fleetplan-faults-\(Self.made.wrappingAdd(1, ordering: .relaxed).newValue)"
    state = Mutex(State(plan: plan))
    registration = try FaultVFS(name: name)
    registration.attach(self)
  }

  /// Takes the VFS away. All connections that use it must have been closed, and the injector is not used after that.
  package func unregister() { registration.unregister() }

  /// How many operations have come that the plan counts: those that could have failed.
  package var count: Int { state.withLock { $0.count } }

  /// How many were made to fail.
  package var failures: Int { state.withLock { $0.failures } }

  /// Makes room, or mends the device: nothing fails any more.
  package func mend() { state.withLock { $0.plan = nil } }

  /// Begins to count anew, with another plan.
  package func arm(_ plan: FaultPlan?) { state.withLock { $0 = State(plan: plan) } }

  /// Counts an operation on a file.
  ///
  /// - Returns: whether it has to fail, and how.
  func judge(_ operation: FileOperation, _ scope: FaultPlan.Scope) -> FaultPlan.Failure? {
    state.withLock { state in
      guard let plan = state.plan else {
        state.count += 1
        return nil
      }
      guard plan.scope == .all || plan.scope == scope, plan.failure == .error || operation.takesRoom else { return nil }
      state.count += 1
      guard plan.lasts ? state.count >= plan.nth : state.count == plan.nth else { return nil }
      state.failures += 1
      return plan.failure
    }
  }
}
