package import AutoScaling
package import ChangePlan
import GRDB
import JSONText

/// Plans and their changes.
extension LedgerSnapshot {
  /// The last so many plans, oldest first.
  package func plans(limit: Int = .max) throws -> [PlanRow] {
    try planRows("ORDER BY id DESC LIMIT ?", [limit]).reversed()
  }

  package func plan(_ id: Int) throws -> PlanRow? { try planRows("AND id = ?", [id]).first }

  /// The plan that these bytes are, if they were loaded before.
  package func plan(sha256: String, format: PlanFormat, defaultProjectID: String?) throws -> PlanRow? {
    try planRows(
      "AND sha256 = ? AND format = ? AND default_project = ?", [sha256, format.rawValue, defaultProjectID ?? ""]
    ).first
  }

  /// Plans that could be the one of a file of that size.
  func plans(byteCount: Int, format: PlanFormat, defaultProjectID: String?) throws -> [PlanRow] {
    try planRows(
      "AND bytes = ? AND format = ? AND default_project = ?", [byteCount, format.rawValue, defaultProjectID ?? ""])
  }

  private func planRows(_ condition: String, _ arguments: StatementArguments) throws -> [PlanRow] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT id, name, file, format, default_project, sha256, bytes, changes, groups, projects, warnings, loaded_at
        FROM plan WHERE state = 'loaded' \(condition)
        """, arguments: arguments)
    return try rows.map { row in
      let (formatName, project): (String, String) = (row["format"], row["default_project"])
      guard let format = PlanFormat(rawValue: formatName) else {
        throw unreadable("plan", row["id"], "format", formatName)
      }
      return PlanRow(
        id: row["id"], name: row["name"], file: row["file"], format: format,
        defaultProjectID: project.isEmpty ? nil : project, sha256: row["sha256"], byteCount: row["bytes"],
        changeCount: row["changes"], groupCount: row["groups"], projectCount: row["projects"],
        warnings: try stringArray(row["warnings"], of: "plan", row["id"], "warnings"), loadedAt: row["loaded_at"])
    }
  }

  // MARK: Changes

  /// What `planChange` reads.
  static let changeColumns = """
    c.id & 4294967295, c.line, p.project_id, c.scaling_group_id, c.planned, c.expected, c.comment,
    c.after & 4294967295
    """

  /// Goes through a plan's changes in their order, holding one at a time; `first` is the number to begin with.
  package func forEachChange(
    ofPlan id: Int, from first: Int = 1, _ body: (PlanChangeRow) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(Self.changeColumns) FROM change c JOIN project p ON p.id = c.project
        WHERE c.id >= ? AND c.id < ? ORDER BY c.id
        """, arguments: [id << 32 | first, (id + 1) << 32])
    while let row = try rows.next() { try body(try planChange(row)) }
  }

  /// A plan's changes to one group, in their order.
  package func changes(ofPlan id: Int, to group: GroupReference) throws -> [PlanChangeRow] {
    let rows = try Row.fetchAll(
      database.cachedStatement(
        sql: """
          SELECT \(Self.changeColumns)
          FROM plan_group g
          CROSS JOIN change c ON c.id = (g.plan_id << 32 | g.change)
          CROSS JOIN project p ON p.id = c.project
          WHERE g.plan_id = ? AND g.group_key = ? AND c.scaling_group_id = ? AND p.project_id = ?
          ORDER BY g.change
          """), arguments: [id, GroupKey.key(of: group), group.groupID, group.projectID])
    return try rows.map(planChange)
  }

  /// One change of a plan.
  package func change(_ change: Int, ofPlan id: Int) throws -> PlanChangeRow? {
    try Row.fetchOne(
      database.cachedStatement(
        sql: "SELECT \(Self.changeColumns) FROM change c JOIN project p ON p.id = c.project WHERE c.id = ?"),
      arguments: [id << 32 | change]
    ).map(planChange)
  }

  /// The projects that a plan's changes are in, by their ids.
  package func projects(ofPlan id: Int) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        SELECT project_id FROM project
        WHERE id IN (SELECT project FROM change WHERE id > ? AND id < ?) ORDER BY project_id
        """, arguments: [id << 32, (id + 1) << 32])
  }

  /// The columns: change, line, project, group, planned, expected, comment, after.
  func planChange(_ row: Row) throws -> PlanChangeRow {
    let (change, expected): (Int, String?) = (row[0], row[5])
    return PlanChangeRow(
      change: change, line: row[1], group: GroupReference(projectID: row[2], groupID: row[3]),
      planned: try values(row[4], of: "change", change, "planned"),
      expected: try expected.map { try values($0, of: "change", change, "expected") } ?? GroupModification(),
      comment: row[6], after: row[7])
  }
}

/// Texts of the ledger as values.
extension LedgerSnapshot {
  /// - Throws: SQLITE_CORRUPT where a row holds what nothing writes.
  func unreadable(_ table: String, _ id: Int, _ column: String, _ text: String) -> DatabaseError {
    DatabaseError(
      resultCode: .SQLITE_CORRUPT, message: "\(column) of row \(id) of \(table) cannot be read: \(text.prefix(80))")
  }

  func values(_ text: String, of table: String, _ id: Int, _ column: String) throws -> GroupModification {
    guard let values = GroupModification(ledgerText: text) else { throw unreadable(table, id, column, text) }
    return values
  }

  func json(_ text: String, of table: String, _ id: Int, _ column: String) throws -> JSONNode {
    do {
      return try JSONParser.parse(text)
    } catch {
      throw unreadable(table, id, column, text)
    }
  }

  private func stringArray(_ text: String, of table: String, _ id: Int, _ column: String) throws -> [String] {
    guard let elements = try json(text, of: table, id, column).arrayValue else {
      throw unreadable(table, id, column, text)
    }
    return elements.compactMap(\.stringValue)
  }
}
