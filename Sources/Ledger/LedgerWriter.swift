package import GRDB
package import Migrations
import Synchronization

/// The one connection of this process that writes a ledger, on one serial queue.
///
/// Commits are durable when they return: WAL with `synchronous = FULL`, asserted. Checkpoints are never on its
/// path: `checkpointPassively` does them by another connection, `close` at a clean end.
package final class LedgerWriter: Sendable {
  /// The absolute path, without symbolic links.
  package let path: String
  /// The ledger was made by this opening.
  package let isNew: Bool
  /// The connection itself, for prepared statements that live as long as it does.
  package let database: DatabaseQueue

  private let identity: LedgerFile.Identity
  /// The log beside it, once there is one: it stays as long as this connection is open.
  private let log = Mutex<LedgerFile.Identity?>(nil)
  private let checkpointer: DatabaseQueue

  /// Opens a ledger for writing; makes it where there is none, and brings an older one up to date.
  ///
  /// - Parameters:
  ///   - path: where the ledger is, or shall be.
  ///   - lock: the executor's lock, where the caller has it. Without it, making and migrating take it for that time.
  ///   - command: the subcommand, for those who find the lock taken.
  ///   - toolVersion: kept with each migration.
  ///   - migrations: other ones only in tests.
  ///   - vfs: the name of a registered VFS of SQLite, for tests that make files fail; `nil`: the default one.
  ///   - onBackup: told the path of the backup, before an older ledger is migrated.
  /// - Returns: the ledger, at the version of the last migration.
  /// - Throws: `LedgerError`.
  package static func open(
    _ path: String, lock: ExecutorLock? = nil, command: String, toolVersion: String,
    migrations: [Migration] = Migrations.all, vfs: String? = nil, onBackup: (String) -> Void = { _ in }
  ) throws -> LedgerWriter {
    let resolved = LedgerFile.resolve(path)
    do {
      let setup = LedgerSetup(path: resolved, toolVersion: toolVersion, migrations: migrations, vfs: vfs)
      let isNew = try setup.prepare(lock: lock, command: command, onBackup: onBackup)
      return try LedgerWriter(path: resolved, isNew: isNew, vfs: vfs)
    } catch {
      throw LedgerError.wrapping(error, path: resolved)
    }
  }

  private init(path: String, isNew: Bool, vfs: String?) throws {
    guard let identity = LedgerFile.Identity(path: path) else { throw LedgerError(path: path, reason: .replaced) }
    self.path = path
    self.isNew = isNew
    self.identity = identity
    database = try LedgerConnection.writing(path, vfs: vfs)
    // Its own busy mode: a checkpoint that would have to wait is left for the next time.
    checkpointer = try LedgerConnection.checkpointing(path, vfs: vfs)
    try database.inDatabase { try Self.assertDurable($0, path: path) }
    try assertInPlace()
  }

  private static func assertDurable(_ database: Database, path: String) throws {
    let expected = [
      ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("wal_autocheckpoint", "0"),
    ]
    for (name, value) in expected {
      let effective = try String.fetchOne(database, sql: "PRAGMA \(name)") ?? "nothing"
      guard effective == value else {
        throw LedgerError(path: path, reason: .notDurable("\(name) is \(effective) instead of \(value)"))
      }
    }
  }

  /// Does the body's work in one transaction (`BEGIN IMMEDIATE`), which is durable when this returns.
  package func write<T>(_ body: (Database) throws -> T) throws -> T {
    do {
      return try database.write(body)
    } catch {
      throw LedgerError.wrapping(error, path: path)
    }
  }

  /// Looks at what this connection has committed, in one snapshot.
  package func read<T>(_ body: (LedgerSnapshot) throws -> T) throws -> T {
    do {
      return try database.read { try body(LedgerSnapshot(database: $0)) }
    } catch {
      throw LedgerError.wrapping(error, path: path)
    }
  }

  /// Sees that what is committed here is found there: under the path is the file that is open, whole, with its log.
  ///
  /// - Throws: `LedgerError` `.replaced`, or `.damaged` where it has become shorter: a ledger never does.
  package func assertInPlace() throws {
    guard let found = LedgerFile.Identity(path: path), found.isSameFile(as: identity) else {
      throw LedgerError(path: path, reason: .replaced)
    }
    if found.size < identity.size {
      throw LedgerError(
        path: path,
        reason: .damaged("it was truncated from \(identity.size) to \(found.size) bytes while it was in use"))
    }
    let logFound = LedgerFile.Identity(path: path + "-wal")
    let isSameLog = log.withLock { log in
      guard let known = log else {
        log = logFound
        return true
      }
      return logFound?.isSameFile(as: known) == true
    }
    if !isSameLog { throw LedgerError(path: path, reason: .replaced) }
  }

  /// Moves what is in the WAL into the ledger if it has grown beyond `threshold`, without holding up the writer.
  ///
  /// Call it off the writer's path. What is committed meanwhile is done in further, ever shorter rounds: the
  /// writer begins its WAL anew only when it finds everything moved.
  ///
  /// - Parameter threshold: in bytes.
  /// - Returns: whether there was something to do.
  /// - Throws: `LedgerError` where the disk fails.
  @discardableResult
  package func checkpointPassively(threshold: Int = 64 << 20) throws -> Bool {
    guard LedgerFile.walSize(of: path) >= threshold else { return false }
    do {
      for _ in 0..<8 {
        let (frames, moved) = try checkpointer.inDatabase { try $0.checkpoint(.passive) }
        if moved >= frames { break }
      }
      return true
    } catch {
      throw LedgerError.wrapping(error, path: path)
    }
  }

  /// A clean end: moves everything into the ledger, so that one file is all of it, and closes it.
  ///
  /// Waits for nobody: while others read or write, the log stays, and is complete with the ledger. Whoever closes
  /// last takes it away. Both connections are closed in any case, so that nobody finds locks of this one later.
  ///
  /// - Throws: `LedgerError` where the disk fails; what was committed is in the ledger and its log then.
  package func close() throws {
    let endings: [Result<Void, any Error>] = [
      Result { try database.close() }, Result { try moveAll() }, Result { try checkpointer.close() },
    ]
    do {
      for ending in endings { try ending.get() }
    } catch {
      throw LedgerError.wrapping(error, path: path)
    }
  }

  private func moveAll() throws {
    try checkpointer.inDatabase { checkpointer in
      do {
        // What the first moves without any lock is not left for the second, which keeps writers away.
        _ = try checkpointer.checkpoint(.passive)
        _ = try checkpointer.checkpoint(.truncate)
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        // Somebody else is at work on the ledger.
      }
    }
  }
}
