#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Searching and comparing by the C library, which looks at many bytes at once.
extension UnsafeRawBufferPointer {
  /// Whether both have the same bytes.
  package func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    guard let left = baseAddress, let right = other.baseAddress else { return count == 0 }
    return memcmp(left, right, count) == 0
  }

  /// Offset of the first such byte at or behind `start`.
  package func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
    guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }
}
