import GRDB

/// Inserts rows of one table, as many with one statement as pays: a statement has costs of its own.
///
/// Measured with SQLite 3.40: a million rows of `change` take 1.8 s one by one, and 1.1 s by 32.
final class RowInserter {
  private static let rowsTogether = 32

  private let columnCount: Int
  private let single: RawStatement
  private let multiple: RawStatement

  /// The table's name and its columns.
  init(_ database: Database, _ table: String, _ columns: [String]) throws {
    columnCount = columns.count
    let start = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES "
    let row = "(" + columns.map { _ in "?" }.joined(separator: ", ") + ")"
    single = try RawStatement(database, start + row)
    multiple = try RawStatement(
      database, start + Array(repeating: row, count: Self.rowsTogether).joined(separator: ", "))
  }

  /// Inserts so many rows. `bind` binds the values of one, beginning with that parameter; its texts must stay where
  /// they are until this returns.
  func insert(_ count: Int, bind: (_ row: Int, _ statement: RawStatement, _ parameter: Int32) -> Void) throws {
    var row = 0
    while count - row >= Self.rowsTogether {
      for index in 0..<Self.rowsTogether { bind(row + index, multiple, Int32(index * columnCount + 1)) }
      try multiple.run()
      row += Self.rowsTogether
    }
    while row < count {
      bind(row, single, 1)
      try single.run()
      row += 1
    }
  }
}
