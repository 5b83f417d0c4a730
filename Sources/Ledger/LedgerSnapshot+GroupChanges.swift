package import AutoScaling
import GRDB

/// How many changes there are for the groups of a project.
package struct ProjectChangeCount: Sendable, Hashable {
  package var projectID: String
  package var changes: Int
  /// To how many groups they are; 1 to `changes`.
  package var groups: Int

  package init(projectID: String, changes: Int, groups: Int) {
    self.projectID = projectID
    self.changes = changes
    self.groups = groups
  }
}

/// Which group a change is for.
package struct ChangeAddress: Sendable, Hashable {
  /// The change's number in the plan.
  package var change: Int
  package var group: GroupReference

  package init(change: Int, group: GroupReference) {
    self.change = change
    self.group = group
  }
}

/// Changes in portions, for those who go by the live groups and not by the plan.
extension LedgerSnapshot {
  /// How many changes of a plan each project has, by the projects' ids.
  package func changeCounts(ofPlan id: Int) throws -> [ProjectChangeCount] {
    try projectChangeCounts(
      """
      SELECT p.project_id, count(*), count(*) FILTER (WHERE c.after IS NULL)
      FROM change c JOIN project p ON p.id = c.project
      WHERE c.id > ? AND c.id < ? GROUP BY p.id ORDER BY p.project_id
      """, [id << 32, (id + 1) << 32])
  }

  /// The next changes of a plan to one group, in their order: at most `limit`, after the one with the number `last`
  /// (0 for the first ones).
  package func changes(
    ofPlan id: Int, to group: GroupReference, after last: Int, limit: Int
  ) throws -> [PlanChangeRow] {
    try Row.fetchAll(
      database.cachedStatement(
        sql: """
          SELECT \(Self.changeColumns)
          FROM plan_group g
          CROSS JOIN change c ON c.id = (g.plan_id << 32 | g.change)
          CROSS JOIN project p ON p.id = c.project
          WHERE g.plan_id = ? AND g.group_key = ? AND g.change > ? AND c.scaling_group_id = ? AND p.project_id = ?
          ORDER BY g.change LIMIT ?
          """), arguments: [id, GroupKey.key(of: group), last, group.groupID, group.projectID, limit]
    ).map(planChange)
  }

  /// The groups of the next changes of a plan, in its order; see `changes(ofPlan:to:after:limit:)`.
  package func addresses(ofPlan id: Int, after last: Int, limit: Int) throws -> [ChangeAddress] {
    try addresses(
      """
      SELECT c.id & 4294967295, p.project_id, c.scaling_group_id FROM change c JOIN project p ON p.id = c.project
      WHERE c.id > ? AND c.id < ? ORDER BY c.id LIMIT ?
      """, [id << 32 | last, (id + 1) << 32, limit])
  }

  // MARK: What takes a run back

  /// How many changes of a run are to be taken back, for each project.
  package func inverseCounts(ofRun run: RunRow) throws -> [ProjectChangeCount] {
    try projectChangeCounts(
      """
      SELECT p.project_id, count(*), count(DISTINCT c.scaling_group_id) FROM run_change s
      JOIN change c ON c.id = (? | (s.id & 4294967295)) JOIN project p ON p.id = c.project
      WHERE s.id > ? AND s.id < ? AND \(Self.isRestored) GROUP BY p.id ORDER BY p.project_id
      """, [run.planID << 32, run.id << 32, (run.id + 1) << 32])
  }

  /// The next changes to one group that take a run back, in the order in which a rollback does it: at most `limit`,
  /// after the one with the number `last` (`nil` for the first ones).
  package func inverses(
    ofRun run: RunRow, to group: GroupReference, after last: Int?, limit: Int
  ) throws -> [InverseRow] {
    let (comparison, direction, first) = try inverseOrder(of: run)
    return try Row.fetchAll(
      database.cachedStatement(
        sql: """
          SELECT \(Self.inverseColumns)
          FROM plan_group g
          CROSS JOIN run_change s ON s.id = (? | g.change)
          CROSS JOIN prior_record k ON k.run_change = s.id AND k.attempt = s.record_attempt
          CROSS JOIN change c ON c.id = (g.plan_id << 32 | g.change)
          CROSS JOIN project p ON p.id = c.project
          WHERE g.plan_id = ? AND g.group_key = ? AND g.change \(comparison) ?
            AND c.scaling_group_id = ? AND p.project_id = ? AND \(Self.isRestored)
          ORDER BY g.change \(direction) LIMIT ?
          """),
      arguments: [
        run.id << 32, run.planID, GroupKey.key(of: group), last ?? first, group.groupID, group.projectID, limit,
      ]
    ).map(inverseRow)
  }

  /// The groups of the next changes that take a run back, in that order; see `inverses(ofRun:to:after:limit:)`.
  package func inverseAddresses(ofRun run: RunRow, after last: Int?, limit: Int) throws -> [ChangeAddress] {
    let (comparison, direction, first) = try inverseOrder(of: run)
    return try addresses(
      """
      SELECT s.id & 4294967295, p.project_id, c.scaling_group_id FROM run_change s
      JOIN change c ON c.id = (? | (s.id & 4294967295)) JOIN project p ON p.id = c.project
      WHERE s.id > ? AND s.id < ? AND s.id \(comparison) ? AND \(Self.isRestored)
      ORDER BY s.id \(direction) LIMIT ?
      """, [run.planID << 32, run.id << 32, (run.id + 1) << 32, run.id << 32 | (last ?? first), limit])
  }

  /// A rollback goes against the direction of the run.
  private func inverseOrder(of run: RunRow) throws -> (comparison: String, direction: String, first: Int) {
    let wasDescending = try Bool.fetchOne(
      database.cachedStatement(sql: "SELECT descending FROM run WHERE id = ?"), arguments: [run.id])
    return wasDescending == true ? (">", "ASC", 0) : ("<", "DESC", 4_294_967_295)
  }

  // MARK: Queries

  private func projectChangeCounts(_ sql: String, _ arguments: StatementArguments) throws -> [ProjectChangeCount] {
    try Row.fetchAll(database, sql: sql, arguments: arguments).map {
      ProjectChangeCount(projectID: $0[0], changes: $0[1], groups: $0[2])
    }
  }

  private func addresses(_ sql: String, _ arguments: StatementArguments) throws -> [ChangeAddress] {
    try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).map {
      ChangeAddress(change: $0[0], group: GroupReference(projectID: $0[1], groupID: $0[2]))
    }
  }
}
