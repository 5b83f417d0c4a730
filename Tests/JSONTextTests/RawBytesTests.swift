import JSONText
import Testing

struct RawBytesTests {
  @Test func `finds a byte from a place on`() {
    Array("a,b,c".utf8).withUnsafeBytes { bytes in
      #expect(bytes.firstOffset(of: UInt8(ascii: ",")) == 1)
      #expect(bytes.firstOffset(of: UInt8(ascii: ","), from: 2) == 3)
      #expect(bytes.firstOffset(of: UInt8(ascii: ","), from: 4) == nil)
      #expect(bytes.firstOffset(of: UInt8(ascii: ","), from: 5) == nil)
    }
    #expect(UnsafeRawBufferPointer(start: nil, count: 0).firstOffset(of: 0) == nil)
  }

  @Test func `compares bytes`() {
    let empty = UnsafeRawBufferPointer(start: nil, count: 0)
    #expect(empty.hasSameBytes(as: empty))
    Array("abc".utf8).withUnsafeBytes { bytes in
      #expect(bytes.hasSameBytes(as: bytes))
      #expect(!bytes.hasSameBytes(as: UnsafeRawBufferPointer(rebasing: bytes[..<2])))
      #expect(!bytes.hasSameBytes(as: empty))
    }
  }
}
