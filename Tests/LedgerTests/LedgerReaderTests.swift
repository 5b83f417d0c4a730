import Foundation
import GRDB
import Migrations
import Testing

@testable import Ledger

@Suite struct LedgerReaderTests {
  private let ledger: TemporaryLedger

  init() throws { ledger = try TemporaryLedger() }

  @Test func `a reader makes no ledger`() throws {
    #expect(ledgerErrorReason { _ = try LedgerReader(ledger.path) } == .missing)
    #expect(try ledger.files.isEmpty)
    _ = try ledger.file("fleetplan.sqlite", [])
    #expect(ledgerErrorReason { _ = try LedgerReader(ledger.path) } == .missing)
    #expect(try TemporaryLedger.bytes(ledger.path).isEmpty)
  }

  @Test func `a reader leaves a ledger and its folder as they are`() throws {
    let writer = try ledger.openWriter()
    let plan = try ledger.load(csvPlan(groups: 3), into: writer)
    try writer.close()
    let (bytes, files) = (try TemporaryLedger.bytes(ledger.path), try ledger.files)
    do {
      let reader = try LedgerReader(ledger.path)
      #expect(try reader.read { try $0.plans() } == [plan])
      #expect(throws: LedgerError.self) {
        try reader.read { try $0.database.execute(sql: "DELETE FROM plan") }
      }
    }
    #expect(try TemporaryLedger.bytes(ledger.path) == bytes)
    #expect(try ledger.files == files)
  }

  @Test func `a reader sees what is committed, and within one call always the same`() throws {
    let writer = try ledger.openWriter()
    let reader = try LedgerReader(ledger.path)
    let count = { (snapshot: LedgerSnapshot) in try Int.fetchOne(snapshot.database, sql: "SELECT count(*) FROM project")
    }
    try reader.read { (snapshot) throws in
      #expect(try count(snapshot) == 0)
      try writer.write { try $0.execute(sql: "INSERT INTO project (project_id) VALUES ('p')") }
      #expect(try count(snapshot) == 0)
    }
    #expect(try reader.read(count) == 1)
    try writer.close()
  }

  @Test func `a reader leaves the log of a dead writer in place`() async throws {
    let path = ledger.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let writer = try LedgerWriter.open(path, command: "run", toolVersion: "0")
      try writer.write { try $0.execute(sql: "INSERT INTO project (project_id) VALUES ('p')") }
      kill(getpid(), SIGKILL)
    }
    let size = LedgerFile.walSize(of: path)
    #expect(size > 0)
    let bytes = try TemporaryLedger.bytes(path)
    do {
      let reader = try LedgerReader(path)
      #expect(try reader.read { try String.fetchAll($0.database, sql: "SELECT project_id FROM project") } == ["p"])
    }
    #expect(LedgerFile.walSize(of: path) == size)
    #expect(try TemporaryLedger.bytes(path) == bytes)
  }

  @Test func `an older ledger is not read, and the cure is named`() throws {
    try ledger.openWriter().close()
    let known = Migrations.all.count
    let more =
      Migrations.all + [
        Migration(number: known + 1, name: "V00\(known + 1)_more", sql: Array("CREATE TABLE more (a)".utf8))
      ]
    let bytes = try TemporaryLedger.bytes(ledger.path)
    let reason = ledgerErrorReason { _ = try LedgerReader(ledger.path, migrations: more) }
    #expect(reason == .older(found: known, known: known + 1))
    #expect(try TemporaryLedger.bytes(ledger.path) == bytes)
  }

  @Test func `a ledger in a folder that cannot be written to is read`() async throws {
    let writer = try ledger.openWriter()
    _ = try ledger.load(csvPlan(groups: 3), into: writer)
    try writer.close()
    let path = ledger.path
    #expect(chmod(path, 0o444) == 0 && chmod(ledger.folder, 0o555) == 0)
    defer { chmod(ledger.folder, 0o700) }
    await #expect(processExitsWith: .success) { [path = path as String] in
      // Permissions do not stop root.
      if getuid() == 0 { precondition(setgid(65_534) == 0 && setuid(65_534) == 0) }
      let reader = try LedgerReader(path)
      let counts = try reader.read { try $0.plans().map(\.changeCount) }
      precondition(counts == [3])
      let holder = try ExecutorLock.holder(of: path)
      precondition(holder == nil)
    }
    #expect(try ledger.files == ["fleetplan.sqlite", "plan.csv"])
  }
}
