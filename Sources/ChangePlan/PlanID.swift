internal import AutoScaling

/// The ids that address a group. They become parts of a URL's path, so they are checked before anything else.
enum PlanID {
  /// Reads a project or group id.
  ///
  /// - Throws: `ValueProblem` where the bytes are no id.
  static func id(_ bytes: UnsafeRawBufferPointer) throws(ValueProblem) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    if !isPlain(bytes), let problem = problem(with: text) { throw ValueProblem(message: problem) }
    return text
  }

  /// Whether the text passes a narrower rule, which is quick to check; the ids that there are do.
  static func isPlain(_ text: String) -> Bool {
    text.utf8.withContiguousStorageIfAvailable { isPlain(UnsafeRawBufferPointer($0)) } ?? false
  }

  private static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard FieldLimits.identifierLength.contains(bytes.count) else { return false }
    for index in 0..<bytes.count where !isPlain(bytes[index]) { return false }
    return true
  }

  /// What is wrong with a project or group id, and what would be right; `nil` where nothing is.
  static func problem(with text: String) -> String? {
    guard let problem = Identifier.problem(with: text) else { return nil }
    if looksLikeRoundedNumber(text) {
      return "\(text.quotedForMessage) is what a spreadsheet makes of an id that it takes for a number: "
        + "format the column as text and copy the ids anew"
    }
    if text.first == " " || text.last == " " { return "\(text.quotedForMessage) has spaces around it: remove them" }
    return problem
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-")
  }

  /// `1.23E+31`, `1,23E+31`: 32 hexadecimal digits that happened to read as a number.
  private static func looksLikeRoundedNumber(_ text: String) -> Bool {
    text.wholeMatch(of: /[0-9]+([.,][0-9]+)?[Ee]\+?[0-9]+/) != nil && text.contains { $0 == "+" || $0 == "," }
  }
}
