import JSONText

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The right to execute runs of a ledger: one process at a time (contract, section 1, guarantee 6).
///
/// A `flock` on the sibling file `<ledger>.lock`, which holds one line of JSON that names the holder. The kernel
/// releases it when the process ends, however it ends.
package final class ExecutorLock: Sendable {
  /// Who holds a lock. The parts are `nil` for the moment before the holder has written them down.
  package struct Holder: Sendable, Equatable, CustomStringConvertible {
    package var pid: Int?
    package var host: String?
    /// ISO 8601, UTC.
    package var since: String?
    /// The subcommand: `run`, `resume` …
    package var command: String?

    package init(pid: Int?, host: String?, since: String?, command: String?) {
      self.pid = pid
      self.host = host
      self.since = since
      self.command = command
    }

    package var description: String {
      guard let pid, let host, let since else { return "a process that has not yet said who it is" }
      return "pid \(pid) on \(host) since \(since)" + (command.map { " (\($0))" } ?? "")
    }
  }

  /// How long an acquirer tries again, in milliseconds: a reader that looks for a holder has it for an instant.
  private static let patience = 100

  private let lock: FileLock

  private init(lock: FileLock) { self.lock = lock }

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - ledger: the ledger's path; the ledger need not exist.
  ///   - command: for the line that others see.
  /// - Returns: the lock, which is held until it is released or the process ends.
  /// - Throws: `LedgerError` `.held` with the holder; `.cannotCreate`, or `.cannotWrite` where there is a ledger.
  package static func acquire(ledger: String, command: String) throws -> ExecutorLock {
    do {
      return try take(ledger: ledger, command: command)
    } catch let error as LedgerError {
      guard case .cannotCreate(let text) = error.reason, try LedgerFile.inspect(ledger) == .ledger else { throw error }
      throw LedgerError(path: ledger, reason: .cannotWrite("\(error.path): \(text)"))
    }
  }

  private static func take(ledger: String, command: String) throws -> ExecutorLock {
    let path = lockPath(ledger)
    guard let lock = try FileLock.acquire(path, .exclusive, patience: patience) else {
      let holder = try FileLock.exclusiveHolderText(path).map(decode)
      throw LedgerError(
        path: ledger, reason: .held(by: holder ?? Holder(pid: nil, host: nil, since: nil, command: nil)))
    }
    try lock.write(
      encode(
        Holder(
          pid: Int(getpid()), host: hostName(), since: LedgerTime.iso8601(LedgerTime.now()), command: command)))
    return ExecutorLock(lock: lock)
  }

  /// Who is at work on the ledger now; `nil`: nobody. Needs no permission to write, and disturbs nobody.
  package static func holder(of ledger: String) throws -> Holder? {
    try FileLock.exclusiveHolderText(lockPath(ledger)).map(decode)
  }

  /// Gives the lock back at a clean end and removes its file.
  package func release() throws { try lock.removeIfLast() }

  static func lockPath(_ ledger: String) -> String { LedgerFile.resolve(ledger) + ".lock" }

  /// This machine's name.
  package static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let result = gethostname(&buffer, buffer.count - 1)
    return result == 0
      ? String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "localhost"
  }

  private static func encode(_ holder: Holder) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("pid", holder.pid)
    writer.member("host", holder.host)
    writer.member("since", holder.since)
    writer.member("command", holder.command)
    writer.endObject()
    return writer.bytes + [UInt8(ascii: "\n")]
  }

  private static func decode(_ text: [UInt8]) -> Holder {
    // Only the first line counts: the rest may be left over from a longer one.
    let line = Array(text.prefix { $0 != UInt8(ascii: "\n") })
    // Not (yet) our line: the holder is known to exist, and no more.
    let node = try? JSONParser.parse(line)
    return Holder(
      pid: node?["pid"]?.integerValue, host: node?["host"]?.stringValue, since: node?["since"]?.stringValue,
      command: node?["command"]?.stringValue)
  }
}
