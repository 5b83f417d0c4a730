/// A piece of HTML. Literals are markup, and every text that is put into one is escaped: what comes from a plan, from
/// the service or from a shell cannot become markup, an attribute's end or a change of direction.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
  private(set) var markup: String

  init(stringLiteral literal: String) { markup = literal }

  init(stringInterpolation interpolation: StringInterpolation) { markup = interpolation.markup }

  /// The text, escaped.
  init(text: String) { markup = Self.escaped(text) }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { markup += literal }
    mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }
    mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
    mutating func appendInterpolation(_ number: Int) { markup += String(number) }
    /// A length or a coordinate, with two digits after the point at most.
    mutating func appendInterpolation(_ number: Double) { markup += HTML.decimal(number) }
    /// For attributes and elements that may not be there.
    mutating func appendInterpolation(_ html: HTML?) { if let html { markup += html.markup } }
  }

  static func + (left: HTML, right: HTML) -> HTML { "\(left)\(right)" }
  static func += (left: inout HTML, right: HTML) { left.markup += right.markup }

  /// Safe between tags and inside of quoted attributes (HTML, section 13.3, "Escaping a string"; the apostrophe too).
  /// Control characters and those that turn the direction are shown as `\u{…}`, as in the text reports.
  private static func escaped(_ text: String) -> String {
    let safe = DisplayText.safe(text)
    let needsEscape = safe.utf8.contains { byte in
      switch byte {
      case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
      default: false
      }
    }
    guard needsEscape else { return safe }
    var result = ""
    for scalar in safe.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func decimal(_ number: Double) -> String {
    precondition(number.isFinite, "\(number) is no place")
    let hundredths = Int((number * 100).rounded())
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension [HTML] {
  func joined() -> HTML { reduce(into: "") { $0 += $1 } }
}
