import GRDB
import GRDBSQLite

/// A prepared statement of SQLite's C API, for the paths where a million rows go through.
///
/// Used only on the queue of the connection that it belongs to.
final class RawStatement {
  private let handle: OpaquePointer

  init(_ database: Database, _ sql: String) throws {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(
      database.sqliteConnection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else { throw Self.error(code, database.sqliteConnection, sql) }
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  /// Binds an integer to a parameter, which counts from 1.
  func bind(_ number: Int, at index: Int32) { sqlite3_bind_int64(handle, index, Int64(number)) }

  /// Binds text, or NULL; the text must stay where it is until the statement is bound anew.
  func bind(unowned text: UnsafeRawBufferPointer?, at index: Int32) {
    guard let text else {
      sqlite3_bind_null(handle, index)
      return
    }
    // An empty buffer may have no place, which would be NULL and not the empty text.
    guard let start = text.baseAddress else {
      sqlite3_bind_text(handle, index, "", 0, nil)
      return
    }
    sqlite3_bind_text(handle, index, start.assumingMemoryBound(to: CChar.self), Int32(text.count), nil)
  }

  /// Binds text, which is copied.
  func bind(_ text: String, at index: Int32) {
    let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)  // SQLITE_TRANSIENT
    sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), copying)
  }

  /// Runs a statement that gives no rows.
  func run() throws {
    let code = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard code == SQLITE_DONE else { throw failure(code) }
  }

  /// Goes to the next row.
  ///
  /// - Returns: `false` after the last one; the statement is ready to run again then.
  func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code:
      sqlite3_reset(handle)
      throw failure(code)
    }
  }

  func reset() { sqlite3_reset(handle) }

  /// A column of the row, which counts from 0.
  func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// The text of a column of the row; empty for NULL.
  func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// A column of the row, which counts from 0; `nil` for NULL.
  func optionalInteger(_ column: Int32) -> Int? { isNull(column) ? nil : integer(column) }

  /// The text of a column of the row; `nil` for NULL.
  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  /// The text of a column of the row where it lies, until the next step; empty for NULL.
  func withBytes<Value>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
    let start = sqlite3_column_text(handle, column)
    return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  private func failure(_ code: Int32) -> DatabaseError {
    Self.error(code, sqlite3_db_handle(handle), sqlite3_sql(handle).map { String(cString: $0) } ?? "")
  }

  private static func error(_ code: Int32, _ connection: OpaquePointer?, _ sql: String) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)), sql: sql)
  }
}
