/// Seconds since 1970 as the texts of the API and of HTTP, in UTC and without leap seconds (POSIX time).
struct CalendarTime: Sendable, Equatable {
  /// Seconds since 1970-01-01T00:00:00Z.
  var seconds: Int

  init(seconds: Int) { self.seconds = seconds }

  /// Reads `yyyy-MM-ddThh:mm:ssZ`, the only form that the API takes.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 20 else { return nil }
    for (position, separator) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")] {
      guard bytes[position] == separator.utf8.first else { return nil }
    }
    func number(_ range: Range<Int>) -> Int? {
      var result = 0
      for byte in bytes[range] {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        result = result * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return result
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    seconds = Self.days(year: year, month: month, day: day) * 86400 + hour * 3600 + minute * 60 + second
    // 31 February would come out as a day of March.
    guard date.month == month, date.day == day else { return nil }
  }

  /// `2015-09-01T08:36:10Z`.
  var iso8601: String { "\(dateText)T\(clockText)Z" }

  /// `2015-11-09T01:42:57.000000Z`, the form of the identity service.
  var iso8601Microseconds: String { "\(dateText)T\(clockText).000000Z" }

  /// IMF-fixdate (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
  var httpDate: String {
    let (year, month, day) = date
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][dayNumber % 7]
    let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
    return "\(weekday), \(padded(day)) \(name) \(year) \(clockText) GMT"
  }

  private var dayNumber: Int { seconds / 86400 }

  private var dateText: String {
    let (year, month, day) = date
    return "\(year)-\(padded(month))-\(padded(day))"
  }

  private var clockText: String {
    let second = seconds % 86400
    return "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
  }

  private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Days to civil date, in eras of 400 years that begin on 1 March.
  private var date: (year: Int, month: Int, day: Int) {
    let shifted = dayNumber + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
