/// Finds where a value ends, over as many chunks as it takes, without judging what is in it.
struct JSONValueScanner {
  private var index = 0
  private var depth = 0
  /// One bit for each open bracket, the innermost lowest: 1 is `{`.
  private var brackets: UInt64 = 0
  private var isInString = false
  private var isEscaped = false
  private(set) var isScalar = false
  private(set) var isBalanced = true

  /// - Parameter bytes: the value from its first byte on, each time longer than before.
  /// - Returns: the value's length, or up to where its end can no longer be told; `nil` where that is not reached.
  mutating func scan(_ bytes: UnsafeRawBufferPointer) -> Int? {
    while index < bytes.count {
      if isInString {
        skipString(bytes)
        if !isBalanced || (depth == 0 && !isInString) { return index }
        continue
      }
      skipPlain(bytes)
      guard index < bytes.count else { return nil }
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\""):
        if isScalar { return index }
        isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if isScalar { return index }
        depth += 1
        if depth > JSONStream.maximumDepth {
          isBalanced = false
          return index + 1
        }
        brackets = brackets << 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return index }
        if brackets & 1 != (byte == UInt8(ascii: "}") ? 1 : 0) {
          isBalanced = false
          return index + 1
        }
        brackets >>= 1
        depth -= 1
        if depth == 0 { return index + 1 }
      default:
        // Only outside brackets anything else is of interest.
        if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") || JSONStream.isWhitespace(byte) { return index }
        isScalar = true
      }
      index += 1
    }
    return nil
  }

  /// Inside brackets: goes to the next bracket or quotation mark.
  private mutating func skipPlain(_ bytes: UnsafeRawBufferPointer) {
    guard depth > 0 else { return }
    var position = index
    while position < bytes.count {
      let byte = bytes[position]
      // `[` and `{`, `]` and `}` differ in one bit.
      if byte == UInt8(ascii: "\"") || byte | 0x20 == UInt8(ascii: "{") || byte | 0x20 == UInt8(ascii: "}") { break }
      position += 1
    }
    index = position
  }

  /// Goes behind the quotation mark that closes the string, or behind a byte that no string can have.
  private mutating func skipString(_ bytes: UnsafeRawBufferPointer) {
    var position = index
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte < 0x20 {
        // A line break, mostly: a quotation mark is missing.
        isBalanced = false
        break
      }
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
        break
      }
    }
    index = position
  }
}
