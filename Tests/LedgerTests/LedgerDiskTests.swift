import ChangePlan
import Foundation
import GRDB
import LedgerFaults
import Testing

@testable import Ledger

/// A ledger whose disk is full or fails, or that is taken away.
@Suite struct LedgerDiskTests {
  private let ledger: TemporaryLedger

  init() throws { ledger = try TemporaryLedger(inMemory: true) }

  private func fill(_ writer: LedgerWriter) throws {
    try writer.write { database in
      for _ in 0..<100 {
        try database.execute(sql: "INSERT INTO project (project_id) VALUES (hex(randomblob(16)) || hex(zeroblob(500)))")
      }
    }
  }

  private func count() throws -> Int? {
    let database = try DatabaseQueue(path: ledger.path)
    defer { #expect(throws: Never.self) { try database.close() } }
    return try database.read { database in
      #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
      return try Int.fetchOne(database, sql: "SELECT count(*) FROM project")
    }
  }

  @Test func `a full disk at a checkpoint loses nothing, and the next one goes through`() throws {
    let injector = try FaultInjector()
    let writer = try LedgerWriter.open(ledger.path, command: "test", toolVersion: "0", vfs: injector.name)
    try fill(writer)
    injector.arm(FaultPlan(.full, nth: 3, lasts: true, scope: .database))
    #expect(ledgerErrorReason { try writer.checkpointPassively(threshold: 1) } == .diskFull)
    #expect(injector.failures > 0)
    // Commits go to the log and do not care.
    try fill(writer)
    #expect(ledgerErrorReason { try writer.close() } == .diskFull)
    injector.unregister()
    #expect(try count() == 200)
    let again = try ledger.openWriter()
    try again.close()
    #expect(try ledger.files == ["fleetplan.sqlite"])
    #expect(try count() == 200)
  }

  @Test(arguments: FaultPlan.Failure.allCases)
  func `a commit that fails has not happened, and the connection goes on afterwards`(failure: FaultPlan.Failure) throws
  {
    let injector = try FaultInjector()
    let writer = try LedgerWriter.open(ledger.path, command: "test", toolVersion: "0", vfs: injector.name)
    try fill(writer)
    injector.arm(FaultPlan(failure, nth: 5, lasts: true, scope: .wal))
    let reason = ledgerErrorReason { try fill(writer) }
    switch reason {
    case .diskFull: #expect(failure == .full)
    case .inputOutput: #expect(failure == .error)
    default: Issue.record("\(reason as Any)")
    }
    injector.mend()
    try fill(writer)
    try writer.close()
    injector.unregister()
    #expect(try count() == 200)
  }

  @Test func `making a ledger and loading a plan fails cleanly at every operation`() throws {
    let kept = try TemporaryLedger()
    let plan = try kept.plan(csvPlan(groups: 3))
    let load = { (writer: LedgerWriter) in
      // What was loaded before only the closing failed is there already.
      switch try PlanStore(writer).load(plan, format: .csv, defaultProjectID: nil) {
      case .loaded(let row), .existing(let row): #expect(row.changeCount == 3)
      case .refused: Issue.record("refused")
      }
    }
    let injector = try FaultInjector()
    for failure in FaultPlan.Failure.allCases {
      var nth = 0
      repeat {
        nth += 1
        for file in try ledger.files { try FileManager.default.removeItem(atPath: ledger.folder + "/" + file) }
        injector.arm(FaultPlan(failure, nth: nth))
        do {
          let writer = try LedgerWriter.open(ledger.path, command: "test", toolVersion: "0", vfs: injector.name)
          let result = Result { try load(writer) }
          try writer.close()
          _ = try result.get()
        } catch let error as LedgerError {
          #expect([73, 74].contains(error.exitStatus), "\(failure) \(nth): \(error)")
        }
        let hasFailed = injector.failures > 0
        injector.mend()
        let writer = try ledger.openWriter()
        try load(writer)
        try writer.close()
        #expect(try count() == 1)
        if !hasFailed { break }
      } while true
      #expect(nth > 30)
    }
    injector.unregister()
  }

  @Test func `a ledger that was truncated, or whose log was taken away, is noticed`() throws {
    let writer = try ledger.openWriter()
    try fill(writer)
    try writer.assertInPlace()
    try FileManager.default.moveItem(atPath: ledger.path + "-wal", toPath: ledger.path + "-wal.moved")
    #expect(ledgerErrorReason { try writer.assertInPlace() } == .replaced)
    try FileManager.default.moveItem(atPath: ledger.path + "-wal.moved", toPath: ledger.path + "-wal")
    try writer.assertInPlace()
    #expect(truncate(ledger.path, 4_096) == 0)
    guard case .damaged(let text) = ledgerErrorReason({ try writer.assertInPlace() }) else {
      Issue.record("not noticed")
      return
    }
    #expect(text.contains("truncated"))
  }

  @Test func `the words say what happened, that nothing is lost, and how to go on`() {
    let reasons: [LedgerError.Reason] = [
      .diskFull, .inputOutput(code: 778, message: "disk I/O error"), .cannotOpen("x"),
    ]
    for reason in reasons {
      let text = LedgerError(path: "/a/b", reason: reason).description
      #expect(text.hasPrefix("/a/b: "))
      #expect(text.contains("is safe") || text.contains("not lost"))
      #expect(text.contains("`fleetplan resume`"))
    }
  }
}
