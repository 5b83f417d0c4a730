/// Durations as flags and the ledger write them: `250ms`, `30s`, `5m`, `1h` (contract, section 3).
package enum DurationText {
  private static let units: [(suffix: String, milliseconds: Int)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
  ]

  /// Reads a whole or decimal number with its unit.
  ///
  /// - Returns: `nil` where the unit is missing or unknown, or the number negative or beyond ten years.
  package static func parse(_ text: some StringProtocol) -> Duration? {
    for unit in units where text.hasSuffix(unit.suffix) {
      let digits = text.dropLast(unit.suffix.count)
      // `Double` would also take a sign, an exponent, hexadecimal digits and words.
      guard digits.utf8.first.map(isDigit) == true, digits.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }),
        let number = Double(digits)
      else { continue }
      let milliseconds = number * Double(unit.milliseconds)
      guard milliseconds <= 315_360_000_000 else { return nil }
      return .milliseconds(Int64(milliseconds.rounded()))
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// The shortest exact text in one unit.
  package static func format(_ duration: Duration) -> String {
    let milliseconds = duration.milliseconds
    for unit in units.reversed() where milliseconds % unit.milliseconds == 0 && milliseconds >= unit.milliseconds {
      return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
    return "\(milliseconds)ms"
  }
}
