/// What an id of the service can be made of: project and group ids, which go into the URL's path, and the ids
/// and availability zones in a body.
///
/// No page gives their form; those seen are UUIDs, 32 hexadecimal digits, and names such as `eu-de-01`. Letters, digits,
/// `-`, `_` and `.` hold them all and cannot change a URL's path.
package enum Identifier {
  /// What is wrong with an id, and what would be right.
  ///
  /// - Returns: `nil` where the text can be an id.
  package static func problem(with text: String) -> String? {
    let length = text.utf8.count
    if length == 0 { return "an id is empty" }
    if length > FieldLimits.identifierLength.upperBound {
      return
        "\(text.quotedForMessage) has \(length) bytes: an id has at most \(FieldLimits.identifierLength.upperBound)"
    }
    var hasOnlyDots = true
    for byte in text.utf8 {
      if !byte.isIdentifierCharacter {
        return "\(text.quotedForMessage) is no id: it may have letters, digits, '-', '_' and '.' only"
      }
      if byte != UInt8(ascii: ".") { hasOnlyDots = false }
    }
    // "." and ".." are steps in a path (RFC 3986, section 5.2.4).
    return hasOnlyDots ? "\(text.quotedForMessage) is no id" : nil
  }

  /// A UUID (RFC 9562) in hexadecimal, with its hyphens or without.
  package static func isUUID(_ text: String) -> Bool {
    let utf8 = text.utf8
    guard utf8.count == 36 || utf8.count == 32 else { return false }
    for (index, byte) in utf8.enumerated() {
      let isHyphenPlace = utf8.count == 36 && (index == 8 || index == 13 || index == 18 || index == 23)
      if isHyphenPlace ? byte != UInt8(ascii: "-") : !byte.isHexadecimalDigit { return false }
    }
    return true
  }
}

extension UInt8 {
  var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  var isASCIILetter: Bool { (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z") }

  fileprivate var isHexadecimalDigit: Bool {
    isASCIIDigit || ((self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "f"))
  }

  fileprivate var isIdentifierCharacter: Bool {
    isASCIILetter || isASCIIDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: "_") || self == UInt8(ascii: ".")
  }
}

extension String {
  /// The text in quotation marks for a message: shortened, on one line, and safe for a terminal.
  package var quotedForMessage: String {
    let limit = 60
    var result = "\""
    for (count, scalar) in unicodeScalars.enumerated() {
      if count == limit {
        result += "…"
        break
      }
      if scalar.isUnsafeInMessages {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else if scalar == "\"" || scalar == "\\" {
        result += "\\"
        result.unicodeScalars.append(scalar)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Unicode.Scalar {
  /// Control and format characters and line separators: they could move a terminal's cursor, or turn the
  /// direction of the text.
  package var isUnsafeInMessages: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}
