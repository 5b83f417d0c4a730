/// The value of `X-Sdk-Date`: UTC as `YYYYMMDDThhmmssZ`. The service accepts it for 15 minutes (reference, section 7.2).
package struct SigningDate: Sendable, Hashable {
  package let text: String

  /// - Parameter secondsSince1970: 0 or more; parts of a second are dropped.
  package init(secondsSince1970: Double) {
    let seconds = max(0, Int(secondsSince1970))
    let (days, time) = (seconds / 86_400, seconds % 86_400)
    // Years begin in March, so that the leap day is the last: Howard Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms", civil_from_days.
    let shifted = days + 719_468
    let (era, dayOfEra) = (shifted / 146_097, shifted % 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let numbers = [
      Self.digits(year, 4), Self.digits(month, 2), Self.digits(day, 2), "T", Self.digits(time / 3_600, 2),
      Self.digits(time / 60 % 60, 2), Self.digits(time % 60, 2), "Z",
    ]
    text = numbers.joined()
  }

  /// A date as a request has it; `nil` where it is not of that form.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    let isDigit: (UInt8) -> Bool = { ($0 >= UInt8(ascii: "0")) && ($0 <= UInt8(ascii: "9")) }
    guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
      bytes[..<8].allSatisfy(isDigit), bytes[9..<15].allSatisfy(isDigit)
    else { return nil }
    self.text = text
  }

  /// `YYYYMMDD`.
  var day: String { String(text.prefix(8)) }

  private static func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
