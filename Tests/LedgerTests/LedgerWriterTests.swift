import Foundation
import GRDB
import Migrations
import Testing

@testable import Ledger

@Suite struct LedgerWriterTests {
  private let ledger: TemporaryLedger

  init() throws { ledger = try TemporaryLedger() }

  @Test func `all files of a ledger are for their owner alone, whatever the umask is`() async throws {
    let path = ledger.path
    await #expect(processExitsWith: .success) { [path = path as String] in
      umask(0)
      let writer = try LedgerWriter.open(path, command: "test", toolVersion: "0")
      try writer.write { try $0.execute(sql: "INSERT INTO project (project_id) VALUES ('p')") }
      for suffix in ["", "-wal", "-shm"] {
        let mode = try TemporaryLedger.mode(path + suffix)
        precondition(mode == 0o600, "\(suffix): \(String(mode, radix: 8))")
      }
      try writer.close()
    }
    let other = ledger.folder + "/other.sqlite"
    await #expect(processExitsWith: .success) { [path = other as String] in
      umask(0o777)
      let lock = try ExecutorLock.acquire(ledger: path, command: "run")
      try LedgerWriter.open(path, lock: lock, command: "run", toolVersion: "0").close()
      let mode = try TemporaryLedger.mode(path)
      precondition(mode == 0o600, String(mode, radix: 8))
    }
  }

  @Test func `commits are durable and checkpoints are not on their way`() throws {
    let writer = try ledger.openWriter()
    let settings = try writer.database.inDatabase { database in
      try ["journal_mode", "synchronous", "wal_autocheckpoint", "foreign_keys", "application_id", "user_version"].map {
        try String.fetchOne(database, sql: "PRAGMA \($0)")
      }
    }
    #expect(settings == ["wal", "2", "0", "1", String(LedgerFile.applicationID), String(Migrations.all.count)])
    try writer.close()
  }

  @Test func `a clean end leaves one file`() throws {
    let writer = try ledger.openWriter()
    try writer.write { try $0.execute(sql: "INSERT INTO project (project_id) VALUES ('p')") }
    #expect(try ledger.files.contains("fleetplan.sqlite-wal"))
    try writer.close()
    #expect(try ledger.files == ["fleetplan.sqlite"])
    let reader = try LedgerReader(ledger.path)
    #expect(try reader.read { try String.fetchAll($0.database, sql: "SELECT project_id FROM project") } == ["p"])
  }

  @Test func `migrations are recorded with their checksums`() throws {
    let writer = try ledger.openWriter()
    let rows = try writer.database.read { try Row.fetchAll($0, sql: "SELECT * FROM migration") }
    #expect(rows.map { $0["name"] as String } == Migrations.all.map(\.name))
    #expect(rows.map { $0["sha256"] as String } == Migrations.all.map(LedgerConnection.checksum))
    #expect(rows.allSatisfy { $0["tool_version"] == "0.0.0" })
    try writer.close()
  }

  private static let oneMore = Migrations.all + [next("more", "CREATE TABLE more (a)")]

  private static func next(_ name: String, _ sql: String) -> Migration {
    let number = Migrations.all.count + 1
    return Migration(number: number, name: "V00\(number)_\(name)", sql: Array(sql.utf8))
  }

  @Test func `an older ledger is copied and then migrated`() throws {
    let old = try ledger.openWriter()
    _ = try ledger.load(csvPlan(groups: 3), into: old)
    try old.close()
    var copies: [String] = []
    let writer = try ledger.openWriter(migrations: Self.oneMore) { copies.append($0) }
    #expect(!writer.isNew)
    #expect(try writer.database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == Self.oneMore.count)
    #expect(try writer.database.read { try $0.tableExists("more") })
    #expect(try writer.read { try $0.plan(1)?.changeCount } == 3)
    try writer.close()
    let copy = try #require(copies.first)
    #expect(copies.count == 1)
    #expect(copy.hasPrefix(ledger.path + ".v\(Migrations.all.count)-"))
    #expect(try TemporaryLedger.mode(copy) == 0o600)
    #expect(try LedgerReader(copy).read { try $0.plan(1)?.changeCount } == 3)
    // Now it is up to date.
    try ledger.openWriter(migrations: Self.oneMore) { _ in Issue.record("copied again") }.close()
  }

  @Test(arguments: 1..<Migrations.all.count)
  func `a ledger of each released version is brought up to date`(version: Int) throws {
    let old = try ledger.openWriter(migrations: Array(Migrations.all.prefix(version)))
    _ = try ledger.load(csvPlan(groups: 3), into: old)
    try old.close()
    let writer = try ledger.openWriter()
    #expect(try writer.database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == Migrations.all.count)
    let fresh = try TemporaryLedger()
    let schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    let expected = try fresh.openWriter().database.read { try Row.fetchAll($0, sql: schema) }
    #expect(try writer.database.read { try Row.fetchAll($0, sql: schema) } == expected)
    try writer.close()
  }

  @Test func `a migration that fails leaves the ledger at the version before it`() throws {
    try ledger.openWriter().close()
    let broken = Migrations.all + [Self.next("bad", "CREATE TABLE a (b); NONSENSE")]
    guard case .sqlite = ledgerErrorReason({ _ = try ledger.openWriter(migrations: broken) }) else {
      Issue.record("no SQLite error")
      return
    }
    let writer = try ledger.openWriter()
    #expect(try writer.database.read { try $0.tableExists("a") } == false)
    try writer.close()
  }

  @Test func `an older ledger is not migrated while somebody executes it`() throws {
    try ledger.openWriter().close()
    let lock = try ExecutorLock.acquire(ledger: ledger.path, command: "run")
    guard case .held(let holder) = ledgerErrorReason({ _ = try ledger.openWriter(migrations: Self.oneMore) }) else {
      Issue.record("migrated")
      return
    }
    #expect(holder.pid == Int(getpid()))
    #expect(holder.command == "run")
    try lock.release()
    try ledger.openWriter(migrations: Self.oneMore).close()
  }

  @Test func `a half-made ledger of a crash is made anew`() throws {
    _ = try ledger.file("fleetplan.sqlite.new", Array("SQLite format 3\0 and then the power went".utf8))
    let writer = try ledger.openWriter()
    #expect(writer.isNew)
    try writer.close()
    #expect(try ledger.files == ["fleetplan.sqlite"])
  }

  @Test func `many processes may make the ledger at once`() throws {
    let path = ledger.path
    let group = DispatchGroup()
    let failures = DatabaseFailures()
    for _ in 0..<8 {
      DispatchQueue(label: "opener").async(group: group) { @Sendable in
        do {
          try LedgerWriter.open(path, command: "load", toolVersion: "0").close()
        } catch {
          failures.append(error)
        }
      }
    }
    group.wait()
    #expect(failures.all.isEmpty)
  }

  @Test func `a ledger that was removed or replaced is noticed`() throws {
    let writer = try ledger.openWriter()
    try writer.assertInPlace()
    try FileManager.default.moveItem(atPath: ledger.path, toPath: ledger.folder + "/moved.sqlite")
    #expect(ledgerErrorReason { try writer.assertInPlace() } == .replaced)
    _ = try ledger.file("fleetplan.sqlite", [])
    #expect(ledgerErrorReason { try writer.assertInPlace() } == .replaced)
  }

  @Test func `a passive checkpoint empties the log while the writer goes on`() throws {
    let writer = try ledger.openWriter()
    let insert = { (count: Int) in
      try writer.write { database in
        for _ in 0..<count {
          try database.execute(
            sql: "INSERT INTO project (project_id) VALUES (hex(randomblob(16)) || hex(zeroblob(500)))")
        }
      }
    }
    try insert(1_000)
    #expect(try writer.checkpointPassively(threshold: 1 << 30) == false)
    let size = LedgerFile.walSize(of: ledger.path)
    #expect(size > 1_000_000)
    #expect(try writer.checkpointPassively(threshold: 1_000_000))
    // Everything was moved, so the next transactions begin the log anew: it does not grow.
    for _ in 0..<20 { try insert(10) }
    #expect(LedgerFile.walSize(of: ledger.path) == size)
    try writer.close()
  }
}

/// Errors from several threads.
final class DatabaseFailures: @unchecked Sendable {
  private let lock = NSLock()
  private var errors: [any Error] = []  // protected by `lock`

  func append(_ error: any Error) { lock.withLock { errors.append(error) } }
  var all: [any Error] { lock.withLock { errors } }
}
