/// How many requests took how long, as bars in SVG.
struct DistributionChart {
  var id: String
  var title: String
  /// Next to each other, from the shortest; a count of 0 or more.
  var buckets: [LatencyDigest.Bucket]
  /// Named values that are marked, such as p50, in milliseconds.
  var marks: [(name: String, value: Int)]

  private static let (width, height) = (480.0, 220.0)
  private static let plot = (left: 48.0, right: 468.0, top: 34.0, bottom: 188.0)

  /// A figure with the drawing, and a title and a description for those who do not see it.
  var html: HTML {
    guard let largest = buckets.map(\.count).max(), largest > 0 else { return "" }
    let counts = ChartAxis(upTo: Double(largest))
    let slot = (Self.plot.right - Self.plot.left) / Double(buckets.count)
    let y = { (count: Double) in Self.plot.bottom - counts.share(count) * (Self.plot.bottom - Self.plot.top) }
    var drawing: HTML = ""
    for mark in counts.marks where mark == mark.rounded() {
      drawing += "<path class=\"grid\" d=\"M\(Self.plot.left) \(y(mark))H\(Self.plot.right)\"/>"
      drawing += "<text class=\"end\" x=\"\(Self.plot.left - 6)\" y=\"\(y(mark) + 4)\">\(ChartText.number(mark))</text>"
    }
    for (index, bucket) in buckets.enumerated() {
      let left = Self.plot.left + slot * Double(index)
      let height = max(Self.plot.bottom - y(Double(bucket.count)), bucket.count > 0 ? 1 : 0)
      let range = "\(ReportStyle.duration(bucket.range.lowerBound)) to \(ReportStyle.duration(bucket.range.upperBound))"
      drawing += """
        <rect class="bar" x="\(left + 0.75)" y="\(Self.plot.bottom - height)" width="\(max(slot - 1.5, 1))" \
        height="\(height)"><title>\(range): \(DisplayText.count(bucket.count))</title></rect>
        """
      if index % max(buckets.count / 6, 1) == 0 {
        let text = ReportStyle.duration(bucket.range.lowerBound)
        drawing += "<path class=\"tick\" d=\"M\(left) \(Self.plot.bottom)v4\"/>"
        drawing += "<text class=\"middle\" x=\"\(left)\" y=\"\(Self.plot.bottom + 18)\">\(text)</text>"
      }
    }
    for mark in labels {
      drawing += "<path class=\"break\" d=\"M\(mark.x) 18V\(Self.plot.bottom)\"/>"
      let anchor: HTML = mark.x > Self.plot.right - 40 ? "end" : "middle"
      drawing += "<text class=\"\(anchor)\" x=\"\(mark.x)\" y=\"13\">\(mark.name)</text>"
    }
    return """
      <figure class="chart" id="\(id)">
      <figcaption><strong>\(title)</strong> <span class="unit">requests, by how long the answer took</span></figcaption>
      <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-labelledby="\(id)-title \(id)-desc">
      <title id="\(id)-title">\(title)</title><desc id="\(id)-desc">\(description)</desc>
      \(drawing)
      </svg>
      </figure>
      """
  }

  /// The marks at their places, those that would lie on each other under one name.
  private var labels: [(x: Double, name: String)] {
    var result: [(x: Double, name: String)] = []
    for mark in marks {
      let x = place(of: mark.value)
      if let last = result.last, x - last.x < 30 {
        result[result.count - 1].name += ", " + mark.name.drop { $0 == "p" }
      } else {
        result.append((x, mark.name))
      }
    }
    return result
  }

  private func place(of value: Int) -> Double {
    let slot = (Self.plot.right - Self.plot.left) / Double(buckets.count)
    guard let index = buckets.firstIndex(where: { value <= $0.range.upperBound }) else { return Self.plot.right }
    let range = buckets[index].range
    let share = range.count <= 1 ? 0.5 : Double(value - range.lowerBound) / Double(range.count - 1)
    return Self.plot.left + slot * (Double(index) + min(max(share, 0), 1))
  }

  private var description: String {
    marks.map { "\($0.name) \(ReportStyle.duration($0.value))" }.joined(separator: ", ")
  }
}
