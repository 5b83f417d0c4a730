/// What stands between the cells of a line.
package enum CSVSeparator: String, Sendable, Hashable, CaseIterable {
  case comma
  case semicolon
  case tab

  package var character: Character {
    switch self {
    case .comma: ","
    case .semicolon: ";"
    case .tab: "\t"
    }
  }
}

/// Cells and lines of CSV (RFC 4180), with LF at the end of a line.
enum CSVText {
  static func line(_ cells: [String], separator: CSVSeparator = .comma) -> String {
    cells.map(quoted).joined(separator: String(separator.character)) + "\n"
  }

  /// The cell, in quotation marks where it needs them: with any of the separators in it, since LibreOffice takes
  /// commas, semicolons and tabs for separators, all at once, unless it is told better.
  private static func quoted(_ cell: String) -> String {
    let needsQuotes = cell.utf8.contains { byte in
      switch byte {
      case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "\""), UInt8(ascii: "\n"),
        UInt8(ascii: "\r"):
        true
      default: false
      }
    }
    return needsQuotes ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
  }

  /// Free text that a spreadsheet would take for a formula, with an apostrophe before it (OWASP, "CSV Injection").
  static func unlikeFormula(_ text: String) -> String {
    switch text.unicodeScalars.first {
    case "=", "+", "-", "@", "\t", "\r": "'" + text
    default: text
    }
  }
}
