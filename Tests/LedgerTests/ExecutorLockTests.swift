import Foundation
import Testing

@testable import Ledger

@Suite struct ExecutorLockTests {
  private let ledger: TemporaryLedger

  init() throws { ledger = try TemporaryLedger() }

  @Test func `the second executor is told who is the first`() throws {
    let lock = try ExecutorLock.acquire(ledger: ledger.path, command: "resume")
    let reason = ledgerErrorReason { _ = try ExecutorLock.acquire(ledger: ledger.path, command: "run") }
    guard case .held(let holder) = reason else {
      Issue.record("\(reason as Any)")
      return
    }
    #expect(holder.pid == Int(getpid()))
    #expect(holder.host == ExecutorLock.hostName())
    #expect(holder.command == "resume")
    #expect(holder.since?.hasSuffix("Z") == true)
    #expect(try ExecutorLock.holder(of: ledger.path) == holder)
    #expect("\(holder)".contains("pid \(getpid()) on "))
    try lock.release()
    #expect(try ExecutorLock.holder(of: ledger.path) == nil)
    #expect(try ledger.files.isEmpty)
    try ExecutorLock.acquire(ledger: ledger.path, command: "run").release()
  }

  @Test func `the lock of a killed process is free at once`() async throws {
    let path = ledger.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let lock = try ExecutorLock.acquire(ledger: path, command: "run")
      let holder = try ExecutorLock.holder(of: path)
      precondition(holder?.pid == Int(getpid()))
      kill(getpid(), SIGKILL)
      try lock.release()
    }
    // Its line is still there, and means nothing.
    #expect(try ledger.files == ["fleetplan.sqlite.lock"])
    #expect(try ExecutorLock.holder(of: path) == nil)
    try ExecutorLock.acquire(ledger: path, command: "resume").release()
  }

  @Test func `another process sees the lock`() async throws {
    let lock = try ExecutorLock.acquire(ledger: ledger.path, command: "run")
    let path = ledger.path
    await #expect(processExitsWith: .success) { [path = path as String, pid = Int(getpid()) as Int] in
      let holder = try ExecutorLock.holder(of: path)
      precondition(holder?.pid == pid)
      do {
        _ = try ExecutorLock.acquire(ledger: path, command: "run")
        preconditionFailure("two executors")
      } catch let error as LedgerError {
        precondition(error.exitStatus == 75)
      }
    }
    try lock.release()
  }

  @Test func `looking for the holder never makes an executor fail`() throws {
    let path = ledger.path
    let isDone = DatabaseFailures()
    let group = DispatchGroup()
    for _ in 0..<4 {
      DispatchQueue(label: "looker").async(group: group) { @Sendable in
        do {
          while isDone.all.isEmpty { _ = try ExecutorLock.holder(of: path) }
        } catch {
          Issue.record(error)
        }
      }
    }
    for _ in 0..<200 { try ExecutorLock.acquire(ledger: path, command: "run").release() }
    isDone.append(CancellationError())
    group.wait()
  }

  @Test func `a ledger has one lock, by whatever name it is called`() throws {
    try ledger.openWriter().close()
    let link = ledger.folder + "/link.sqlite"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: ledger.path)
    let lock = try ExecutorLock.acquire(ledger: link, command: "run")
    #expect(try ExecutorLock.holder(of: ledger.path) != nil)
    #expect(try ExecutorLock.holder(of: ledger.folder + "/./fleetplan.sqlite") != nil)
    try lock.release()
  }
}
