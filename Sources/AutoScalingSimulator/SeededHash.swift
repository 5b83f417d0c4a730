/// A number made from a seed and some facts: the same for the same facts, whatever happened before.
///
/// Faults, latencies and scaling times are chosen by it, so that they do not depend on the order in which
/// requests arrive. FNV-1a over the facts, finished by the mix of SplitMix64.
struct SeededHash: Sendable {
  private var state: UInt64

  init(seed: UInt64, _ purpose: String) {
    state = 0xCBF2_9CE4_8422_2325 ^ Self.mixed(seed)
    combine(purpose)
  }

  mutating func combine(_ text: String) {
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    // Ends the text: ("ab", "c") and ("a", "bc") are different facts.
    state = (state ^ 0xFF) &* 0x100_0000_01B3
  }

  mutating func combine(_ number: Int) {
    state = Self.mixed(state ^ UInt64(bitPattern: Int64(number)))
  }

  /// All 64 bits are of equal quality.
  var value: UInt64 { Self.mixed(state) }

  /// From 0 up to, but not including, 1.
  var fraction: Double { Double(value >> 11) * 0x1p-53 }

  /// A duration of the range, both ends included.
  func duration(in range: ClosedRange<Duration>) -> Duration {
    range.lowerBound + (range.upperBound - range.lowerBound) * fraction
  }

  /// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
  fileprivate static func mixed(_ number: UInt64) -> UInt64 {
    var z = number &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// SplitMix64: a sequence of random numbers that a seed repeats.
struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(_ hash: SeededHash) { state = hash.value }

  mutating func next() -> UInt64 {
    defer { state &+= 0x9E37_79B9_7F4A_7C15 }
    return SeededHash.mixed(state)
  }

  /// True in `share` of all cases (0 to 1).
  mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

  /// One of the choices; there must be at least one.
  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: choices.indices, using: &self)]
  }

  /// A random UUID (RFC 9562, version 4), lower case.
  mutating func uuid() -> String {
    var bytes = hexadecimal(32)
    bytes[12] = UInt8(ascii: "4")
    bytes[16] = Self.digits[8 + Int(next() & 3)]
    for position in [8, 13, 18, 23] { bytes.insert(UInt8(ascii: "-"), at: position) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// 32 hexadecimal digits: the form of project ids and request ids.
  mutating func hexadecimalID() -> String { String(decoding: hexadecimal(32), as: UTF8.self) }

  private mutating func hexadecimal(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 4)
    while bytes.count < count {
      var word = next()
      for _ in 0..<16 where bytes.count < count {
        bytes.append(Self.digits[Int(word & 15)])
        word >>= 4
      }
    }
    return bytes
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
