internal import JSONText

/// Makes strings of bytes, and gives the last one again where the bytes are the same.
///
/// A column of a plan often repeats one value; most strings need no memory of their own then.
struct StringCache {
  private var last = ""

  /// The last string, if it has these bytes.
  func repeated(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard last.utf8.count == bytes.count, !bytes.isEmpty else { return nil }
    let isSame = last.utf8.withContiguousStorageIfAvailable { storage in
      UnsafeRawBufferPointer(storage).hasSameBytes(as: bytes)
    }
    return isSame == true ? last : nil
  }

  /// Remembers a string.
  mutating func keep(_ text: String) -> String {
    last = text
    return text
  }

  /// - Returns: `nil` where the bytes are not UTF-8.
  mutating func string(_ bytes: UnsafeRawBufferPointer) -> String? {
    if let text = repeated(bytes) { return text }
    return UTF8Check.string(bytes).map { keep($0) }
  }
}
