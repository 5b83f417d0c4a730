import GRDB
import GRDBSQLite

/// A prepared statement of SQLite's C interface, for the few that run once or more for every change.
///
/// GRDB's own statements take their arguments as arrays; here each value is bound where it stands. A statement
/// belongs to the connection that made it and is used only while that connection is held.
final class RunStatement {
  private let handle: OpaquePointer
  private let connection: OpaquePointer
  /// The number of the parameter that is bound next, from 1.
  private var parameter: Int32 = 1
  private var isFinalized = false

  /// - Throws: `DatabaseError` where the SQL does not fit the schema.
  init(_ database: Database, sql: String) throws {
    guard let connection = database.sqliteConnection else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
    }
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else { throw Self.error(connection) }
    self.handle = handle
    self.connection = connection
  }

  deinit { finalize() }

  /// Gives the statement back to its connection, which cannot be closed before. It must not be used any more.
  func finalize() {
    guard !isFinalized else { return }
    isFinalized = true
    sqlite3_finalize(handle)
  }

  // MARK: Parameters, in order

  func bind(_ number: Int) {
    sqlite3_bind_int64(handle, parameter, Int64(number))
    parameter += 1
  }

  func bind(_ number: Int?) {
    if let number { sqlite3_bind_int64(handle, parameter, Int64(number)) } else { sqlite3_bind_null(handle, parameter) }
    parameter += 1
  }

  func bind(_ text: String?) {
    if var text {
      text.withUTF8 { utf8 in
        _ = sqlite3_bind_text64(
          handle, parameter, utf8.baseAddress, UInt64(utf8.count), Self.copied, UInt8(SQLITE_UTF8))
      }
    } else {
      sqlite3_bind_null(handle, parameter)
    }
    parameter += 1
  }

  /// SQLITE_TRANSIENT: SQLite takes a copy of what is bound.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  // MARK: Running

  /// Goes to the next row.
  ///
  /// - Returns: `false` at the end; the statement is then ready to be bound again.
  func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      reset()
      return false
    default:
      let error = Self.error(connection)
      reset()
      throw error
    }
  }

  /// Runs a statement that gives no rows.
  ///
  /// - Returns: how many rows it changed.
  @discardableResult
  func run() throws -> Int {
    while try step() {}
    return Int(sqlite3_changes64(connection))
  }

  func reset() {
    sqlite3_reset(handle)
    parameter = 1
  }

  // MARK: Columns, from 0

  func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

  func optionalInteger(_ column: Int32) -> Int? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : integer(column)
  }

  func text(_ column: Int32) -> String? {
    guard let start = sqlite3_column_text(handle, column) else { return nil }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  private static func error(_ connection: OpaquePointer) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
      message: String(cString: sqlite3_errmsg(connection)))
  }
}
