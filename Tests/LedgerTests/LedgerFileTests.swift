import Foundation
import GRDB
import Migrations
import Testing

@testable import Ledger

@Suite struct LedgerFileTests {
  private let ledger: TemporaryLedger

  init() throws { ledger = try TemporaryLedger() }

  @Test func `nothing and an empty file are places for a new ledger`() throws {
    #expect(try LedgerFile.inspect(ledger.path) == .absent)
    _ = try ledger.file("fleetplan.sqlite", [])
    #expect(try LedgerFile.inspect(ledger.path) == .empty)
    let writer = try ledger.openWriter()
    #expect(writer.isNew)
    try writer.close()
    #expect(try LedgerFile.inspect(ledger.path) == .ledger)
  }

  @Test func `text is refused and left as it is`() throws {
    let text = Array("scaling_group_id,desire_instance_number\n1,2\n".utf8)
    _ = try ledger.file("fleetplan.sqlite", text)
    #expect(ledgerErrorReason { _ = try ledger.openWriter() } == .notSQLite)
    #expect(ledgerErrorReason { _ = try LedgerReader(ledger.path) } == .notSQLite)
    #expect(try TemporaryLedger.bytes(ledger.path) == text)
    #expect(try ledger.files == ["fleetplan.sqlite"])
  }

  @Test(arguments: ["delete", "wal"])
  func `another program's database is refused and left as it is`(journalMode: String) throws {
    let other = try DatabaseQueue(path: ledger.path)
    try other.inDatabase {
      try $0.execute(sql: "PRAGMA journal_mode = \(journalMode); PRAGMA application_id = 7; CREATE TABLE a (b)")
    }
    try other.close()
    let bytes = try TemporaryLedger.bytes(ledger.path)
    #expect(ledgerErrorReason { _ = try ledger.openWriter() } == .foreign(applicationID: 7))
    #expect(ledgerErrorReason { _ = try LedgerReader(ledger.path) } == .foreign(applicationID: 7))
    #expect(try TemporaryLedger.bytes(ledger.path) == bytes)
    #expect(try ledger.files == ["fleetplan.sqlite"])
  }

  @Test(arguments: [
    (40, "within its header"), (4_096, "bytes where its header tells of"), (20_000, "bytes where its header tells of"),
  ])
  func `a ledger that was cut off is refused and left as it is`(length: Int, complaint: String) throws {
    try ledger.openWriter().close()
    let bytes = Array(try TemporaryLedger.bytes(ledger.path).prefix(length))
    _ = try ledger.file("fleetplan.sqlite", bytes)
    for open in [{ _ = try ledger.openWriter() }, { _ = try LedgerReader(ledger.path) }] {
      guard case .damaged(let text) = ledgerErrorReason(open) else {
        Issue.record("not said to be damaged")
        continue
      }
      #expect(text.contains(complaint))
    }
    #expect(try TemporaryLedger.bytes(ledger.path) == bytes)
    #expect(try ledger.files == ["fleetplan.sqlite"])
  }

  @Test func `a damaged schema is refused and left as it is`() throws {
    try ledger.openWriter().close()
    var bytes = try TemporaryLedger.bytes(ledger.path)
    // The first page after the header is the root of the schema.
    for index in 100..<4_096 { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    _ = try ledger.file("fleetplan.sqlite", bytes)
    for open in [{ _ = try ledger.openWriter() }, { _ = try LedgerReader(ledger.path) }] {
      guard case .damaged = ledgerErrorReason(open) else {
        Issue.record("not said to be damaged")
        continue
      }
    }
    #expect(try TemporaryLedger.bytes(ledger.path) == bytes)
  }

  @Test func `a newer ledger is refused and left as it is`() throws {
    let known = Migrations.all.count
    let newer =
      Migrations.all + [
        Migration(number: known + 1, name: "V00\(known + 1)_new", sql: Array("CREATE TABLE new (a)".utf8))
      ]
    try ledger.openWriter(migrations: newer).close()
    let bytes = try TemporaryLedger.bytes(ledger.path)
    #expect(ledgerErrorReason { _ = try ledger.openWriter() } == .newer(found: known + 1, known: known))
    #expect(ledgerErrorReason { _ = try LedgerReader(ledger.path) } == .newer(found: known + 1, known: known))
    #expect(try TemporaryLedger.bytes(ledger.path) == bytes)
  }

  @Test func `a ledger of another build's migrations is refused`() throws {
    var other = Migrations.all
    other[0].sql += Array("CREATE TABLE new (a);".utf8)
    try ledger.openWriter(migrations: other).close()
    let reason = LedgerError.Reason.migrationDiffers(number: 1, name: "V001_ledger")
    #expect(ledgerErrorReason { _ = try ledger.openWriter() } == reason)
    #expect(ledgerErrorReason { _ = try LedgerReader(ledger.path) } == reason)
  }

  @Test func `a folder in the place of a ledger is refused`() throws {
    try FileManager.default.createDirectory(atPath: ledger.path, withIntermediateDirectories: false)
    #expect(ledgerErrorReason { _ = try ledger.openWriter() } == .cannotRead("not a regular file"))
  }

  @Test func `a folder that is not there cannot have a ledger`() throws {
    let path = ledger.folder + "/none/fleetplan.sqlite"
    let reason = ledgerErrorReason { _ = try LedgerWriter.open(path, command: "load", toolVersion: "0") }
    guard case .cannotCreate = reason else {
      Issue.record("\(reason as Any)")
      return
    }
  }

  @Test func `network file systems are known by the mount table`() {
    let mounts = """
      22 27 0:21 / /proc rw,relatime - proc proc rw
      36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
      90 27 0:55 / /home rw shared:3 - nfs4 server:/home rw,vers=4.2
      91 27 0:56 / /share rw - cifs //server/share rw
      """
    #expect(LedgerFile.networkFileSystem(device: "98:0", mounts: mounts) == nil)
    #expect(LedgerFile.networkFileSystem(device: "0:55", mounts: mounts) == "nfs4")
    #expect(LedgerFile.networkFileSystem(device: "0:56", mounts: mounts) == "cifs")
    #expect(LedgerFile.networkFileSystem(device: "0:5", mounts: mounts) == nil)
  }

  @Test(arguments: [
    (LedgerError.Reason.missing, Int32(66)), (.cannotCreate("x"), 73), (.notSQLite, 74),
    (.foreign(applicationID: 0), 74),
    (.newer(found: 2, known: 1), 74), (.networkFileSystem("nfs4"), 74), (.replaced, 74),
    (.held(by: ExecutorLock.Holder(pid: 1, host: "h", since: "s", command: "run")), 75),
  ])
  func `an error ends in its exit status and names the file`(reason: LedgerError.Reason, status: Int32) {
    let error = LedgerError(path: "/a/b", reason: reason)
    #expect(error.exitStatus == status)
    #expect(error.description.hasPrefix("/a/b: "))
  }
}
