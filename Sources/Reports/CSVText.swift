/// What stands between the cells of a line.
package enum CSVSeparator: String, Sendable, Hashable, CaseIterable {
  case comma
  case semicolon
  case tab

  /// In UTF-8.
  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: UInt8(ascii: "\t")
    }
  }
}

/// Cells and lines of CSV (RFC 4180), with LF at the end of a line.
enum CSVText {
  static func line(_ cells: [String], separator: CSVSeparator = .comma) -> String {
    // At most every byte is a quotation mark, in quotation marks, before a separator. Written by bytes: a million
    // lines of JSON cells, character by character, take longer than all the rest of a report.
    let capacity = cells.reduce(2) { $0 + 2 * $1.utf8.count + 3 }
    return String(unsafeUninitializedCapacity: capacity) { line in
      var count = 0
      func put(_ byte: UInt8) {
        line[count] = byte
        count += 1
      }
      for (index, cell) in cells.enumerated() {
        if index > 0 { put(separator.byte) }
        var cell = cell
        cell.withUTF8 { bytes in
          let isQuoted = bytes.contains(where: needsQuotes)
          if isQuoted { put(UInt8(ascii: "\"")) }
          for byte in bytes {
            put(byte)
            if byte == UInt8(ascii: "\"") { put(byte) }
          }
          if isQuoted { put(UInt8(ascii: "\"")) }
        }
      }
      put(UInt8(ascii: "\n"))
      return count
    }
  }

  /// Whether a cell with this byte is in quotation marks: with any of the separators in it, since LibreOffice takes
  /// commas, semicolons and tabs for separators, all at once, unless it is told better.
  private static func needsQuotes(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "\""), UInt8(ascii: "\n"),
      UInt8(ascii: "\r"):
      true
    default: false
    }
  }

  /// Free text that a spreadsheet would take for a formula, with an apostrophe before it (OWASP, "CSV Injection").
  static func unlikeFormula(_ text: String) -> String {
    switch text.unicodeScalars.first {
    case "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠": "'" + text
    default: text
    }
  }
}
