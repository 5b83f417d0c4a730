import Testing

@testable import Reports

@Suite struct DisplayTextTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("Grüße", 5), ("e\u{301}", 1), ("集群", 4), ("ｱ", 1), ("Ａ", 2), ("한국", 4), ("👍", 2),
    ("👨‍👩‍👧", 2), ("🇩🇪", 2), ("a\u{200B}b", 2), ("❤️", 2),
  ])
  func `width is in columns`(text: String, width: Int) {
    #expect(DisplayText.width(text) == width)
  }

  @Test func `cutting keeps to the width`() {
    #expect(DisplayText.truncated("abcdef", to: 6) == "abcdef")
    #expect(DisplayText.truncated("abcdef", to: 4) == "abc…")
    #expect(DisplayText.truncated("集群集群", to: 5) == "集群…")
    #expect(DisplayText.truncated("集群集群", to: 4) == "集…")
  }

  @Test func `what could drive a terminal is shown as an escape`() {
    #expect(DisplayText.safe("a\u{1B}[2Jb") == "a\\u{1b}[2Jb")
    #expect(DisplayText.safe("a\u{202E}b") == "a\\u{202e}b")
    #expect(DisplayText.safe("a\nb\tc") == "a b c")
    #expect(DisplayText.safe("👨‍👩‍👧") == "👨‍👩‍👧")
  }

  @Test(arguments: [
    ("/a/b-c_d.sqlite", "/a/b-c_d.sqlite"), ("/my ledger", "'/my ledger'"), ("it's", "'it'\\''s'"), ("", "''"),
    ("$HOME", "'$HOME'"),
  ])
  func `a word for the shell is quoted where it needs to be`(word: String, quoted: String) {
    #expect(DisplayText.shellQuoted(word) == quoted)
  }

  @Test func `columns of a table stand under each other, wide characters too`() throws {
    var table = TextTable([
      .init(title: "name", maximumWidth: 8), .init(title: "number", alignment: .right), .init(title: "end"),
    ])
    table.append(["集群", "5", "x"])
    table.append(["plain", "12345", ""])
    table.append(["much too long", "1", "y"])
    var lines = ""
    table.write(indent: " ") { lines += $0 }
    #expect(
      lines == """
         name      number  end
         集群           5  x
         plain      12345
         much to…       1  y

        """)
  }

  @Test(arguments: [
    (0, "0 ms"), (999, "999 ms"), (1_000, "1 s"), (1_250, "1.3 s"), (59_949, "59.9 s"), (59_950, "1 min"),
    (65_000, "1 min 5 s"), (3_599_499, "59 min 59 s"), (3_600_000, "1 h"), (7_440_000, "2 h 4 min"),
    (86_400_000, "1 d"), (100_800_000, "1 d 4 h"),
  ])
  func `durations are said in two units at most`(milliseconds: Int, text: String) {
    #expect(ReportStyle.duration(milliseconds) == text)
  }

  @Test func `times are local, with their offset`() {
    #expect(testStyle.time(1_764_032_523_456) == "2025-11-25 02:02:03 +01:00")
    let west = ReportStyle(ledger: nil) { _ in -12_600 }
    #expect(west.time(1_764_032_523_456) == "2025-11-24 21:32:03 -03:30")
    #expect(west.command("resume", "1") == "fleetplan resume 1")
  }

  @Test func `shares are 0 and 100 percent only where they are nothing and all`() {
    #expect(RunReport.share(0, of: 7) == "0 %")
    #expect(RunReport.share(1, of: 1_000_000) == "< 0.1 %")
    #expect(RunReport.share(999_999, of: 1_000_000) == "> 99.9 %")
    #expect(RunReport.share(7, of: 7) == "100 %")
    #expect(RunReport.share(1, of: 3) == "33.3 %")
    #expect(RunReport.share(0, of: 0) == "")
  }
}
