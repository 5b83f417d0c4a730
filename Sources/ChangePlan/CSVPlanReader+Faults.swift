internal import JSONText

extension CSVPlanReader {
  /// Reports the breaches of the format and of UTF-8 in the current row.
  ///
  /// - Returns: the indices of the cells that have one.
  func reportFaults(into builder: inout PlanBuilder) -> Set<Int> {
    var faultyCells: Set<Int> = []
    var reported: (cell: Int, kind: CSVFault.Kind)?
    for fault in rows.faults {
      let index = rows.cells.lastIndex { $0.offset <= fault.offset } ?? 0
      faultyCells.insert(index)
      // The second of two quotation marks in a cell is no news.
      if let reported, reported.cell == index, reported.kind == fault.kind { continue }
      reported = (index, fault.kind)
      builder.report(at: input.position(at: fault.offset), field: name(ofColumn: index), message(for: fault))
      if fault.isFatal { return faultyCells }
    }
    guard rows.hasNonASCII else { return faultyCells }
    for (index, cell) in rows.cells.enumerated() {
      let bytes = UnsafeRawBufferPointer(rebasing: rows.row[cell.content])
      guard let offset = UTF8Check.firstInvalidOffset(in: bytes) else { continue }
      faultyCells.insert(index)
      builder.report(
        at: input.position(at: cell.content.lowerBound + offset), field: name(ofColumn: index),
        TextEncodingCheck.problem(withByte: bytes[offset]))
    }
    return faultyCells
  }

  private func name(ofColumn index: Int) -> String? {
    guard index < header.names.count, !header.names[index].isEmpty else { return nil }
    return header.names[index]
  }

  private func message(for fault: CSVFault) -> String {
    switch fault.kind {
    case .textAfterClosingQuote:
      return "text after a closing quotation mark: a quotation mark inside a quoted cell is written twice"
    case .quoteInUnquotedCell:
      return
        "a quotation mark inside an unquoted cell: put quotation marks around the cell, and write those inside twice"
    case .loneCarriageReturn:
      return "a carriage return without a line feed: end every line with LF or CRLF"
    case .controlCharacter(0):
      return "a NUL byte: the file is damaged, or not a text in UTF-8"
    case .controlCharacter(let byte):
      return "the control character 0x\(String(byte, radix: 16, uppercase: true)): delete it"
    case .unclosedQuote:
      let isCut = rows.row.count == CSVRowReader.longestRow
      return
        "a quotation mark that is not closed\(isCut ? " within 1 MiB" : ""): close it; the rows behind it were not read"
    case .rowTooLong:
      return "a row longer than 1 MiB: the rows behind it were not read"
    }
  }
}
