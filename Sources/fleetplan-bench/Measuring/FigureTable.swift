import Foundation
import JSONText

/// Figures as a table for people, in Markdown, and as JSON.
struct FigureTable {
  var figures: [Figure]

  private static let titles = [
    "work", "rows", "median", "least … most", "reference", "ratio", "bar", "", "peak RSS", "CPU a change",
  ]

  /// With a line for each figure, without the last line feed.
  var text: String {
    let rows = [Self.titles] + figures.map(Self.cells)
    let widths = Self.titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      "| " + zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: " | ") + " |"
    }
    lines.insert("|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|", at: 1)
    return lines.joined(separator: "\n")
  }

  private static func cells(_ figure: Figure) -> [String] {
    let unit = figure.unit.rawValue
    let (least, most) = (figure.samples.min() ?? 0, figure.samples.max() ?? 0)
    return [
      figure.work, whole(Double(figure.rows)), "\(number(figure.median)) \(unit)",
      figure.samples.count > 1 ? "\(number(least)) … \(number(most))" : "",
      figure.reference.map { "\($0.name): \(number($0.samples.median)) \(unit)" } ?? "",
      figure.ratio.map { String(format: "%.2f", $0) } ?? "", figure.bar.map { bar($0, unit) } ?? "",
      figure.holds.map { $0 ? "holds" : "MISSED" } ?? "",
      figure.peakBytes.map { "\(number(Double($0) / 1_048_576)) MB" } ?? "",
      figure.processorMicroseconds.map { "\(number($0)) µs" } ?? "",
    ]
  }

  private static func bar(_ bar: Figure.Bar, _ unit: String) -> String {
    switch bar {
    case .atMost(let most): "≤ \(number(most)) \(unit)"
    case .atLeast(let least): "≥ \(number(least)) \(unit)"
    case .ratioAtMost(let most): String(format: "≤ %.2f ×", most)
    case .ratioAtLeast(let least): String(format: "≥ %.2f ×", least)
    }
  }

  /// Three digits that say something, whole thousands apart.
  static func number(_ value: Double) -> String {
    if value < 10 { return String(format: "%.2f", value) }
    if value < 100 { return String(format: "%.1f", value) }
    return whole(value)
  }

  private static func whole(_ value: Double) -> String {
    var digits = String(format: "%.0f", value)
    var position = digits.count - 3
    while position > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: position))
      position -= 3
    }
    return digits
  }

  /// An object with the array `figures`.
  var json: String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("figures")
    writer.beginArray()
    for figure in figures { Self.write(figure, to: &writer) }
    writer.endArray()
    writer.endObject()
    return writer.text
  }

  private static func write(_ figure: Figure, to writer: inout JSONWriter) {
    func samples(_ name: String, _ samples: [Double], to writer: inout JSONWriter) {
      writer.key(name)
      writer.beginArray()
      for sample in samples { writer.decimal(sample, fractionDigits: 4) }
      writer.endArray()
    }
    func decimal(_ name: String, _ value: Double?, to writer: inout JSONWriter) {
      writer.key(name)
      if let value { writer.decimal(value, fractionDigits: 4) } else { writer.null() }
    }
    writer.beginObject()
    writer.member("work", figure.work)
    writer.member("rows", figure.rows)
    writer.member("unit", figure.unit.rawValue)
    decimal("median", figure.median, to: &writer)
    samples("samples", figure.samples, to: &writer)
    writer.member("reference", figure.reference?.name)
    decimal("reference_median", figure.reference?.samples.median, to: &writer)
    samples("reference_samples", figure.reference?.samples ?? [], to: &writer)
    decimal("ratio", figure.ratio, to: &writer)
    writer.member("bar", figure.bar.map { bar($0, figure.unit.rawValue) })
    writer.member("holds", figure.holds)
    writer.member("peak_rss_bytes", figure.peakBytes)
    decimal("cpu_microseconds_per_change", figure.processorMicroseconds, to: &writer)
    writer.endObject()
  }
}
