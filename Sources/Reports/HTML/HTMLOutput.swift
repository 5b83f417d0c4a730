/// Where the pieces of a page go, as soon as they are made.
struct HTMLOutput {
  private let output: (String) throws -> Void

  init(_ output: @escaping (String) throws -> Void) { self.output = output }

  /// Writes a piece and a line feed.
  func write(_ html: HTML) throws { try output(html.markup + "\n") }

  /// A section with its heading, which the table of contents leads to.
  func section(_ id: HTML, _ title: String, _ body: () throws -> Void) throws {
    try write("<section id=\"\(id)\" aria-labelledby=\"\(id)-title\">\n<h2 id=\"\(id)-title\">\(title)</h2>")
    try body()
    try write("</section>")
  }
}

/// A table in a box of its own, which scrolls where the page is too narrow. Rows are written one by one.
struct HTMLTable {
  struct Column {
    var title: String
    var kind = Kind.text

    enum Kind: String {
      case text
      /// On the right, with digits of one width.
      case number
      /// Names, in the type of code.
      case code
      /// Fields with their values, in the same type; they may break.
      case fields
      /// Long texts, which may break.
      case prose
    }
  }

  private let columns: [Column]
  private let output: HTMLOutput

  /// Writes the beginning. `isTall`: on the screen it scrolls in itself.
  init(_ caption: String, isTall: Bool = false, _ columns: [Column], to output: HTMLOutput) throws {
    self.columns = columns
    self.output = output
    let tall: HTML = isTall ? " tall" : ""
    let heads = columns.map { "<th scope=\"col\" class=\"\(HTML(text: $0.kind.rawValue))\">\($0.title)</th>" as HTML }
    try output.write(
      """
      <div class="box\(tall)" tabindex="0" role="region" aria-label="\(caption)">
      <table><caption>\(caption)</caption>
      <thead><tr>\(heads.joined())</tr></thead>
      <tbody>
      """)
  }

  /// Writes a row with a cell for each column.
  func row(_ cells: [HTML]) throws {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    let cells = zip(cells, columns).map { "<td class=\"\(HTML(text: $1.kind.rawValue))\">\($0)</td>" as HTML }
    try output.write("<tr>\(cells.joined())</tr>")
  }

  func end() throws { try output.write("</tbody></table></div>") }
}
