/// One numbered step that brings a ledger from one version to the next.
package struct Migration: Sendable, Hashable {
  /// 1, 2, 3 … without gaps: the ledger's version after the step.
  package var number: Int
  /// The name of the file, without `.sql`.
  package var name: String
  /// The statements, as the file has them.
  package var sql: [UInt8]

  package init(number: Int, name: String, sql: [UInt8]) {
    self.number = number
    self.name = name
    self.sql = sql
  }
}

/// The SQL files of this folder, embedded in the program.
package enum Migrations {
  /// All steps, in order. A file that has been released is never edited: a ledger remembers its checksum.
  package static let all: [Migration] = [
    Migration(number: 1, name: "V001_ledger", sql: PackageResources.V001_ledger_sql),
    Migration(number: 2, name: "V002_report_views", sql: PackageResources.V002_report_views_sql),
    Migration(number: 3, name: "V003_checks_without_lists", sql: PackageResources.V003_checks_without_lists_sql),
  ]
}
