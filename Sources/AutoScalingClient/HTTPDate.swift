/// Dates of HTTP headers (RFC 9110, section 5.6.7): all three forms that a recipient must accept.
enum HTTPDate {
  private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

  /// - Returns: seconds since 1970 in UTC; `nil` where the text is no such date.
  static func secondsSince1970(_ text: String) -> Double? {
    let parts = text.lowercased().split { $0 == " " || $0 == "," || $0 == "-" }
    let day: Int?
    let month: Int?
    var year: Int?
    let time: Substring
    switch parts.count {
    case 6 where parts[5] == "gmt":
      // Sun, 06 Nov 1994 08:49:37 GMT, and the old Sunday, 06-Nov-94 08:49:37 GMT.
      (day, month, year, time) = (Int(parts[1]), monthNumber(parts[2]), Int(parts[3]), parts[4])
    case 5:
      // Sun Nov  6 08:49:37 1994
      (day, month, year, time) = (Int(parts[2]), monthNumber(parts[1]), Int(parts[4]), parts[3])
    default:
      return nil
    }
    if let short = year, short < 100 { year = short + (short < 70 ? 2000 : 1900) }
    let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard let day, let month, let year, (1...31).contains(day), (1970...9999).contains(year), clock.count == 3,
      let hour = clock[0], let minute = clock[1], let second = clock[2],
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    let days = daysSince1970(year: year, month: month, day: day)
    return Double(days * 86_400 + hour * 3_600 + minute * 60 + second)
  }

  private static func monthNumber(_ name: Substring) -> Int? {
    months.firstIndex { $0 == name }.map { $0 + 1 }
  }

  /// Days of the proleptic Gregorian calendar; years are taken to begin in March, so that the leap day is the last.
  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month > 2 ? year : year - 1
    let shiftedMonth = month > 2 ? month - 3 : month + 9
    let leapDays = shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
    let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
    return shiftedYear * 365 + leapDays + dayOfYear - 719_468
  }
}

/// The wait that a `Retry-After` header asks for (RFC 9110, section 10.2.3).
enum RetryAfter {
  /// - Parameters:
  ///   - value: seconds, or a date.
  ///   - date: the answer's own `Date` header, by which a date is measured: so clocks need not agree.
  ///   - now: seconds since 1970, for answers without one.
  /// - Returns: seconds from the answer, 0 or more; `nil` where the value is neither.
  static func seconds(_ value: String, date: String?, now: Double) -> Double? {
    let text = value.filter { $0 != " " && $0 != "\t" }
    if !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) {
      return Double(text)
    }
    guard let until = HTTPDate.secondsSince1970(value) else { return nil }
    return max(0, until - (date.flatMap(HTTPDate.secondsSince1970) ?? now))
  }
}
