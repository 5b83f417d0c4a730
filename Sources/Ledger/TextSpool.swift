import GRDB

/// Texts by number, outside the memory: in a private temporary database.
///
/// For texts that come in one order and are wanted in another one.
package final class TextSpool {
  private let database: DatabaseQueue
  /// How many texts are in it.
  package private(set) var count = 0

  /// - Throws: `LedgerError` where the temporary database cannot be made.
  package init() throws {
    do {
      // SQLite's name for a file that nobody else sees, and that is gone when it is closed.
      database = try DatabaseQueue(path: "")
      try database.inDatabase { database in
        try database.execute(
          sql: """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            CREATE TABLE spooled_text (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
            """)
      }
    } catch {
      throw LedgerError.wrapping(error, path: TemporaryPlan.place)
    }
  }

  /// Keeps a text under a number that has none.
  ///
  /// - Throws: `LedgerError` where there is no room.
  package func put(_ text: String, at number: Int) throws {
    try perform { database in
      try database.cachedStatement(sql: "INSERT INTO spooled_text VALUES (?, ?)").execute(arguments: [number, text])
    }
    count += 1
  }

  /// Gives the text of a number, and forgets it.
  ///
  /// - Returns: `nil` where there is none.
  /// - Throws: `LedgerError` where the temporary database cannot be read or written.
  package func take(_ number: Int) throws -> String? {
    if count == 0 { return nil }
    let text = try perform { database in
      let text = try String.fetchOne(
        database.cachedStatement(sql: "SELECT text FROM spooled_text WHERE number = ?"), arguments: [number])
      if text != nil {
        try database.cachedStatement(sql: "DELETE FROM spooled_text WHERE number = ?").execute(arguments: [number])
      }
      return text
    }
    if text != nil { count -= 1 }
    return text
  }

  private func perform<T>(_ body: (Database) throws -> T) throws -> T {
    do {
      return try database.inDatabase(body)
    } catch {
      throw LedgerError.wrapping(error, path: TemporaryPlan.place)
    }
  }
}
