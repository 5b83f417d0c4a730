/// Numbers of changes, one bit each: 125 KB for a million.
struct ChangeSet {
  private var words: [UInt64]

  /// - Parameter highest: the highest number that can be in it; 0 or more.
  init(highest: Int) { words = Array(repeating: 0, count: highest / 64 + 1) }

  func contains(_ number: Int) -> Bool { words[number / 64] & 1 << UInt64(number % 64) != 0 }

  mutating func insert(_ number: Int) { words[number / 64] |= 1 << UInt64(number % 64) }
}
