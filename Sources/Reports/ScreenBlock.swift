/// Lines at the end of what a terminal shows that are drawn again in their place.
///
/// The cursor always rests in front of the line below them: however the program ends, no half line stays, and what
/// the terminal echoes of Ctrl-C stands on a line of its own.
package struct ScreenBlock: Sendable {
  /// What the drawn lines take, in columns.
  private var widths: [Int] = []

  package init() {}

  /// Draws lines that are narrower than the terminal in the place of those before.
  ///
  /// - Parameters:
  ///   - lines: none takes them away.
  ///   - columns: the terminal's width now. A terminal that was made narrower has wrapped what was there.
  /// - Returns: what is to be written, in one piece.
  package mutating func draw(_ lines: [String], columns: Int) -> String {
    let rows = widths.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
    let isWrapped = rows > widths.count
    widths = lines.map(DisplayText.width)
    let text = lines.map { $0 + "\u{1B}[K\n" }.joined()
    if rows == 0 { return text }
    // Where lines were wrapped their rows must be made new: what is written over them would be joined again with the
    // next row when the terminal is made wider. Otherwise what is new stands there before the rest is taken away,
    // and nothing flickers.
    return "\r\u{1B}[\(rows)A" + (isWrapped ? "\u{1B}[J" + text : text + "\u{1B}[J")
  }

  /// Takes the lines away, so that others can be written in their place.
  package mutating func erase(columns: Int) -> String { draw([], columns: columns) }
}
