import GRDB
import Migrations

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Makes a ledger, or brings an older one up to date, under the executor's lock.
struct LedgerSetup {
  var path: String
  var toolVersion: String
  var migrations: [Migration]
  /// The VFS of SQLite; `nil`: its default one.
  var vfs: String?

  /// - Returns: whether the ledger was made.
  func prepare(lock: ExecutorLock?, command: String, onBackup: (String) -> Void) throws -> Bool {
    if try isUpToDate() { return false }
    let ownLock = lock == nil ? try acquireLock(command: command) : nil
    defer {
      // Removing the lock's file is tidiness: the lock itself goes with its descriptor.
      try? ownLock?.release()
    }
    // Somebody else may have done it while this process waited for the lock.
    switch try LedgerFile.inspect(path) {
    case .absent, .empty:
      try create()
      return true
    case .ledger:
      if try isUpToDate() { return false }
      try migrate(onBackup: onBackup)
      return false
    }
  }

  /// Two `load`s may find no ledger at once: then one waits until the other has made it.
  private func acquireLock(command: String) throws -> ExecutorLock? {
    var attemptsLeft = 20
    while true {
      do {
        return try ExecutorLock.acquire(ledger: path, command: command)
      } catch let error as LedgerError {
        guard case .held = error.reason, attemptsLeft > 0, try LedgerFile.inspect(path) != .ledger else {
          if try isUpToDate() { return nil }
          throw error
        }
        attemptsLeft -= 1
      }
    }
  }

  private func isUpToDate() throws -> Bool {
    guard try LedgerFile.inspect(path) == .ledger else { return false }
    let reader = try LedgerConnection.reading(path, vfs: vfs)
    let version = try reader.read { try LedgerConnection.version($0, path: path, migrations: migrations) }
    try reader.close()
    return version == migrations.last?.number
  }

  // MARK: Making

  /// Makes the ledger under another name and puts it in place whole: a crash leaves no half of one.
  private func create() throws {
    let draft = path + ".new"
    for suffix in ["", "-wal", "-shm", "-journal"] where unlink(draft + suffix) != 0 && errno != ENOENT {
      throw cannotCreate()
    }
    try Self.makeEmptyFile(draft, for: path)
    do {
      let database = try LedgerConnection.writing(draft, vfs: vfs, foreignKeys: false)
      try database.inDatabase { database in
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
          throw LedgerError(path: path, reason: .notDurable("journal_mode is \(mode ?? "nothing") instead of wal"))
        }
        try database.execute(sql: "PRAGMA application_id = \(LedgerFile.applicationID)")
        try apply(database, after: 0)
        _ = try database.checkpoint(.truncate)
      }
      try database.close()
      // On a disk that fails, SQLite may say `wal` and then not have written it down: nobody could open the ledger.
      guard try LedgerFile.isInWALMode(draft) else {
        throw LedgerError(path: path, reason: .cannotCreate("the disk has not kept the journal mode"))
      }
    } catch let error as DatabaseError {
      throw LedgerError(path: path, reason: .cannotCreate(error.message ?? error.resultCode.description))
    }
    // link(2) never replaces. Where there is an empty file, or the file system has no links, rename(2) does it.
    if link(draft, path) == 0 {
      unlink(draft)
    } else {
      guard try LedgerFile.inspect(path) != .ledger, rename(draft, path) == 0 else { throw cannotCreate() }
    }
    try Self.synchronize(LedgerFile.folder(of: path), for: path)
  }

  private func cannotCreate() -> LedgerError {
    LedgerError(path: path, reason: .cannotCreate(String(cString: strerror(errno))))
  }

  /// A new file that nobody else can read, whatever the umask is. SQLite gives its other files the same mode.
  private static func makeEmptyFile(_ file: String, for ledger: String) throws {
    let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
      throw LedgerError(path: ledger, reason: .cannotCreate("\(file): " + String(cString: strerror(errno))))
    }
    close(descriptor)
  }

  /// fsync(2) of a file or folder.
  private static func synchronize(_ file: String, for ledger: String) throws {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw LedgerError(path: ledger, reason: .cannotCreate("\(file): " + String(cString: strerror(errno))))
    }
    close(descriptor)
  }

  // MARK: Migrating

  private func migrate(onBackup: (String) -> Void) throws {
    let database = try LedgerConnection.writing(path, vfs: vfs, foreignKeys: false)
    let version = try database.read { try LedgerConnection.version($0, path: path, migrations: migrations) }
    onBackup(try backUp(database, version: version))
    try database.inDatabase { try apply($0, after: version) }
    try database.close()
  }

  /// Copies the ledger beside itself.
  ///
  /// - Returns: the path of the copy.
  private func backUp(_ database: DatabaseQueue, version: Int) throws -> String {
    let time = LedgerTime.iso8601(LedgerTime.now()).prefix(19).filter { $0 != "-" && $0 != ":" }
    let copy = "\(path).v\(version)-\(time)Z.backup"
    try Self.makeEmptyFile(copy, for: path)
    try database.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
    // VACUUM INTO itself does not wait for the disk.
    try Self.synchronize(copy, for: path)
    try Self.synchronize(LedgerFile.folder(of: path), for: path)
    return copy
  }

  /// Applies the steps after `version`, each in a transaction of its own that also records it.
  private func apply(_ database: Database, after version: Int) throws {
    for migration in migrations where migration.number > version {
      try database.inTransaction(.immediate) {
        try database.execute(
          sql: """
            CREATE TABLE IF NOT EXISTS migration (
              number INTEGER PRIMARY KEY,
              name TEXT NOT NULL,
              sha256 TEXT NOT NULL,
              applied_at INTEGER NOT NULL,
              tool_version TEXT NOT NULL
            ) STRICT
            """)
        try database.execute(sql: String(decoding: migration.sql, as: UTF8.self))
        try database.execute(
          sql: "INSERT INTO migration VALUES (?, ?, ?, ?, ?)",
          arguments: [
            migration.number, migration.name, LedgerConnection.checksum(of: migration), LedgerTime.now(), toolVersion,
          ])
        try database.execute(sql: "PRAGMA user_version = \(migration.number)")
        if let row = try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") {
          throw LedgerError(path: path, reason: .damaged("after migration \(migration.number): \(row)"))
        }
        return .commit
      }
    }
  }
}
