import AutoScaling
package import ChangeRun
package import Ledger

/// Reports with a line for each change of a run: streamed, in the order of the plan.
package enum ChangeReports {
  /// The rows of `change_report` as CSV, with its columns: of the changes in these states, or of all (`nil`).
  package static func writeCSV(
    _ run: RunRow, in snapshot: LedgerSnapshot, states: Set<ChangeState>?, to output: (String) throws -> Void
  ) throws {
    try output(
      CSVText.line([
        "run_id", "change", "line", "project_id", "scaling_group_id", "scaling_group_name", "state", "applied",
        "attempts", "http_status", "error_code", "error_message", "planned", "prior", "found", "started_at",
        "finished_at", "comment",
      ]))
    let free = { (text: String?) in CSVText.unlikeFormula(text ?? "") }
    try snapshot.forEachChange(of: run, in: states) { row in
      try output(
        CSVText.line([
          String(run.id), String(row.change), String(row.line), free(row.group.projectID), free(row.group.groupID),
          free(row.groupName), row.state.rawValue, row.applied.rawValue, String(row.attempts),
          row.httpStatus.map { String($0) } ?? "", free(row.errorCode), free(row.errorMessage), row.planned,
          row.prior ?? "", row.found ?? "", row.startedAt.map(LedgerTime.iso8601) ?? "",
          row.finishedAt.map(LedgerTime.iso8601) ?? "", free(row.comment),
        ]))
    }
  }

  /// The chosen changes as a CSV plan that is ready to run: of a rollback, what it restores.
  ///
  /// Goes through them twice: columns that no change needs are left out. Returns how many changes there are; a plan
  /// of none is only a header.
  @discardableResult
  package static func writePlan(
    _ run: RunRow, in snapshot: LedgerSnapshot, states: Set<ChangeState>?, to output: (String) throws -> Void
  ) throws -> Int {
    var columns = CSVPlanWriter.Columns()
    try snapshot.forEachPlanChange(of: run, in: states) { change in
      columns.add(planned: change.planned, expected: change.expected, comment: change.comment)
    }
    let writer = CSVPlanWriter(columns)
    try output(writer.header)
    var count = 0
    try snapshot.forEachPlanChange(of: run, in: states) { change in
      count += 1
      try output(
        writer.line(
          group: change.group, planned: change.planned, expected: change.expected, comment: change.comment))
    }
    return count
  }

  /// The chosen changes for a person, one a line.
  package static func writeText(
    _ run: RunRow, in snapshot: LedgerSnapshot, states: Set<ChangeState>?, to output: (String) throws -> Void
  ) throws {
    // No table: its widths would need all rows at once.
    try snapshot.forEachChange(of: run, in: states) { row in
      var line = "\(DisplayText.safe(run.planFile)):\(row.line): \(row.state.rawValue): \(row.group)"
      if let name = row.groupName { line += " (\(DisplayText.safe(name)))" }
      if row.applied != .no || row.state == .succeeded { line += ", applied: \(row.applied.rawValue)" }
      let reason = [row.httpStatus.map { String($0) }, row.errorCode, row.errorMessage].compactMap { $0 }
      if !reason.isEmpty, row.state != .succeeded { line += ": " + DisplayText.safe(reason.joined(separator: " ")) }
      if let found = row.found { line += "; found \(DisplayText.safe(found))" }
      try output(line + "\n")
    }
  }
}
