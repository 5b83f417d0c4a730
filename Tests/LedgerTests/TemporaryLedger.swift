import ChangePlan
import Foundation
import GRDB
import Ledger
import Migrations
import Testing

/// A folder of its own for one test's ledger and plans; it goes with the value.
final class TemporaryLedger: Sendable {
  let folder: String

  /// - Parameter inMemory: in shared memory where there is such a place, for hundreds of ledgers, one after the other.
  /// - Throws: what keeps the folder from being made.
  init(inMemory: Bool = false) throws {
    let memory = "/dev/shm"
    let parent = inMemory && access(memory, W_OK) == 0 ? memory : NSTemporaryDirectory()
    var template = Array("\(parent)/fleetplan-ledger-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.EACCES) }
    folder = LedgerFile.resolve(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  deinit {
    // A folder that stays behind harms no test.
    try? FileManager.default.removeItem(atPath: folder)
  }

  var path: String { folder + "/fleetplan.sqlite" }

  /// The names of the files in the folder, sorted.
  var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
  }

  func openWriter(migrations: [Migration] = Migrations.all, onBackup: (String) -> Void = { _ in }) throws
    -> LedgerWriter
  {
    try LedgerWriter.open(path, command: "test", toolVersion: "0.0.0", migrations: migrations, onBackup: onBackup)
  }

  /// Writes a file into the folder.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = folder + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Writes a plan into the folder.
  func plan(_ text: String, name: String = "plan.csv") throws -> PlanSource {
    PlanSource(argument: try file(name, text.utf8))
  }

  /// Loads a plan that has no errors.
  func load(_ text: String, name: String = "plan.csv", into writer: LedgerWriter) throws -> PlanRow {
    let outcome = try PlanStore(writer).load(try plan(text, name: name), format: .csv, defaultProjectID: nil)
    guard case .loaded(let row) = outcome else {
      Issue.record("not loaded: \(outcome)")
      throw CancellationError()
    }
    return row
  }

  static func bytes(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }

  /// Permission bits of a file.
  static func mode(_ path: String) throws -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw POSIXError(.ENOENT) }
    return Int(status.st_mode & 0o7777)
  }
}

/// A CSV plan that sets the desired number of groups.
func csvPlan(_ rows: [(project: String, group: String, number: Int)]) -> String {
  "project_id,scaling_group_id,desire_instance_number\n"
    + rows.map { "\($0.project),\($0.group),\($0.number)\n" }.joined()
}

/// A CSV plan for so many groups of one project.
func csvPlan(groups count: Int) -> String {
  csvPlan((1...count).map { ("project-a", "group-\($0)", 1 + $0 % 100) })
}

/// The reason of the `LedgerError` that the body must throw.
func ledgerErrorReason(_ body: () throws -> Void) -> LedgerError.Reason? {
  do {
    try body()
    Issue.record("nothing was thrown")
  } catch let error as LedgerError {
    return error.reason
  } catch {
    Issue.record("\(error)")
  }
  return nil
}
