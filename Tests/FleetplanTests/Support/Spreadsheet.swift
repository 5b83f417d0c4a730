import Foundation

/// What a spreadsheet program does to a CSV file between opening and saving it.
struct Spreadsheet {
  /// How a program writes and what it makes of cells that it takes for something else than text.
  struct Program: Sendable, CustomStringConvertible {
    var description: String
    /// What it takes for separators when it opens a file.
    var separatorsRead: Set<Unicode.Scalar> = [","]
    var separator: String
    var lineEnd: String
    var hasByteOrderMark: Bool
    /// Quotation marks around every cell with letters, not only where they are needed.
    var quotesAllText: Bool
    /// What a cell becomes as soon as the file is opened.
    var reads: @Sendable (String) -> String

    static let all = [germanExcel, englishExcel, libreOffice, plain]

    static let germanExcel = Program(
      description: "Excel, German", separator: ";", lineEnd: "\r\n", hasByteOrderMark: true, quotesAllText: false
    ) { cell in
      switch cell {
      case "true": "WAHR"
      case "false": "FALSCH"
      case _ where isFormula(cell): "#NAME?"
      case _ where isNumber(cell): number(cell, decimals: ",")
      default: cell
      }
    }

    static let englishExcel = Program(
      description: "Excel, English", separator: ",", lineEnd: "\r\n", hasByteOrderMark: true, quotesAllText: false
    ) { cell in
      switch cell {
      case "true", "false": cell.uppercased()
      case _ where isFormula(cell): "#NAME?"
      case _ where isNumber(cell): number(cell, decimals: ".")
      default: cell
      }
    }

    static let libreOffice = Program(
      description: "LibreOffice", separatorsRead: [",", ";", "\t"], separator: ",", lineEnd: "\n",
      hasByteOrderMark: false, quotesAllText: true
    ) { cell in cell == "true" || cell == "false" ? cell.uppercased() : cell }

    /// An editor that keeps every cell as it is.
    static let plain = Program(
      description: "tabs", separator: "\t", lineEnd: "\n", hasByteOrderMark: false, quotesAllText: false
    ) { $0 }

    private static func isFormula(_ cell: String) -> Bool {
      cell.utf8.first.map { "=+-@".utf8.contains($0) } ?? false
    }

    private static func isNumber(_ cell: String) -> Bool {
      cell.wholeMatch(of: /[0-9]+([eE][0-9]+)?/) != nil
    }

    /// Without leading zeros, and from twelve digits on in scientific notation.
    private static func number(_ cell: String, decimals: String) -> String {
      guard let value = Double(cell), value.isFinite else { return cell }
      if value < 1e11 { return String(Int(value)) }
      return String(format: "%.5E", value).replacing(".", with: decimals)
    }
  }

  let columns: [String]
  private(set) var rows: [[String]]
  private let program: Program

  /// Opens a file.
  init(_ text: String, in program: Program) {
    var lines = Self.cells(text, separators: program.separatorsRead)
    columns = lines.removeFirst()
    rows = lines.map { $0.map(program.reads) }
    self.program = program
  }

  /// The row in which a column has a text.
  func row(where column: String, is text: String) -> Int? {
    guard let index = columns.firstIndex(of: column) else { return nil }
    return rows.firstIndex { $0[index] == text }
  }

  /// The cell of a row, 0 the first below the header.
  subscript(row: Int, column: String) -> String {
    get { columns.firstIndex(of: column).map { rows[row][$0] } ?? "no column \(column)" }
    set { if let index = columns.firstIndex(of: column) { rows[row][index] = newValue } }
  }

  /// The file as the program saves it.
  var saved: String {
    let lines = ([columns] + rows).map { cells in cells.map(quoted).joined(separator: program.separator) }
    return (program.hasByteOrderMark ? "\u{FEFF}" : "") + lines.map { $0 + program.lineEnd }.joined()
  }

  private func quoted(_ cell: String) -> String {
    let special = ["\"", "\n", "\r", program.separator].flatMap(\.unicodeScalars)
    let needsQuotes = cell.unicodeScalars.contains { special.contains($0) }
    let isText = program.quotesAllText && cell.contains { !$0.isNumber }
    return needsQuotes || isText ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
  }

  /// The rows of text whose cells are separated by one of these (RFC 4180).
  private static func cells(_ text: String, separators: Set<Unicode.Scalar>) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell = String.UnicodeScalarView()
    var isQuoted = false
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"":
        // The second of two in a row closes nothing: it is one quotation mark of the cell.
        if !isQuoted, previous == "\"" { cell.append(scalar) }
        isQuoted.toggle()
      case _ where !isQuoted && (scalar == "\n" || separators.contains(scalar)):
        row.append(String(cell))
        cell = String.UnicodeScalarView()
        if scalar == "\n" {
          rows.append(row)
          row = []
        }
      default: cell.append(scalar)
      }
      previous = scalar
    }
    return rows
  }
}
