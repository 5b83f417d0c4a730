import JSONText
import Testing

struct UTF8CheckTests {
  private func firstInvalidOffset(_ bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBytes { UTF8Check.firstInvalidOffset(in: $0) }
  }

  @Test(arguments: [
    "", "plain ASCII, longer than eight bytes", "ä", "€uro", "😎", "\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10ffff}",
  ])
  func `accepts what Swift calls a string`(text: String) {
    #expect(firstInvalidOffset(Array(text.utf8)) == nil)
    #expect(Array(text.utf8).withUnsafeBytes { UTF8Check.string($0) } == text)
  }

  @Test(
    arguments: [
      ([0x61, 0xFC], 1), ([0x80], 0), ([0xC0, 0xAF], 0), ([0xC1, 0x80], 0), ([0xE0, 0x80, 0x80], 0),
      ([0xED, 0xA0, 0x80], 0),
      ([0xF0, 0x80, 0x80, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xE2, 0x82], 0),
      ([0xC3, 0xA4, 0xE2, 0x82, 0x41], 2), ([0xFF], 0),
    ] as [([UInt8], Int)])
  func `names the first byte that is wrong`(bytes: [UInt8], offset: Int) {
    // Also behind the eight bytes that are looked at together.
    for padding in [0, 1, 7, 8, 9, 16] {
      let padded = [UInt8](repeating: 0x20, count: padding) + bytes
      #expect(firstInvalidOffset(padded) == padding + offset)
      #expect(padded.withUnsafeBytes { UTF8Check.string($0) } == nil)
    }
  }

  @Test func `agrees with the standard library on every pair of bytes with one or two continuation bytes behind it`() {
    var differences = 0
    for first in UInt8(0x7F)...UInt8.max {
      for second in UInt8.min...UInt8.max {
        for tail in [[0x80], [0x80, 0x80]] as [[UInt8]] {
          let bytes = [first, second] + tail
          let isValid = String(validating: bytes, as: UTF8.self) != nil
          if (firstInvalidOffset(bytes) == nil) != isValid { differences += 1 }
        }
      }
    }
    #expect(differences == 0)
  }
}
