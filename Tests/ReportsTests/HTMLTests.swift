import Testing

@testable import Reports

@Suite struct HTMLTests {
  @Test(arguments: [
    ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
    (#""onload="x"#, "&quot;onload=&quot;x"),
    ("a & b &amp; c", "a &amp; b &amp;amp; c"),
    // A combining mark does not hide what it stands on.
    ("<\u{338}b>\u{338}", "&lt;\u{338}b&gt;\u{338}"),
    ("\u{202E}gnp.exe\u{202C}", "\\u{202e}gnp.exe\\u{202c}"),
    ("bell\u{7}null\u{0}escape\u{1B}[2J", "bell\\u{7}null\\u{0}escape\\u{1b}[2J"),
    ("two\r\nlines", "two  lines"),
    ("Grüße 集群 👩‍💻", "Grüße 集群 👩‍💻"),
    ("", ""),
  ])
  func `text is never markup`(text: String, markup: String) {
    #expect(HTML(text: text).markup == markup)
    #expect(("<p title=\"\(text)\">\(text)</p>" as HTML).markup == "<p title=\"\(markup)\">\(markup)</p>")
  }

  @Test func `every byte that HTML gives a meaning is escaped, wherever it stands`() {
    for value in UInt32(0)...0x2FFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let markup = HTML(text: "a\(scalar)b").markup
      #expect(markup.unicodeScalars.allSatisfy { !"<>\"'".unicodeScalars.contains($0) }, "\(value)")
      #expect(markup.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "\(value)")
    }
  }

  @Test func `markup in markup stays what it is`() {
    let inner: HTML = "<b>\("<&>")</b>"
    #expect(("<p>\(inner)\(3)</p>" as HTML).markup == "<p><b>&lt;&amp;&gt;</b>3</p>")
    #expect(("\(nil as HTML?)x" as HTML).markup == "x")
    #expect([inner, inner].joined().markup == inner.markup + inner.markup)
  }

  @Test(arguments: [
    (0, "0"), (12, "12"), (12.345, "12.35"), (-0.5, "-0.5"), (0.04, "0.04"), (99.999, "100"), (-0.001, "0"),
  ])
  func `coordinates have two digits after the point at most`(number: Double, text: String) {
    #expect(("\(number)" as HTML).markup == text)
  }
}
