import ChangePlan
import GRDB
import JSONText

/// The end of a load: the plan's groups, which change waits for which, and the plan's row; or its removal.
extension PlanLoading {
  /// What is known about a plan's groups.
  struct Groups {
    var groupCount: Int
    var projectCount: Int
    /// Changes to a group that an earlier change of the plan is for: at most `listedRepeats`, and one that counts
    /// the others.
    var warnings: [PlanDiagnostic]
  }

  private static let listedRepeats = 100

  /// Fills `plan_group` in the order of its keys, and lets each change of a group wait for the one before it.
  /// Warnings name the plan as `file`.
  func settleGroups(file: String) throws -> Groups {
    let repeats = PairSorter()
    let groupCount = try writeGroups(repeats: repeats)
    return Groups(
      groupCount: groupCount,
      projectCount: try Int.fetchOne(database, sql: "SELECT count(*) FROM temp.load_project") ?? 0,
      warnings: try linkRepeats(repeats, file: file))
  }

  /// Gives `repeats` each change that has an earlier one to its group, with that one.
  ///
  /// Returns how many different groups there are.
  private func writeGroups(repeats: PairSorter) throws -> Int {
    let inserter = try RowInserter(database, "main.plan_group", ["plan_id", "group_key", "change"])
    var pending: [PairSorter.Pair] = []
    let insertPending = { [planID] in
      try inserter.insert(pending.count) { index, statement, parameter in
        statement.bind(planID, at: parameter)
        statement.bind(Int(pending[index].key), at: parameter + 1)
        statement.bind(Int(pending[index].value), at: parameter + 2)
      }
      pending.removeAll(keepingCapacity: true)
    }
    var groupCount = 0
    var previous: PairSorter.Pair?
    // The last change of each group that has the present key: of one group, unless keys collide.
    var lastChanges: [(group: GroupIdentity, change: Int64)] = []
    try transactions {
      while let pair = try groups.next() {
        pending.append(pair)
        if let previous, previous.key == pair.key {
          if lastChanges.isEmpty { lastChanges = [(try identity(of: previous.value), previous.value)] }
          let group = try identity(of: pair.value)
          if let index = lastChanges.firstIndex(where: { $0.group == group }) {
            try repeats.add(key: pair.value, value: lastChanges[index].change)
            lastChanges[index].change = pair.value
          } else {
            lastChanges.append((group, pair.value))
            groupCount += 1
          }
        } else {
          lastChanges.removeAll(keepingCapacity: true)
          groupCount += 1
        }
        previous = pair
        if pending.count == 512 {
          try insertPending()
          try letOthersIn()
        }
      }
      try insertPending()
    }
    return groupCount
  }

  private struct GroupIdentity: Equatable {
    var project: Int
    var id: String
  }

  private func identity(of change: Int64) throws -> GroupIdentity {
    let statement = try database.cachedStatement(sql: "SELECT project, scaling_group_id FROM main.change WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [Int64(planID) << 32 | change]) else {
      throw missing(change)
    }
    return GroupIdentity(project: row[0], id: row[1])
  }

  /// Lets each change wait for the earlier one, in the order of the plan.
  ///
  /// - Returns: the warnings.
  private func linkRepeats(_ repeats: PairSorter, file: String) throws -> [PlanDiagnostic] {
    guard repeats.count > 0 else { return [] }
    let update = try RawStatement(database, "UPDATE main.change SET after = ? WHERE id = ?")
    var warnings: [PlanDiagnostic] = []
    try transactions {
      while let pair = try repeats.next() {
        update.bind(planID << 32 | Int(pair.value), at: 1)
        update.bind(planID << 32 | Int(pair.key), at: 2)
        try update.run()
        if warnings.count < Self.listedRepeats {
          warnings.append(try repeatWarning(change: pair.key, earlier: pair.value, file: file))
        }
        try letOthersIn()
      }
    }
    if repeats.count > warnings.count, let last = warnings.last {
      warnings.append(
        PlanDiagnostic(
          file: file, line: last.line, column: 1, severity: .warning, field: "scaling_group_id",
          message: "\(repeats.count - warnings.count) more changes are to groups that an earlier line changes"))
    }
    return warnings
  }

  private func repeatWarning(change: Int64, earlier: Int64, file: String) throws -> PlanDiagnostic {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT c.line, e.line, c.scaling_group_id FROM main.change c, main.change e
        WHERE c.id = (?1 << 32 | ?2) AND e.id = (?1 << 32 | ?3)
        """, arguments: [planID, change, earlier])
    guard let row else { throw missing(change) }
    let (line, earlierLine, group): (Int, Int, String) = (row[0], row[1], row[2])
    return PlanDiagnostic(
      file: file, line: line, column: 1, severity: .warning, field: "scaling_group_id",
      message: "line \(earlierLine) changes the same group (\(group)); both are run, in the order of the plan")
  }

  private func missing(_ change: Int64) -> DatabaseError {
    DatabaseError(resultCode: .SQLITE_CORRUPT, message: "change \(change) of plan \(planID) is gone")
  }

  // MARK: The end

  /// Makes the plan visible, or removes it again where it was loaded before.
  func complete(_ summary: PlanSummary) throws -> PlanStore.Outcome {
    if let row = try twin(of: summary) {
      try discard()
      return .existing(row)
    }
    let groups = try settleGroups(file: summary.file)
    let warnings = summary.diagnostics.listed + groups.warnings
    var json = JSONWriter()
    json.beginArray()
    for warning in warnings { json.string(warning.description) }
    json.endArray()
    let outcome = try transactions { () throws -> PlanStore.Outcome? in
      // Another process may have loaded the same plan in the meantime.
      if try twin(of: summary) != nil { return nil }
      try database.execute(
        sql: """
          UPDATE plan SET state = 'loaded', name = ?, sha256 = ?, bytes = ?, changes = ?, groups = ?, projects = ?,
            warnings = ?, loaded_at = ?
          WHERE id = ? AND state = 'loading'
          """,
        arguments: [
          summary.name, summary.sha256, summary.byteCount, summary.changeCount, groups.groupCount,
          groups.projectCount, json.text, LedgerTime.now(), planID,
        ])
      return try LedgerSnapshot(database: database).plan(planID).map(PlanStore.Outcome.loaded)
    }
    if let outcome { return outcome }
    return try complete(summary)
  }

  /// The same plan, loaded before.
  private func twin(of summary: PlanSummary) throws -> PlanRow? {
    let defaultProject = try String.fetchOne(
      database, sql: "SELECT default_project FROM plan WHERE id = ?", arguments: [planID])
    return try LedgerSnapshot(database: database)
      .plan(sha256: summary.sha256, format: summary.format, defaultProjectID: defaultProject ?? "")
  }

  // MARK: Removal

  /// Removes what was inserted of the plan, its new projects too.
  func discard() throws {
    guard planID > 0 else { return }
    try removePlan(planID)
    try transactions {
      // A project that came after this load began belongs to it, or to a plan that was being loaded then or later.
      try database.execute(
        sql: "DELETE FROM project WHERE id >= ? AND id NOT IN (SELECT project FROM change WHERE id > ?)",
        arguments: [firstNewProject, lowestLoadingPlan << 32])
    }
  }

  /// Removes the plans that dead loads have left behind. Only while no other load is alive.
  func sweepOrphans() throws {
    for id in try Int.fetchAll(database, sql: "SELECT id FROM plan WHERE state = 'loading'") { try removePlan(id) }
  }

  private func removePlan(_ id: Int) throws {
    let step = 10_000
    let last = try Int.fetchOne(
      database, sql: "SELECT max(id) FROM change WHERE id < ?", arguments: [(id + 1) << 32])
    try transactions {
      var low = id << 32
      while let last, low <= last {
        try database.execute(sql: "DELETE FROM change WHERE id > ? AND id <= ?", arguments: [low, low + step])
        low += step
        try letOthersIn()
      }
      var removed = 0
      repeat {
        try database.execute(
          sql: """
            DELETE FROM plan_group WHERE plan_id = ?1 AND (group_key, change) IN
              (SELECT group_key, change FROM plan_group WHERE plan_id = ?1 LIMIT ?2)
            """, arguments: [id, step])
        removed = database.changesCount
        try letOthersIn()
      } while removed > 0
      try database.execute(sql: "DELETE FROM plan WHERE id = ? AND state = 'loading'", arguments: [id])
    }
  }
}
