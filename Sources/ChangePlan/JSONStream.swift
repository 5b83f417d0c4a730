internal import JSONText

/// Why a JSON text cannot be read on, with its place in the file.
struct JSONStreamError: Error, Hashable {
  var position: TextPosition
  var message: String
}

/// Reads a JSON text of any length value by value: it holds one member or element at a time.
///
/// The bytes of a value are cut out by counting brackets outside strings; `JSONParser` then judges them. So a text
/// is accepted here exactly where the parser would accept it, apart from the limits of size and depth of a value.
struct JSONStream {
  /// The longest value that is cut out, in bytes.
  static let longestValue = 1 << 20
  /// How deep arrays and objects may be nested in such a value.
  static let maximumDepth = 64

  private let input: PlanInput

  init(_ input: PlanInput) { self.input = input }

  /// Passes over white space.
  ///
  /// - Returns: the next byte, which stays unread; `nil` at the end.
  func peek() throws(PlanReadError) -> UInt8? {
    while true {
      let bytes = input.unread
      if let index = bytes.firstIndex(where: { !Self.isWhitespace($0) }) {
        if index > 0 { input.advance(by: index) }
        return bytes[index]
      }
      input.advance(by: bytes.count)
      guard try input.fill() else { return nil }
    }
  }

  /// Visits the elements of an array, which begins at the next byte.
  ///
  /// - Parameter visit: must use up one value, with `withValue`.
  /// - Throws: `JSONStreamError`, `PlanReadError`, and what `visit` throws.
  func forEachElement(_ visit: () throws -> Void) throws {
    input.advance(by: 1)
    if try consume(UInt8(ascii: "]")) { return }
    while true {
      try visit()
      if try consume(UInt8(ascii: ",")) { continue }
      if try consume(UInt8(ascii: "]")) { return }
      throw try unexpected("where ',' or ']' should stand")
    }
  }

  /// Visits the members of an object, which begins at the next byte.
  ///
  /// - Parameter visit: is given a member's name and its position, and must use up its value.
  /// - Throws: `JSONStreamError`, `PlanReadError`, and what `visit` throws.
  func forEachMember(_ visit: (_ name: String, _ position: TextPosition) throws -> Void) throws {
    input.advance(by: 1)
    if try consume(UInt8(ascii: "}")) { return }
    while true {
      guard try peek() == UInt8(ascii: "\"") else { throw try unexpected("where a quoted name should begin") }
      let position = input.position
      let name = try withValue { $0.stringValue ?? "" }
      guard try consume(UInt8(ascii: ":")) else { throw try unexpected("where ':' should stand") }
      try visit(name, position)
      if try consume(UInt8(ascii: ",")) { continue }
      if try consume(UInt8(ascii: "}")) { return }
      throw try unexpected("where ',' or '}' should stand")
    }
  }

  /// Parses the next value and uses it up.
  ///
  /// - Parameter use: is given the value while it is unread, so that offsets can be turned into positions.
  /// - Returns: what `use` returns.
  /// - Throws: `JSONStreamError`, `PlanReadError`, and what `use` throws.
  func withValue<Result>(_ use: (JSONNode) throws -> Result) throws -> Result {
    let length = try cutValue().length
    let node: JSONNode
    do throws(JSONSyntaxError) {
      node = try parse(length: length)
    } catch {
      throw JSONStreamError(position: input.position(at: error.offset), message: error.reason)
    }
    let result = try use(node)
    input.advance(by: length)
    return result
  }

  /// As `withValue`; an ill-formed value whose end is known all the same is reported and passed over.
  func withValue(_ use: (JSONNode) throws -> Void, reportingIllFormed report: (JSONStreamError) -> Void) throws {
    let cut = try cutValue()
    let node: JSONNode
    do throws(JSONSyntaxError) {
      node = try parse(length: cut.length)
    } catch {
      let problem = JSONStreamError(position: input.position(at: error.offset), message: error.reason)
      guard cut.isBalanced else { throw problem }
      report(problem)
      input.advance(by: cut.length)
      return
    }
    try use(node)
    input.advance(by: cut.length)
  }

  /// Checks that nothing follows.
  func finish() throws {
    if try peek() != nil {
      throw JSONStreamError(position: input.position, message: "text after the end of the JSON value")
    }
  }

  /// The error of a byte, or of the end, that does not belong here.
  func unexpected(_ expectation: String) throws -> JSONStreamError {
    guard let byte = try peek() else {
      return JSONStreamError(position: input.position, message: "the file ends \(expectation): is it cut off?")
    }
    let isPrintable = byte > 0x20 && byte < 0x7F
    let found =
      isPrintable
      ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte 0x\(String(byte, radix: 16, uppercase: true))"
    return JSONStreamError(position: input.position, message: "\(found) \(expectation)")
  }

  // MARK: Cutting

  private func parse(length: Int) throws(JSONSyntaxError) -> JSONNode {
    let slice = UnsafeRawBufferPointer(rebasing: input.unread[..<length])
    return try JSONParser.parse(slice, maximumDepth: Self.maximumDepth, names: JSONChangeReader.names)
  }

  private func consume(_ byte: UInt8) throws -> Bool {
    guard try peek() == byte else { return false }
    input.advance(by: 1)
    return true
  }

  /// Finds the end of the next value and has it unread in one piece.
  ///
  /// - Returns: its length, up to the place where it breaks off if it is ill-formed, and whether every bracket
  ///   and string in it is closed as it was opened: then its end is sure, whatever else is wrong in it.
  private func cutValue() throws -> (length: Int, isBalanced: Bool) {
    guard try peek() != nil else { throw try unexpected("where a value should begin") }
    var scanner = JSONValueScanner()
    while true {
      let bytes = input.unread
      if let end = scanner.scan(bytes) {
        // Nothing is cut out where no value begins: the parser would be given nothing to judge.
        if end == 0 { throw try unexpected("where a value should begin") }
        guard end <= Self.longestValue else { break }
        return (end, scanner.isBalanced)
      }
      if bytes.count > Self.longestValue { break }
      guard try input.fill() else {
        if scanner.isScalar { return (input.unread.count, true) }
        let position = input.position(at: input.unread.count)
        throw JSONStreamError(position: position, message: "the file ends inside a value: is it cut off?")
      }
    }
    throw JSONStreamError(position: input.position, message: "a value larger than 1 MiB")
  }

  static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
}
