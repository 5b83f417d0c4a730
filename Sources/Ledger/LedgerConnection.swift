import Crypto
import GRDB
import Migrations

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How connections to a ledger are opened, and what is asked of the file once SQLite can read it.
enum LedgerConnection {
  /// How long a connection waits for another one's transaction, in milliseconds.
  private static let busyTimeout = 30_000

  /// Asks every millisecond. SQLite's own timeout soon asks only every 100 ms, and so would miss the few that a load
  /// leaves to others between its transactions, again and again.
  private static let patience = Database.BusyMode.callback { tries in
    usleep(1_000)
    return tries < busyTimeout
  }

  static func writing(_ resolved: String, vfs: String? = nil, foreignKeys: Bool = true) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = foreignKeys
    configuration.busyMode = patience
    configuration.label = "fleetplan.ledger"
    configuration.prepareDatabase { database in
      try database.execute(
        sql: """
          PRAGMA synchronous = FULL;
          PRAGMA fullfsync = ON;
          PRAGMA wal_autocheckpoint = 0;
          """)
    }
    // `mode=rw`: a file that has gone away in between is not made anew.
    return try DatabaseQueue(path: uri(resolved, "mode=rw", vfs: vfs), configuration: configuration)
  }

  /// A second connection, which has nothing to do but checkpoints, and waits for nobody.
  static func checkpointing(_ resolved: String, vfs: String? = nil) throws -> DatabaseQueue {
    var configuration = Configuration()
    // To be opened it must wait: whoever closes last has the file for itself for a moment.
    configuration.busyMode = patience
    configuration.label = "fleetplan.ledger.checkpoint"
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON") }
    let database = try DatabaseQueue(path: uri(resolved, "mode=rw", vfs: vfs), configuration: configuration)
    try database.inDatabase { database in
      // The first look takes the locks that opening needs.
      _ = try Int.fetchOne(database, sql: "PRAGMA user_version")
      try database.execute(sql: "PRAGMA busy_timeout = 0")
    }
    return database
  }

  /// Opens a ledger for looking only. What SQLite leaves beside the file is what was there before.
  static func reading(_ resolved: String, vfs: String? = nil) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = patience
    configuration.label = "fleetplan.ledger.reader"
    if LedgerFile.walSize(of: resolved) > 0 {
      configuration.readonly = true
      return try DatabaseQueue(path: uri(resolved, "mode=ro", vfs: vfs), configuration: configuration)
    }
    do {
      // Without a WAL, a connection that could write makes one to read, and takes it away again when it closes;
      // a read-only one would leave it. `DatabaseQueue.read` lets no statement write.
      return try DatabaseQueue(path: uri(resolved, "mode=rw", vfs: vfs), configuration: configuration)
    } catch let error as DatabaseError {
      // A folder or file system that cannot be written to. Nobody can be writing the ledger there, and without a
      // WAL the file is whole.
      let isUnwritable =
        error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
        || error.extendedResultCode == .SQLITE_IOERR_LOCK
      guard isUnwritable, LedgerFile.walSize(of: resolved) == 0 else { throw error }
      configuration.readonly = true
      return try DatabaseQueue(path: uri(resolved, "mode=ro&immutable=1", vfs: vfs), configuration: configuration)
    }
  }

  /// Judges the ledger's version and the checksums of the steps that made it.
  ///
  /// - Returns: the number of the last step applied, at most that of the last one known.
  /// - Throws: `LedgerError` `.newer`, `.migrationDiffers`, `.damaged`.
  static func version(_ database: Database, path: String, migrations: [Migration]) throws -> Int {
    let known = migrations.last?.number ?? 0
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard version <= known else { throw LedgerError(path: path, reason: .newer(found: version, known: known)) }
    guard try database.tableExists("migration") else {
      throw LedgerError(path: path, reason: .damaged("it has no table `migration`"))
    }
    let applied = try Row.fetchAll(database, sql: "SELECT number, name, sha256 FROM migration ORDER BY number")
    guard applied.map({ $0["number"] as Int? }) == Array(1..<version + 1) else {
      throw LedgerError(path: path, reason: .damaged("it has version \(version), but not the migrations up to it"))
    }
    for (row, migration) in zip(applied, migrations) where row["sha256"] != checksum(of: migration) {
      throw LedgerError(path: path, reason: .migrationDiffers(number: migration.number, name: migration.name))
    }
    return version
  }

  static func checksum(of migration: Migration) -> String {
    hexadecimal(SHA256.hash(data: migration.sql))
  }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The file as a URI (SQLite, "URI Filenames"), with what is special there escaped.
  ///
  /// - Parameters:
  ///   - resolved: the file.
  ///   - query: the parameters.
  ///   - vfs: the name of the VFS; `nil`: SQLite's default one.
  /// - Returns: `file:…?…`.
  static func uri(_ resolved: String, _ query: String, vfs: String? = nil) -> String {
    var text = "file:"
    for byte in resolved.utf8 {
      switch byte {
      case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "%" + hexadecimal([byte])
      }
    }
    return text + "?" + query + (vfs.map { "&vfs=" + $0 } ?? "")
  }
}
