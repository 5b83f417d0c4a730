internal import AutoScaling

/// The header line of a CSV plan: which column is what.
struct CSVHeader {
  /// A column that holds values of a field.
  struct ValueColumn {
    var index: Int
    var field: GroupField
    /// The column with the other value of the field: the expected one of a planned one, or the other way round.
    var partner: Int?
  }

  /// The columns as they are called in diagnostics.
  private(set) var names: [String] = []
  private(set) var groupIndex: Int?
  private(set) var projectIndex: Int?
  private(set) var commentIndex: Int?
  /// The columns with planned values, in the order of `GroupField`.
  private(set) var plannedColumns: [ValueColumn] = []
  /// The columns with expected values, in the order of `GroupField`.
  private(set) var expectedColumns: [ValueColumn] = []

  /// The column of a field's planned values.
  func plannedIndex(of field: GroupField) -> Int? { plannedColumns.first { $0.field == field }?.index }

  mutating func add(name: String, as column: PlanColumn?) {
    let index = names.count
    names.append(Self.shown(name))
    switch column {
    case .groupID: groupIndex = index
    case .projectID: projectIndex = index
    case .comment: commentIndex = index
    case .field(let field):
      Self.add(ValueColumn(index: index, field: field), to: &plannedColumns, beside: &expectedColumns)
    case .expectation(let field):
      Self.add(ValueColumn(index: index, field: field), to: &expectedColumns, beside: &plannedColumns)
    case nil: break
    }
  }

  private static func add(
    _ column: ValueColumn, to columns: inout [ValueColumn], beside others: inout [ValueColumn]
  ) {
    var column = column
    if let other = others.firstIndex(where: { $0.field == column.field }) {
      column.partner = others[other].index
      others[other].partner = column.index
    }
    columns.append(column)
    columns.sort { $0.field < $1.field }
  }

  /// The name as diagnostics show it: a wrong one can be of any length.
  static func shown(_ name: String) -> String {
    guard name.unicodeScalars.count > 60 else { return name }
    return String(String.UnicodeScalarView(name.unicodeScalars.prefix(60))) + "…"
  }

  /// The separator of the cells: the one of `,`, `;` and tab that the header line has most often outside quotation marks.
  static func separator(in text: UnsafeRawBufferPointer) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in text {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == UInt8(ascii: "\n") { break }
      if let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    var best = 0
    for index in 1..<counts.count where counts[index] > counts[best] { best = index }
    return candidates[best]
  }

  /// What is wrong with the name of a column that is not known.
  static func problem(withUnknownName name: String) -> (message: String, suggestion: String?) {
    if name.isEmpty { return ("this column has no name: give it one, or delete it", nil) }
    if name.hasPrefix("sep=") {
      return ("a line of Excel's own: delete it, the separator is told from the header line", nil)
    }
    if name.hasPrefix(PlanColumn.expectationPrefix),
      let column = PlanColumn(name: String(name.dropFirst(PlanColumn.expectationPrefix.count)))
    {
      return ("\(column.name) cannot be expected: only a field that can be changed", nil)
    }
    let suggestion = NameSuggestion.nearest(to: name, among: PlanColumn.columnNames)
    return ("unknown column" + (suggestion.map { " (did you mean \($0)?)" } ?? ""), suggestion)
  }
}
