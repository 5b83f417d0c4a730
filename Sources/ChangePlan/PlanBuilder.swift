internal import AutoScaling

/// Turns drafts into changes: the checks that are the same for every format, the counts and the diagnostics.
struct PlanBuilder {
  let file: String
  let defaultProjectID: String?
  /// What the format calls that which holds a change: row, change, line.
  let rowWord: String

  private(set) var diagnostics = DiagnosticList()
  private(set) var changeCount = 0
  private(set) var unchangedCount = 0
  private(set) var emptyCount = 0
  private var firstEmptyRow: TextPosition?

  init(file: String, format: PlanFormat, defaultProjectID: String?) {
    self.file = file
    rowWord =
      switch format {
      case .csv: "row"
      case .json: "change"
      case .jsonl: "line"
      }
    self.defaultProjectID = defaultProjectID
  }

  mutating func report(
    _ severity: PlanDiagnostic.Severity = .error, at position: TextPosition, field: String? = nil, _ message: String
  ) {
    diagnostics.append(
      PlanDiagnostic(
        file: file, line: position.line, column: position.column, severity: severity, field: field, message: message))
  }

  mutating func skipEmptyRow(at position: TextPosition) {
    emptyCount += 1
    if firstEmptyRow == nil { firstEmptyRow = position }
  }

  /// Checks a draft and hands it on.
  ///
  /// - Parameters:
  ///   - draft: what was read.
  ///   - locate: tells where a part begins; asked only for diagnostics.
  ///   - each: is given the change, as long as the plan has no error.
  /// - Throws: only what `each` throws.
  mutating func add(
    _ draft: consuming ChangeDraft, locate: (ChangePart) -> TextPosition, each: (PlanChange) throws -> Void
  ) rethrows {
    let isUnchanged = dropFieldsEqualToTheirExpectation(&draft) || draft.hasFieldAsExpected
    var wrongFields: Set<GroupField> = []
    for entry in draft.planned.entries {
      guard let problem = entry.field.problem(with: entry.value) else { continue }
      report(at: locate(.planned(entry.field)), field: entry.field.rawValue, problem)
      wrongFields.insert(entry.field)
    }
    let sound = wrongFields.isEmpty ? draft.planned : draft.planned.filter { !wrongFields.contains($0) }
    let contradictions = sound.crossFieldProblems()
    for problem in contradictions {
      report(at: locate(.planned(problem.field)), field: problem.field.rawValue, problem.message)
    }
    for problem in draft.planned.crossFieldWarnings() {
      report(.warning, at: locate(.planned(problem.field)), field: problem.field.rawValue, problem.message)
    }
    if draft.projectID == nil, defaultProjectID == nil, !draft.hasProjectError {
      report(
        at: locate(.projectID), field: PlanColumn.projectID.name, "not given: give it here, or name one with --project")
      draft.hasErrors = true
    }
    if draft.planned.isEmpty, !draft.hasErrors, !isUnchanged {
      report(at: locate(.whole), "changes nothing: give at least one field a value, or take the \(rowWord) out")
      return
    }
    guard !draft.hasErrors, wrongFields.isEmpty, contradictions.isEmpty, let groupID = draft.groupID,
      let projectID = draft.projectID ?? defaultProjectID
    else { return }
    if draft.planned.isEmpty {
      unchangedCount += 1
      return
    }
    changeCount += 1
    guard !diagnostics.hasErrors else { return }
    try each(
      PlanChange(
        number: changeCount, line: draft.line, group: GroupReference(projectID: projectID, groupID: groupID),
        planned: draft.planned, expected: draft.expected, comment: draft.comment))
  }

  /// A field equal to its own expectation is not part of the change, and not checked (contract, section 2).
  ///
  /// - Returns: whether there was one.
  private func dropFieldsEqualToTheirExpectation(_ draft: inout ChangeDraft) -> Bool {
    guard !draft.expected.isEmpty else { return false }
    var equalFields: Set<GroupField> = []
    for entry in draft.planned.entries {
      guard let expected = draft.expected[entry.field] else { continue }
      // Whether the order of zones counts depends on the live policy, so a new order is a change here.
      if entry.field.areEqual(entry.value, expected, zonesAreOrdered: true) { equalFields.insert(entry.field) }
    }
    guard !equalFields.isEmpty else { return false }
    draft.planned = draft.planned.filter { !equalFields.contains($0) }
    draft.expected = draft.expected.filter { !equalFields.contains($0) }
    return true
  }

  /// Says what can only be said at the end of the plan.
  ///
  /// - Parameter position: where a plan without changes is reported; `nil` where it has been reported why.
  mutating func finish(emptyPlanAt position: TextPosition?) {
    if let firstEmptyRow {
      let message =
        emptyCount == 1
        ? "this \(rowWord) is empty and was skipped" : "\(emptyCount) empty \(rowWord)s were skipped; this is the first"
      report(.warning, at: firstEmptyRow, message)
    }
    guard let position, changeCount == 0, !diagnostics.hasErrors else { return }
    if unchangedCount > 0 {
      report(.warning, at: position, "every value equals its own expect: the plan changes nothing")
    } else {
      report(at: position, "no changes: a plan has at least one")
    }
  }
}
