/// A table for a terminal: columns as wide as what is in them.
struct TextTable {
  enum Alignment {
    case left
    case right
  }

  struct Column {
    var title: String
    var alignment = Alignment.left
    /// Longer texts are cut.
    var maximumWidth = Int.max
  }

  var columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  var isEmpty: Bool { rows.isEmpty }

  /// Adds a row with a text for each column.
  mutating func append(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(zip(cells, columns).map { DisplayText.truncated(DisplayText.safe($0), to: $1.maximumWidth) })
  }

  /// Writes the titles, if there are any, and the rows, each behind `indent`.
  func write(indent: String = "", to output: (String) throws -> Void) rethrows {
    let hasTitles = columns.contains { !$0.title.isEmpty }
    let lines = (hasTitles ? [columns.map(\.title)] : []) + rows
    let widths = columns.indices.map { column in lines.map { DisplayText.width($0[column]) }.max() ?? 0 }
    for line in lines {
      var text = indent
      for (index, cell) in line.enumerated() {
        if index > 0 { text += "  " }
        text += DisplayText.padded(cell, to: widths[index], onLeft: columns[index].alignment == .right)
      }
      while text.last == " " { text.removeLast() }
      try output(text + "\n")
    }
  }
}
