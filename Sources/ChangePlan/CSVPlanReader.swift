internal import AutoScaling
internal import JSONText

/// Reads a CSV plan: header, rows, cells.
struct CSVPlanReader {
  let input: PlanInput
  private(set) var rows: CSVRowReader
  private(set) var header = CSVHeader()
  /// The header has an error: that a row changes nothing can come from that.
  private var hasHeaderErrors = false
  private var hasProjectError = false
  private var projectIDs = StringCache()
  private var strings: [StringCache] = []
  /// Cells of the current row that breach the format: their content is not looked at.
  private var faultyCells: Set<Int> = []

  /// - Throws: `PlanReadError`, and what `each` throws.
  static func read(
    _ input: PlanInput, into builder: inout PlanBuilder, each: (PlanChange) throws -> Void
  ) throws {
    while input.unread.count < CSVRowReader.longestRow, input.unread.firstOffset(of: UInt8(ascii: "\n")) == nil {
      guard try input.fill() else { break }
    }
    var reader = CSVPlanReader(input, separator: CSVHeader.separator(in: input.unread))
    guard try reader.readHeader(into: &builder) else { return }
    while try reader.rows.advance() {
      guard try reader.readRow(into: &builder, each: each) else { return }
    }
    builder.finish(emptyPlanAt: TextPosition(line: 1, column: 1))
  }

  private init(_ input: PlanInput, separator: UInt8) {
    self.input = input
    rows = CSVRowReader(input, separator: separator)
  }

  // MARK: Header

  /// - Returns: `false` where the rows cannot be read.
  private mutating func readHeader(into builder: inout PlanBuilder) throws(PlanReadError) -> Bool {
    let start = input.position
    guard try rows.advance() else {
      builder.report(at: start, "the file is empty: the first line names the columns")
      return false
    }
    let errorsBefore = builder.diagnostics.errorCount
    let faultyCells = reportFaults(into: &builder)
    if rows.faults.contains(where: { $0.isFatal || $0.kind == .loneCarriageReturn }) { return false }

    var columns: [PlanColumn?] = []
    var cellNames: [String] = []
    for cell in rows.cells {
      let name = cell.withContent(in: rows.row) { String(decoding: $0, as: UTF8.self) }
      cellNames.append(name)
      columns.append(PlanColumn(name: String(name.trimmingSpaces)))
    }
    if columns.allSatisfy({ $0 == nil }), faultyCells.isEmpty {
      let isExcelLine = cellNames[0].hasPrefix("sep=")
      let message =
        isExcelLine
        ? CSVHeader.problem(withUnknownName: cellNames[0]).message
        : "no column of a plan: the first line names the columns, such as "
          + "scaling_group_id,max_instance_number, separated by ',', ';' or tabs"
      builder.report(at: start, message)
      return false
    }
    var seen: Set<PlanColumn> = []
    var suggestions: Set<String> = []
    for (index, cell) in rows.cells.enumerated() {
      var column = columns[index]
      let name = cellNames[index]
      if !faultyCells.contains(index),
        let problem = problem(with: name, column, isRepeated: column.map(seen.contains) ?? false)
      {
        let field = column?.name ?? (name.isEmpty ? nil : CSVHeader.shown(name))
        builder.report(at: input.position(at: cell.offset), field: field, problem.message)
        if let suggestion = problem.suggestion { suggestions.insert(suggestion) }
      }
      if let known = column, !seen.insert(known).inserted { column = nil }
      header.add(name: name, as: column)
    }
    strings = Array(repeating: StringCache(), count: columns.count)
    reportMissingColumns(at: start, suggestions: suggestions, into: &builder)
    hasHeaderErrors = builder.diagnostics.errorCount > errorsBefore
    return true
  }

  private func problem(
    with name: String, _ column: PlanColumn?, isRepeated: Bool
  ) -> (message: String, suggestion: String?)? {
    guard let column else { return CSVHeader.problem(withUnknownName: name) }
    if isRepeated { return ("a second column of this name: keep one", nil) }
    return column.name == name ? nil : ("\(name.quotedForMessage) has spaces around it: write \(column.name)", nil)
  }

  private mutating func reportMissingColumns(
    at start: TextPosition, suggestions: Set<String>, into builder: inout PlanBuilder
  ) {
    if header.groupIndex == nil, !suggestions.contains(PlanColumn.groupID.name) {
      builder.report(at: start, field: PlanColumn.groupID.name, "no such column: every row must name its group")
    }
    if header.projectIndex == nil, builder.defaultProjectID == nil {
      hasProjectError = true
      if !suggestions.contains(PlanColumn.projectID.name) {
        builder.report(
          at: start, field: PlanColumn.projectID.name,
          "no such column, and no --project: add the column, or name one project with --project")
      }
    }
    if header.plannedColumns.isEmpty, suggestions.isDisjoint(with: PlanColumn.fieldNames) {
      builder.report(
        at: start, "no column to change: add one that is named like the field, such as max_instance_number")
    }
  }

  // MARK: Rows

  /// - Returns: `false` where the rows behind it cannot be read.
  private mutating func readRow(
    into builder: inout PlanBuilder, each: (PlanChange) throws -> Void
  ) throws -> Bool {
    var draft = ChangeDraft(line: input.position.line)
    draft.hasErrors = hasHeaderErrors
    draft.hasProjectError = hasProjectError
    if !faultyCells.isEmpty { faultyCells = [] }
    if !rows.faults.isEmpty || rows.hasNonASCII {
      faultyCells = reportFaults(into: &builder)
      if rows.faults.contains(where: \.isFatal) { return false }
      if !faultyCells.isEmpty { draft.hasErrors = true }
    }
    if rows.faults.isEmpty, rows.cells.allSatisfy({ $0.content.isEmpty }) {
      builder.skipEmptyRow(at: input.position)
      return true
    }
    guard rows.cells.count == header.names.count else {
      if rows.faults.isEmpty { reportRagged(into: &builder) }
      return true
    }
    let row = rows.row
    readAddress(row, into: &draft, &builder)
    for index in header.plannedColumns.indices {
      let column = header.plannedColumns[index]
      if holdsWhatPartnerHolds(column, row) {
        draft.hasFieldAsExpected = true
        continue
      }
      guard let value = readValue(column, row, &draft, &builder) else { continue }
      draft.planned[column.field] = value
    }
    for index in header.expectedColumns.indices {
      let column = header.expectedColumns[index]
      if holdsWhatPartnerHolds(column, row) { continue }
      guard let value = readValue(column, row, &draft, &builder) else { continue }
      draft.expected[column.field] = value
    }
    try builder.add(draft, locate: { locate($0) }, each: each)
    return true
  }

  private mutating func readAddress(
    _ row: UnsafeRawBufferPointer, into draft: inout ChangeDraft, _ builder: inout PlanBuilder
  ) {
    if let index = header.groupIndex, !isFaulty(index) {
      let cell = rows.cells[index]
      do throws(ValueProblem) {
        if cell.content.isEmpty { throw ValueProblem(message: "empty: every row must name its group") }
        draft.groupID = try cell.withContent(in: row) { (bytes) throws(ValueProblem) in try PlanID.id(bytes) }
      } catch {
        builder.report(at: input.position(at: cell.offset), field: header.names[index], error.message)
        draft.hasErrors = true
      }
    }
    if let index = header.projectIndex {
      let cell = rows.cells[index]
      do throws(ValueProblem) {
        if isFaulty(index) {
          draft.hasProjectError = true
        } else if !cell.content.isEmpty {
          draft.projectID = try cell.withContent(in: row) { (bytes) throws(ValueProblem) in
            // Most rows name the project of the row before.
            if let repeated = projectIDs.repeated(bytes) { return repeated }
            return projectIDs.keep(try PlanID.id(bytes))
          }
        }
      } catch {
        builder.report(at: input.position(at: cell.offset), field: header.names[index], error.message)
        draft.hasErrors = true
        draft.hasProjectError = true
      }
    }
    if let index = header.commentIndex, !isFaulty(index), !rows.cells[index].content.isEmpty {
      draft.comment = rows.cells[index].withContent(in: row) { bytes in
        FieldValue.isEmptyStringMark(bytes) ? nil : strings[index].string(bytes)
      }
    }
  }

  /// The value of a cell; `nil` where it is empty, or wrong, which is then reported.
  private mutating func readValue(
    _ column: CSVHeader.ValueColumn, _ row: UnsafeRawBufferPointer, _ draft: inout ChangeDraft,
    _ builder: inout PlanBuilder
  ) -> FieldValue? {
    let cell = rows.cells[column.index]
    if cell.content.isEmpty || isFaulty(column.index) { return nil }
    do throws(ValueProblem) {
      return try cell.withContent(in: row) { (bytes) throws(ValueProblem) in
        try FieldValue(field: column.field, cell: bytes, strings: &strings[column.index])
      }
    } catch {
      builder.report(at: input.position(at: cell.offset), field: header.names[column.index], error.message)
      draft.hasErrors = true
      return nil
    }
  }

  /// Whether the planned and the expected cell of a field say the same, to the byte: such a field is no part of the
  /// change and not checked (contract, section 2). So a spreadsheet that turned both into `WAHR` has done no harm.
  private func holdsWhatPartnerHolds(_ column: CSVHeader.ValueColumn, _ row: UnsafeRawBufferPointer) -> Bool {
    guard let partner = column.partner, !isFaulty(column.index), !isFaulty(partner) else { return false }
    let (own, other) = (rows.cells[column.index].content, rows.cells[partner].content)
    guard !own.isEmpty, own.count == other.count else { return false }
    return UnsafeRawBufferPointer(rebasing: row[own]).hasSameBytes(as: UnsafeRawBufferPointer(rebasing: row[other]))
  }

  private func isFaulty(_ index: Int) -> Bool { !faultyCells.isEmpty && faultyCells.contains(index) }

  private func locate(_ part: ChangePart) -> TextPosition {
    let index =
      switch part {
      case .whole: header.groupIndex
      case .projectID: header.projectIndex
      case .planned(let field): header.plannedIndex(of: field)
      }
    return input.position(at: index.map { rows.cells[$0].offset } ?? 0)
  }

  private func reportRagged(into builder: inout PlanBuilder) {
    let count = rows.cells.count
    let wanted = header.names.count
    let counts = "\(count) \(count == 1 ? "cell" : "cells") where the header has \(wanted)"
    if count > wanted {
      builder.report(
        at: input.position(at: rows.cells[wanted].offset),
        "\(counts): put quotation marks around a cell that contains the separator")
    } else {
      let end = rows.cells[count - 1]
      builder.report(
        at: input.position(at: end.offset),
        "\(counts): the row ends too early; a cell that leaves its field as it is stays empty, but is there")
    }
  }
}

extension String {
  /// The text without spaces and tabs at its ends.
  fileprivate var trimmingSpaces: Substring {
    let isSpace = { (character: Character) in character == " " || character == "\t" || character == "\u{A0}" }
    var rest = drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
  }
}
