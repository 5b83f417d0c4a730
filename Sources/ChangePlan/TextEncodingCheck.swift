/// Recognizes plans that are not UTF-8, and names the cure.
enum TextEncodingCheck {
  static let cure = #"save the plan as UTF-8 (in Excel: "CSV UTF-8")"#

  /// Looks at the first bytes of a file, at least four where it has them.
  ///
  /// - Returns: what is wrong, or `nil`, and the length of a UTF-8 byte order mark to be passed over.
  static func inspect(_ bytes: UnsafeRawBufferPointer) -> (problem: String?, byteOrderMarkLength: Int) {
    let first = Array(bytes.prefix(4))
    if first.starts(with: [0xEF, 0xBB, 0xBF]) { return (nil, 3) }
    let isUTF32 = first == [0, 0, 0xFE, 0xFF] || first == [0xFF, 0xFE, 0, 0]
    if isUTF32 { return ("the file is UTF-32: \(cure)", 0) }
    let hasUTF16Mark = first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF])
    // Text of a plan begins with ASCII, of which UTF-16 makes a zero byte and another.
    let looksLikeUTF16 = first.count >= 2 && (first[0] == 0) != (first[1] == 0)
    if hasUTF16Mark || looksLikeUTF16 { return ("the file is UTF-16: \(cure)", 0) }
    return (nil, 0)
  }

  /// Says what an ill-formed byte probably is.
  static func problem(withByte byte: UInt8) -> String {
    let hex = String(byte, radix: 16, uppercase: true)
    let meant = windows1252(byte).map { " (in Windows-1252 it is '\($0)')" } ?? ""
    return "the byte 0x\(hex) is not UTF-8\(meant): \(cure)"
  }

  /// The character that Windows-1252 has for a byte from 0x80 on, `nil` where it has none.
  private static func windows1252(_ byte: UInt8) -> Character? {
    if byte >= 0xA0 { return Character(Unicode.Scalar(byte)) }
    let high = Array("€\u{0}‚ƒ„…†‡ˆ‰Š‹Œ\u{0}Ž\u{0}\u{0}‘’“”•–—˜™š›œ\u{0}žŸ")
    guard byte >= 0x80, high[Int(byte) - 0x80] != "\u{0}" else { return nil }
    return high[Int(byte) - 0x80]
  }
}
