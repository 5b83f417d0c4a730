import AutoScaling
import ChangeRun
import Reports

/// Writes changes as a CSV plan, change by change, to a new file.
struct PlanExport {
  /// One change as it will be written.
  struct Row: Equatable {
    /// With its line feed; `nil` where nothing is left of the change.
    var line: String?
    /// What had to be left out, and why.
    var warnings: [String]
  }

  /// Problems beyond these are counted only.
  private static let listedWarnings = 100

  private let path: String
  private let sink: ReportSink
  private let writer: CSVPlanWriter
  private let context: CommandContext
  private var warnings = 0
  /// Rows written.
  private(set) var rows = 0

  /// - Throws: `CommandError` 73 where the file exists, or cannot be made. An export over the plan that it comes from,
  ///   or over one that was edited, would be a loss.
  init(path: String, columns: CSVPlanWriter.Columns, context: CommandContext) throws {
    self.path = path
    self.context = context
    try ReportSink.refuseExisting(path)
    sink = try ReportSink(path: path, standardOutput: context.output)
    writer = CSVPlanWriter(columns)
    try sink.write(writer.header)
  }

  /// One change as a row; fields that no cell can hold are left out, with a warning, and so is a change without any.
  ///
  /// - Parameters:
  ///   - change: what is planned, and for which group.
  ///   - expected: what the live values must be then; what no cell can hold is not expected.
  ///   - reason: why fields are missing already; it becomes a warning.
  ///   - remark: another warning.
  /// - Returns: the row, for `write`.
  func row(
    _ change: PreviewChange, expected: GroupModification, reason: String? = nil, remark: String? = nil
  ) -> Row {
    var row = Row(line: nil, warnings: [])
    func warn(_ text: String) {
      row.warnings.append("line \(change.line), group \(change.change.group.groupID): \(text)")
    }
    var planned = GroupModification()
    for entry in change.change.planned.entries {
      planned[entry.field] = entry.value.withCell(of: entry.field)
      if planned[entry.field] == nil {
        warn("\(entry.field.rawValue): the value has characters that a CSV plan cannot hold: left out")
      }
    }
    if let reason { warn(reason + (planned.isEmpty ? ": the change is left out" : ": left out")) }
    if planned.isEmpty { return row }
    if let remark { warn(remark) }
    var conditions = GroupModification()
    for entry in expected.entries where planned[entry.field] != nil || change.change.planned[entry.field] == nil {
      conditions[entry.field] = entry.value.withCell(of: entry.field)
    }
    row.line = writer.line(
      group: change.change.group, planned: planned, expected: conditions, comment: change.comment)
    return row
  }

  /// Writes a row, and tells its warnings.
  ///
  /// - Throws: `CommandError` where the file cannot be written.
  mutating func write(_ row: Row) throws {
    for warning in row.warnings {
      warnings += 1
      if warnings <= Self.listedWarnings { context.warn(warning) }
    }
    guard let line = row.line else { return }
    rows += 1
    try sink.write(line)
  }

  /// Puts the file in its place, unless it has no change, and says so.
  func finish() throws {
    if rows == 0 { return context.note("no change to write: \(path) was not made") }
    try ReportSink.refuseExisting(path)
    try sink.close()
    if warnings > Self.listedWarnings {
      context.warn("\(PlanWords.grouped(warnings - Self.listedWarnings)) more of these")
    }
    context.note("\(path): \(PlanWords.count(rows, "change"))")
  }
}

extension FieldValue {
  /// The same value to the service in a form that a cell of a plan can hold (contract, section 2): where nothing is
  /// set, the field's empty value; networks without what is their default.
  ///
  /// - Returns: `nil` where no cell can hold it: numbers and booleans that are `null`, texts with control characters.
  func withCell(of field: GroupField) -> FieldValue? {
    let value = withoutNull(of: field)
    if case .string(let text)? = value, !Self.hasCell(text, of: field) { return nil }
    return value
  }

  /// The same value to the service in a form that a JSON plan can hold, which has no `null`.
  ///
  /// - Returns: `nil` for numbers and booleans that are `null`.
  func withoutNull(of field: GroupField) -> FieldValue? {
    switch (self, field.kind) {
    case (.null, .integer), (.null, .boolean): return nil
    case (.null, .string): return .string("")
    case (.null, .strings): return .strings([])
    case (.null, .networks): return .networks([])
    case (.null, .securityGroups): return .securityGroups([])
    case (.null, .listeners): return .listeners([])
    case (.networks(let list), _): return .networks(list.map(\.withoutDefaults))
    default: return self
    }
  }

  private static func hasCell(_ text: String, of field: GroupField) -> Bool {
    let isClean = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    // These two characters mean the empty string.
    guard isClean, text != "\"\"" else { return false }
    // The reader takes spaces at the ends for a slip, except in a description.
    let isSpace = { (character: Character) in character.isWhitespace || character.isNewline }
    guard field != .description, let first = text.first, let last = text.last else { return true }
    return !isSpace(first) && !isSpace(last)
  }
}
