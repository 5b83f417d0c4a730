/// Lines over the time that a run was worked on, as SVG.
struct TimeChart {
  struct Point: Sendable, Hashable {
    /// Milliseconds of work.
    var time: Int
    var value: Double
  }

  struct Line {
    var name: String
    var points: [Point]
    /// A point's value holds for the stretch that ends there (a rate), instead of for that moment (a count).
    var isStepped = false
  }

  /// Names the elements that others refer to; unique in the page.
  var id: String
  var title: String
  /// What the values are, such as `requests a second`.
  var unit: String
  /// At most three, told apart by colour, dash and name.
  var lines: [Line]
  /// Milliseconds at the end of the axis.
  var duration: Int
  /// Where a session ended and another went on, in milliseconds.
  var breaks: [Int] = []

  private static let (width, height) = (480.0, 220.0)
  private static let plot = (left: 48.0, right: 468.0, top: 12.0, bottom: 188.0)

  /// A figure with the drawing, a title and a description for those who do not see it, and a legend.
  var html: HTML {
    let values = ChartAxis(upTo: lines.flatMap(\.points).map(\.value).max() ?? 0)
    let times = ChartAxis(duration: duration)
    let x = { (time: Double) in Self.plot.left + times.share(time) * (Self.plot.right - Self.plot.left) }
    let y = { (value: Double) in Self.plot.bottom - values.share(value) * (Self.plot.bottom - Self.plot.top) }
    var drawing: HTML = ""
    for mark in values.marks {
      drawing += "<path class=\"grid\" d=\"M\(Self.plot.left) \(y(mark))H\(Self.plot.right)\"/>"
      drawing += "<text class=\"end\" x=\"\(Self.plot.left - 6)\" y=\"\(y(mark) + 4)\">\(ChartText.number(mark))</text>"
    }
    for mark in times.marks {
      let text = mark == 0 ? "0" : ReportStyle.duration(Int(mark))
      drawing += "<path class=\"tick\" d=\"M\(x(mark)) \(Self.plot.bottom)v4\"/>"
      drawing += "<text class=\"middle\" x=\"\(x(mark))\" y=\"\(Self.plot.bottom + 18)\">\(text)</text>"
    }
    for time in breaks where time > 0 && time < duration {
      drawing += "<path class=\"break\" d=\"M\(x(Double(time))) \(Self.plot.top)V\(Self.plot.bottom)\"/>"
    }
    for (index, line) in lines.enumerated() where !line.points.isEmpty {
      let path = Self.path(line, x: x, y: y)
      if index == 0 {
        drawing += "<path class=\"area\" d=\"\(path)V\(Self.plot.bottom)H\(x(Double(line.points[0].time)))Z\"/>"
      }
      drawing += "<path class=\"line line\(index + 1)\" d=\"\(path)\"/>"
    }
    return """
      <figure class="chart" id="\(id)">
      <figcaption><strong>\(title)</strong> <span class="unit">\(unit)</span>\(legend)</figcaption>
      <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-labelledby="\(id)-title \(id)-desc">
      <title id="\(id)-title">\(title)</title><desc id="\(id)-desc">\(description)</desc>
      \(drawing)
      </svg>
      </figure>
      """
  }

  private static func path(_ line: Line, x: (Double) -> Double, y: (Double) -> Double) -> HTML {
    var path: HTML = ""
    for (index, point) in line.points.enumerated() {
      let (x, y) = (x(Double(point.time)), y(point.value))
      if index == 0 {
        path += "M\(x) \(y)"
      } else {
        path += line.isStepped ? "V\(y)H\(x)" : "L\(x) \(y)"
      }
    }
    return path
  }

  private var legend: HTML {
    let items = lines.enumerated().map { index, line in
      """
      <li><svg class="swatch" viewBox="0 0 28 8" aria-hidden="true"><path class="line line\(index + 1)" d="M0 4H28"/></svg> \
      \(line.name)</li>
      """ as HTML
    }
    let pauses: HTML =
      breaks.isEmpty
      ? ""
      : "<li><svg class=\"swatch\" viewBox=\"0 0 28 8\" aria-hidden=\"true\"><path class=\"break\" d=\"M14 0V8\"/></svg> resumed</li>"
    return "<ul class=\"legend\">\(items.joined())\(pauses)</ul>"
  }

  private var description: String {
    let lines = lines.map { line in
      let values = line.points.map(\.value)
      guard let last = values.last, let largest = values.max() else { return "\(line.name): nothing" }
      return "\(line.name): at most \(ChartText.number(largest)), at the end \(ChartText.number(last))"
    }
    return "Over \(ReportStyle.duration(duration)) of work, in \(unit). " + lines.joined(separator: "; ") + "."
  }
}

/// Numbers beside charts.
enum ChartText {
  /// With as many digits as are needed to tell marks apart.
  static func number(_ number: Double) -> String {
    if number >= 10_000, number.truncatingRemainder(dividingBy: 1_000) == 0 {
      return number >= 1_000_000 ? Self.number(number / 1_000_000) + "M" : DisplayText.count(Int(number / 1_000)) + "k"
    }
    if number >= 100 { return DisplayText.count(Int(number.rounded())) }
    let scale = number == 0 || number >= 1 ? 10.0 : 1_000.0
    let text = String((number * scale).rounded() / scale)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
