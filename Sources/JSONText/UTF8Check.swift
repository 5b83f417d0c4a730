/// Tells whether bytes are well-formed UTF-8 (RFC 3629), and where they stop being so.
package enum UTF8Check {
  /// Offset of the first byte of the first ill-formed sequence, `nil` where all is well.
  package static func firstInvalidOffset(in bytes: UnsafeRawBufferPointer) -> Int? {
    var index = 0
    while index < bytes.count {
      // ASCII, eight bytes at a time.
      if index + 8 <= bytes.count,
        bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        index += 8
        continue
      }
      if bytes[index] < 0x80 {
        index += 1
        continue
      }
      guard let length = sequenceLength(in: bytes, at: index) else { return index }
      index += length
    }
    return nil
  }

  /// The bytes as a string; `nil` where they are not UTF-8.
  package static func string(_ bytes: UnsafeRawBufferPointer) -> String? {
    // `String(validating:as:)` would do both at once, but is not specialized, and several times slower.
    firstInvalidOffset(in: bytes) == nil ? String(decoding: bytes, as: UTF8.self) : nil
  }

  /// Length of the well-formed sequence of several bytes at `index`, by the table of RFC 3629, section 4.
  private static func sequenceLength(in bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
    let length: Int
    // Overlong forms, surrogates and numbers above U+10FFFF show in the second byte.
    let second: ClosedRange<UInt8>
    switch bytes[index] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
    for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return nil }
    return length
  }
}
