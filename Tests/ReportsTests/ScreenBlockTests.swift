import Reports
import Testing

struct ScreenBlockTests {
  @Test func `lines are drawn over the ones before, and taken away`() {
    var block = ScreenBlock()
    #expect(block.erase(columns: 80) == "")
    #expect(block.draw(["one", "two"], columns: 80) == "one\u{1B}[K\ntwo\u{1B}[K\n")
    #expect(block.draw(["three"], columns: 80) == "\r\u{1B}[2Athree\u{1B}[K\n\u{1B}[J")
    #expect(block.erase(columns: 80) == "\r\u{1B}[1A\u{1B}[J")
    #expect(block.erase(columns: 80) == "")
  }

  @Test(arguments: [
    ([79, 30], 80, 2), ([79, 30], 40, 3), ([79, 30], 30, 4), ([79, 30], 200, 2), ([0, 40], 40, 2), ([79], 10, 8),
  ])
  func `a terminal that was made narrower has wrapped them`(widths: [Int], columns: Int, rows: Int) {
    var block = ScreenBlock()
    _ = block.draw(widths.map { String(repeating: "x", count: $0) }, columns: 80)
    let up = "\r\u{1B}[\(rows)A"
    let isWrapped = rows > widths.count
    #expect(
      block.draw(["a"], columns: columns) == up + (isWrapped ? "\u{1B}[Ja\u{1B}[K\n" : "a\u{1B}[K\n\u{1B}[J"))
    #expect(block.draw(["a"], columns: columns) == "\r\u{1B}[1Aa\u{1B}[K\n\u{1B}[J")
  }

  @Test func `wide characters take two columns`() {
    var block = ScreenBlock()
    _ = block.draw([String(repeating: "集", count: 30)], columns: 80)
    #expect(block.erase(columns: 40) == "\r\u{1B}[2A\u{1B}[J")
  }
}
