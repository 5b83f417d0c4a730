/// A strict RFC 8259 parser for texts that fit into memory: one answer of the service, one change of a plan.
///
/// It refuses what the RFC's grammar refuses, and besides: bytes that are not UTF-8, escaped lone
/// surrogates (they name no character), and values nested deeper than the caller allows.
package struct JSONParser {
  private let bytes: UnsafeRawBufferPointer
  private var position: Int
  private let maximumDepth: Int
  private let names: JSONNames?

  /// Parses a whole text: one value with white space around it.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8, without a byte order mark.
  ///   - maximumDepth: how many arrays and objects may be open at once (1 or more).
  ///   - names: names of members that are expected; others are as good, and a little slower.
  /// - Returns: the value, with offsets in `bytes`.
  /// - Throws: `JSONSyntaxError` with the offset in `bytes`.
  package static func parse(
    _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = 64, names: JSONNames? = nil
  ) throws(JSONSyntaxError) -> JSONNode {
    var parser = JSONParser(bytes: bytes, position: 0, maximumDepth: maximumDepth, names: names)
    parser.skipWhitespace()
    let node = try parser.parseValue(depth: 0)
    parser.skipWhitespace()
    guard parser.position == bytes.count else {
      throw JSONSyntaxError(offset: parser.position, reason: "text after the end of the JSON value")
    }
    return node
  }

  /// Parses a whole text that is held in an array.
  package static func parse(_ bytes: [UInt8], maximumDepth: Int = 64) throws(JSONSyntaxError) -> JSONNode {
    // `withUnsafeBytes` rethrows only untyped errors.
    let result: Result<JSONNode, JSONSyntaxError> = bytes.withUnsafeBytes { buffer in
      do throws(JSONSyntaxError) {
        return .success(try parse(buffer, maximumDepth: maximumDepth))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Parses a whole text that is held in a string.
  package static func parse(_ text: String, maximumDepth: Int = 64) throws(JSONSyntaxError) -> JSONNode {
    try parse(Array(text.utf8), maximumDepth: maximumDepth)
  }

  // MARK: Values

  private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSONNode {
    guard position < bytes.count else {
      throw JSONSyntaxError(offset: position, reason: "the text ends where a value should begin")
    }
    let start = position
    switch bytes[position] {
    case UInt8(ascii: "{"):
      return JSONNode(.object(try parseObject(depth: depth + 1)), offset: start)
    case UInt8(ascii: "["):
      return JSONNode(.array(try parseArray(depth: depth + 1)), offset: start)
    case UInt8(ascii: "\""):
      return JSONNode(.string(try parseString()), offset: start)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return JSONNode(try parseNumber(), offset: start)
    case UInt8(ascii: "t"):
      try expect(literal: "true")
      return JSONNode(.bool(true), offset: start)
    case UInt8(ascii: "f"):
      try expect(literal: "false")
      return JSONNode(.bool(false), offset: start)
    case UInt8(ascii: "n"):
      try expect(literal: "null")
      return JSONNode(.null, offset: start)
    default:
      throw JSONSyntaxError(offset: start, reason: "\(describe(start)) where a value should begin")
    }
  }

  private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> [JSONMember] {
    try checkDepth(depth)
    position += 1
    var members: [JSONMember] = []
    skipWhitespace()
    if consume(UInt8(ascii: "}")) { return members }
    while true {
      skipWhitespace()
      let nameOffset = position
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw JSONSyntaxError(offset: position, reason: "\(describe(position)) where a quoted name should begin")
      }
      let name = try parseString(known: names)
      skipWhitespace()
      guard consume(UInt8(ascii: ":")) else {
        throw JSONSyntaxError(offset: position, reason: "\(describe(position)) where ':' should stand")
      }
      skipWhitespace()
      // Most objects have several members: one allocation instead of four.
      if members.isEmpty { members.reserveCapacity(8) }
      members.append(JSONMember(name: name, nameOffset: nameOffset, node: try parseValue(depth: depth)))
      skipWhitespace()
      if consume(UInt8(ascii: ",")) { continue }
      if consume(UInt8(ascii: "}")) { return members }
      throw JSONSyntaxError(offset: position, reason: "\(describe(position)) where ',' or '}' should stand")
    }
  }

  private mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> [JSONNode] {
    try checkDepth(depth)
    position += 1
    var elements: [JSONNode] = []
    skipWhitespace()
    if consume(UInt8(ascii: "]")) { return elements }
    while true {
      skipWhitespace()
      elements.append(try parseValue(depth: depth))
      skipWhitespace()
      if consume(UInt8(ascii: ",")) { continue }
      if consume(UInt8(ascii: "]")) { return elements }
      throw JSONSyntaxError(offset: position, reason: "\(describe(position)) where ',' or ']' should stand")
    }
  }

  /// RFC 8259, section 6: no leading zeros, no bare point, no `+` before the number.
  private mutating func parseNumber() throws(JSONSyntaxError) -> JSONNode.Value {
    let start = position
    _ = consume(UInt8(ascii: "-"))
    guard position < bytes.count, isDigit(bytes[position]) else {
      throw JSONSyntaxError(offset: position, reason: "\(describe(position)) where a digit should stand")
    }
    var magnitude = 0
    var overflow = false
    if bytes[position] == UInt8(ascii: "0") {
      position += 1
      if position < bytes.count, isDigit(bytes[position]) {
        throw JSONSyntaxError(offset: position, reason: "a number must not begin with 0")
      }
    } else {
      while position < bytes.count, isDigit(bytes[position]) {
        let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, carried) = product.addingReportingOverflow(Int(bytes[position] &- UInt8(ascii: "0")))
        overflow = overflow || tooLarge || carried
        magnitude = sum
        position += 1
      }
    }
    var isInteger = true
    if consume(UInt8(ascii: ".")) {
      isInteger = false
      try skipDigits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      try skipDigits()
    }
    let isNegative = bytes[start] == UInt8(ascii: "-")
    // "-0" is not the integer 0: its text is kept.
    if isInteger, !overflow, !(isNegative && magnitude == 0) {
      return .integer(isNegative ? -magnitude : magnitude)
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func skipDigits() throws(JSONSyntaxError) {
    let start = position
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    if position == start {
      throw JSONSyntaxError(offset: position, reason: "\(describe(position)) where a digit should stand")
    }
  }

  // MARK: Strings

  private mutating func parseString(known names: JSONNames? = nil) throws(JSONSyntaxError) -> String {
    let opening = position
    position += 1
    let start = position
    // The usual string has no escapes: find its end first, copy once.
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let known = names?.match(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
        let text = if let known { known } else { try validated(start..<position) }
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start, opening: opening) }
      if byte < 0x20 {
        throw JSONSyntaxError(
          offset: position, reason: "\(describe(position)) inside a string: write it as an escape")
      }
      position += 1
    }
    throw JSONSyntaxError(offset: opening, reason: "a string is not closed")
  }

  private mutating func parseEscapedString(from start: Int, opening: Int) throws(JSONSyntaxError) -> String {
    var text = try validated(start..<position)
    var runStart = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        text += try validated(runStart..<position)
        position += 1
        return text
      }
      if byte < 0x20 {
        throw JSONSyntaxError(
          offset: position, reason: "\(describe(position)) inside a string: write it as an escape")
      }
      guard byte == UInt8(ascii: "\\") else {
        position += 1
        continue
      }
      text += try validated(runStart..<position)
      text.unicodeScalars.append(try parseEscape())
      runStart = position
    }
    throw JSONSyntaxError(offset: opening, reason: "a string is not closed")
  }

  private mutating func parseEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard position < bytes.count else {
      throw JSONSyntaxError(offset: start, reason: "the text ends inside an escape")
    }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try parseUnicodeEscape(start: start)
    default:
      throw JSONSyntaxError(offset: start, reason: "\(describe(start + 1)) after a backslash is no escape of JSON")
    }
  }

  private mutating func parseUnicodeEscape(start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
    let first = try parseFourHexDigits(start: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else {
      throw JSONSyntaxError(offset: start, reason: "half of a surrogate pair")
    }
    position += 2
    let second = try parseFourHexDigits(start: start)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    else {
      throw JSONSyntaxError(offset: start, reason: "half of a surrogate pair")
    }
    return scalar
  }

  private mutating func parseFourHexDigits(start: Int) throws(JSONSyntaxError) -> UInt32 {
    guard position + 4 <= bytes.count else {
      throw JSONSyntaxError(offset: start, reason: "\\u needs four hexadecimal digits")
    }
    var number: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[position]
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw JSONSyntaxError(offset: start, reason: "\\u needs four hexadecimal digits")
      }
      number = number << 4 | UInt32(digit)
      position += 1
    }
    return number
  }

  private func validated(_ range: Range<Int>) throws(JSONSyntaxError) -> String {
    let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
    guard let invalidOffset = UTF8Check.firstInvalidOffset(in: slice) else {
      return String(decoding: slice, as: UTF8.self)
    }
    let offset = range.lowerBound + invalidOffset
    throw JSONSyntaxError(offset: offset, reason: "\(describe(offset)) inside a string is not valid UTF-8")
  }

  // MARK: Small things

  private func checkDepth(_ depth: Int) throws(JSONSyntaxError) {
    if depth > maximumDepth {
      throw JSONSyntaxError(offset: position, reason: "nested deeper than \(maximumDepth) levels")
    }
  }

  private mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func consume(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(literal: StaticString) throws(JSONSyntaxError) {
    let start = position
    let count = literal.utf8CodeUnitCount
    guard position + count <= bytes.count,
      UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
        .elementsEqual(UnsafeBufferPointer(start: literal.utf8Start, count: count))
    else {
      throw JSONSyntaxError(offset: start, reason: "an unquoted word that is not true, false or null")
    }
    position += count
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private func describe(_ offset: Int) -> String {
    guard offset < bytes.count else { return "the text ends" }
    let byte = bytes[offset]
    if byte > 0x20, byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
    if byte == 0x20 { return "a space" }
    if byte == 0x0A || byte == 0x0D { return "a line break" }
    return "the byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }
}
