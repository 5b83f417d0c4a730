import AutoScaling
import ChangeRun
import Ledger

/// What went wrong: by error code, and by name.
extension HTMLReport {
  func writeErrors(to output: HTMLOutput) throws {
    let table = try HTMLTable(
      "Failed, blocked and conflicted changes by error code",
      [
        .init(title: "Code", kind: .code), .init(title: "Changes", kind: .number), .init(title: "Ended"),
        .init(title: "What it means", kind: .prose), .init(title: "What to do", kind: .prose),
        .init(title: "First message", kind: .prose),
      ], to: output)
    for error in report.errors.prefix(Self.rowLimit) {
      let status = summary.failures.first { ($0.errorCode ?? "") == error.key }?.httpStatus
      let guide = ErrorGuide(code: error.key, status: status)
      let ends = StateMark.order.filter { error.counts[$0] != nil }.map { "<div>\(StateMark($0).html)</div>" as HTML }
      let line = error.firstLine.map { "line \($0): " } ?? ""
      try table.row([
        error.key.isEmpty ? "<i>none</i>" : "\(error.key)", "\(DisplayText.count(error.total))", ends.joined(),
        "\(guide.meaning)", "\(guide.advice)", "\(line)\(error.example ?? "")",
      ])
    }
    try table.end()
    for (state, title) in [
      (ChangeState.failed, "Failed changes"), (.blocked, "Blocked changes"), (.conflicted, "Conflicted changes"),
    ] {
      if let count = states[state] { try writeTrouble(state, title, count: count, to: output) }
    }
  }

  private func writeTrouble(_ state: ChangeState, _ title: String, count: Int, to output: HTMLOutput) throws {
    try output.write("<h3>\(StateMark(state).sign) \(title)</h3>")
    // Only a conflict is about what was found.
    let hasFound = state == .conflicted
    let found: [HTMLTable.Column] = hasFound ? [.init(title: "Found", kind: .fields)] : []
    let table = try HTMLTable(
      "\(title) in the order of the plan: \(DisplayText.count(count))", isTall: true,
      [
        .init(title: "Line", kind: .number), .init(title: "Group"), .init(title: "Before → planned", kind: .fields),
      ] + found + [.init(title: "Why", kind: .prose), .init(title: "Applied")], to: output)
    var shown = 0
    try snapshot.forEachChange(of: run, in: [state], limit: Self.rowLimit) { row in
      shown += 1
      let answer = [row.httpStatus.map { String($0) }, row.errorCode].compactMap { $0 }.joined(separator: " ")
      let why: HTML = "<code>\(answer)</code> \(row.errorMessage ?? "")"
      try table.row(
        ["\(row.line)", group(row), ShownValue.fields(prior: row.prior, planned: row.planned)]
          + (hasFound ? [ShownValue.values(row.found)] : []) + [why, "\(row.applied.rawValue)"])
    }
    try table.end()
    try writeCut(shown: shown, of: count, states: [state], to: output)
  }

  /// The group's name with its project and id below, and the comment of the plan.
  func group(_ row: ChangeReportRow) -> HTML {
    let name: HTML? = row.groupName.map { "<div><b>\($0)</b></div>" }
    let comment: HTML? = row.comment.map { $0.isEmpty ? "" : "<div class=\"comment\">\($0)</div>" }
    return "\(name)<div class=\"id\">\(row.group.projectID)/<wbr>\(row.group.groupID)</div>\(comment)"
  }

  /// Every change, as far as a page can show them.
  func writeChanges(to output: HTMLOutput) throws {
    guard run.counts.total > 0 else { return try output.write("<p>The run has no changes.</p>") }
    let table = try HTMLTable(
      "Changes, in the order of the plan", isTall: true,
      [
        .init(title: "Line", kind: .number), .init(title: "Group"), .init(title: "State"),
        .init(title: "Before → after", kind: .fields), .init(title: "Ended", kind: .text),
      ], to: output)
    var shown = 0
    try snapshot.forEachChange(of: run, limit: Self.rowLimit) { row in
      shown += 1
      try table.row([
        "\(row.line)", group(row), StateMark(row.state).html,
        ShownValue.fields(prior: row.prior, planned: row.planned), "\(row.finishedAt.map(style.time) ?? "")",
      ])
    }
    try table.end()
    try writeCut(shown: shown, of: run.counts.total, to: output)
  }
}
