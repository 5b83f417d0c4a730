package import ChangePlan
import Crypto
import Dispatch
import GRDB
import JSONText
import Migrations
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Loads plans into a ledger: checked by `PlanReader` on the calling thread, written on the connection's.
package struct PlanStore {
  /// What became of a plan.
  package enum Outcome: Sendable {
    /// It is in the ledger now.
    case loaded(PlanRow)
    /// The same bytes in the same format for the same default project were loaded before.
    case existing(PlanRow)
    /// It has errors; nothing of it is in the ledger.
    case refused(PlanSummary)
  }

  /// What was found by checking a plan without a ledger.
  package struct Check: Sendable {
    package var summary: PlanSummary
    /// Warnings about groups that several changes are for; empty where the plan has errors.
    package var repeats: [PlanDiagnostic]
    package var groupCount: Int
    package var projectCount: Int
  }

  /// Told how many changes were read so far, on the calling thread.
  package typealias Progress = (Int) -> Void

  /// How many changes are handed over at a time, and about how many bytes at most.
  private static let batchSize = 512
  private static let batchBytes = 262_144

  private let writer: LedgerWriter
  private let keyMask: Int64

  package init(_ writer: LedgerWriter) { self.init(writer, keyMask: -1) }

  init(_ writer: LedgerWriter, keyMask: Int64) {
    self.writer = writer
    self.keyMask = keyMask
  }

  /// Loads a plan, unless it has errors or is there already.
  ///
  /// The ledger is written in transactions of at most 100 ms, so that a run that goes on is not held up. The plan
  /// is visible with the last of them.
  ///
  /// - Throws: `PlanReadError`, `LedgerError`.
  package func load(
    _ source: PlanSource, format: PlanFormat, defaultProjectID: String?, progress: Progress = { _ in }
  ) throws -> Outcome {
    do {
      let reader = try PlanReader(defaultProjectID: defaultProjectID)
      if let row = try loadedBefore(source, format: format, defaultProjectID: defaultProjectID) {
        return .existing(row)
      }
      let mark = try LoadMark.take(ledger: writer.path)
      defer {
        // The mark goes with its descriptor; removing its file is tidiness.
        try? mark.release()
      }
      let (writer, keyMask) = (writer, keyMask)
      return try Self.pump(writer.database, reader: reader, source, format, progress) { database, batches in
        let loading = try PlanLoading(database, keyMask: keyMask) { try writer.checkpointPassively() }
        defer { loading.end() }
        if mark.isOnly {
          try loading.sweepOrphans()
          try mark.share()
        }
        try loading.begin(source, format: format, defaultProjectID: defaultProjectID)
        do {
          guard let summary = try loading.insertAll(batches), summary.isValid else {
            try loading.discard()
            return batches.summary.map(Outcome.refused)
          }
          return try loading.complete(summary)
        } catch {
          // On a full disk this may fail too; the next load sweeps what is left then.
          try? loading.discard()
          throw error
        }
      }
    } catch {
      throw LedgerError.wrapping(error, path: writer.path)
    }
  }

  /// Checks a plan as `load` does, in a private temporary database that is gone afterwards.
  ///
  /// - Throws: `PlanReadError`; `LedgerError` where there is no room for the temporary database.
  package static func check(
    _ source: PlanSource, format: PlanFormat, defaultProjectID: String?, progress: Progress = { _ in }
  ) throws -> Check {
    let reader = try PlanReader(defaultProjectID: defaultProjectID)
    do {
      let database = try temporaryDatabase()
      let check = try pump(database, reader: reader, source, format, progress) { database, batches -> Check? in
        let loading = try PlanLoading(database) {}
        try loading.begin(source, format: format, defaultProjectID: defaultProjectID)
        guard let summary = try loading.insertAll(batches) else { return nil }
        guard summary.isValid else { return Check(summary: summary, repeats: [], groupCount: 0, projectCount: 0) }
        let groups = try loading.settleGroups(file: summary.file)
        return Check(
          summary: summary, repeats: groups.warnings, groupCount: groups.groupCount, projectCount: groups.projectCount)
      }
      try database.close()
      return check
    } catch {
      throw LedgerError.wrapping(error, path: TemporaryPlan.place)
    }
  }

  /// A database of a ledger's shape in a file that nobody else sees, and that is gone when it is closed.
  static func temporaryDatabase() throws -> DatabaseQueue {
    // SQLite's name for such a file.
    let database = try DatabaseQueue(path: "")
    try database.inDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
      for migration in Migrations.all { try database.execute(sql: String(decoding: migration.sql, as: UTF8.self)) }
    }
    return database
  }

  /// Whether the plan is a file that was loaded before, found out without reading it as a plan.
  private func loadedBefore(
    _ source: PlanSource, format: PlanFormat, defaultProjectID: String?
  ) throws -> PlanRow? {
    guard case .path(let path) = source.origin else { return nil }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(status.st_size)
    let rows = try writer.read { snapshot in
      try snapshot.plans(byteCount: size, format: format, defaultProjectID: defaultProjectID)
    }
    guard !rows.isEmpty, let digest = Self.digest(ofFile: path) else { return nil }
    return rows.first { $0.sha256 == digest }
  }

  /// SHA-256 of a file in hexadecimal digits; `nil` where it cannot be read, which its reader will say better.
  private static func digest(ofFile path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return count == 0 ? LedgerConnection.hexadecimal(hash.finalize()) : nil }
      hash.update(data: buffer.prefix(count))
    }
  }

  // MARK: Two threads

  /// Reads the plan here, and lets `write` have the batches on the queue of `database`: it gives `nil` only where the
  /// plan could not be read to its end.
  static func pump<Value: Sendable>(
    _ database: DatabaseQueue, reader: PlanReader, _ source: PlanSource, _ format: PlanFormat, _ progress: Progress,
    write: @escaping @Sendable (Database, PlanBatches) throws -> Value?
  ) throws -> Value {
    let batches = PlanBatches(capacity: 4)
    let result = Mutex<Result<Value?, any Error>>(.success(nil))
    let done = DispatchSemaphore(value: 0)
    database.asyncWriteWithoutTransaction { database in
      let outcome = Result { try write(database, batches) }
      if case .failure(let error) = outcome { batches.fail(error) }
      batches.drain()
      result.withLock { $0 = outcome }
      done.signal()
    }
    let reading = Result {
      var batch = EncodedChanges(capacity: batchSize)
      var writer = JSONWriter(capacity: 4_096)
      var count = 0
      let summary = try reader.read(source, format: format) { change in
        batch.append(change, writer: &writer)
        guard batch.rows.count == batchSize || batch.bytes.count >= batchBytes else { return }
        count += batch.rows.count
        try batches.put(batch)
        batch = EncodedChanges(capacity: batchSize)
        progress(count)
      }
      if !batch.rows.isEmpty { try batches.put(batch) }
      return summary
    }
    batches.finish(try? reading.get())  // a failure is thrown below, when the other thread has ended
    done.wait()
    let value = try result.withLock { $0 }.get()
    let summary = try reading.get()
    guard let value else { preconditionFailure("the plan \(summary.file) was read, and nothing came of it") }
    return value
  }
}

/// The changes of a plan on their way from the thread that reads to the one that writes.
final class PlanBatches: Sendable {
  private let batches: BatchHandOver<EncodedChanges>
  private let end = Mutex<PlanSummary?>(nil)

  init(capacity: Int) { batches = BatchHandOver(capacity: capacity) }

  func put(_ batch: EncodedChanges) throws { try batches.put(batch) }
  func take(until deadline: DispatchTime = .distantFuture) -> EncodedChanges? { batches.take(until: deadline) }
  func fail(_ error: any Error) { batches.fail(error) }
  func drain() { batches.drain() }

  /// - Parameter summary: `nil` where the plan could not be read to its end.
  func finish(_ summary: PlanSummary?) {
    end.withLock { $0 = summary }
    batches.finish()
  }

  /// What was found at the end of the plan; known once `take` has given `nil`.
  var summary: PlanSummary? { end.withLock { $0 } }
}
