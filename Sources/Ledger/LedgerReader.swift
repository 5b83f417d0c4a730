import GRDB
package import Migrations

/// Looks at a ledger, also while a run goes on. Never makes, migrates or changes one.
package final class LedgerReader: Sendable {
  /// The absolute path, without symbolic links.
  package let path: String

  private let database: DatabaseQueue

  /// - Parameters:
  ///   - path: where the ledger is.
  ///   - migrations: other ones only in tests.
  /// - Throws: `LedgerError`: `.missing` also where the file is empty; `.older` where it has to be migrated first.
  package init(_ path: String, migrations: [Migration] = Migrations.all) throws {
    let resolved = LedgerFile.resolve(path)
    self.path = resolved
    guard try LedgerFile.inspect(path) == .ledger else { throw LedgerError(path: path, reason: .missing) }
    do {
      database = try LedgerConnection.reading(resolved)
      let version = try database.read { try LedgerConnection.version($0, path: resolved, migrations: migrations) }
      guard let known = migrations.last?.number, version == known else {
        throw LedgerError(path: resolved, reason: .older(found: version, known: migrations.last?.number ?? 0))
      }
    } catch {
      throw LedgerError.wrapping(error, path: resolved)
    }
  }

  /// Lets the body look at one snapshot of the ledger: what is committed meanwhile is not seen in it.
  package func read<T>(_ body: (LedgerSnapshot) throws -> T) throws -> T {
    do {
      return try database.read { try body(LedgerSnapshot(database: $0)) }
    } catch {
      throw LedgerError.wrapping(error, path: path)
    }
  }

  /// Who is executing runs of this ledger now; `nil`: nobody.
  package func executor() throws -> ExecutorLock.Holder? { try ExecutorLock.holder(of: path) }
}

/// The questions that can be asked of one state of a ledger, by a reader or by the writer.
package struct LedgerSnapshot {
  let database: Database
}
