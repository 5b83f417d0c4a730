#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Times as the ledger keeps them: milliseconds since 1970-01-01 UTC, without leap seconds.
package enum LedgerTime {
  /// The wall clock.
  package static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
  }

  /// `2026-11-24T01:02:03.456Z`, as the ledger's views show it.
  package static func iso8601(_ milliseconds: Int) -> String {
    let (second, millisecond) = milliseconds.quotientAndRemainder(flooringBy: 1000)
    let (days, secondOfDay) = second.quotientAndRemainder(flooringBy: 86_400)
    let (year, month, day) = civil(daysSinceEpoch: days)
    return String(unsafeUninitializedCapacity: 40) { buffer in
      var count = 0
      func put(_ character: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: character)
        count += 1
      }
      func put(_ number: Int, _ width: Int) {
        var digits = width
        var limit = width == 4 ? 10_000 : width == 3 ? 1_000 : 100
        // A year after 9999 has more digits.
        while number >= limit {
          digits += 1
          limit *= 10
        }
        var rest = number
        for position in (count..<count + digits).reversed() {
          buffer[position] = UInt8(ascii: "0") + UInt8(rest % 10)
          rest /= 10
        }
        count += digits
      }
      if year < 0 { put("-") }
      put(abs(year), 4)
      put("-")
      put(month, 2)
      put("-")
      put(day, 2)
      put("T")
      put(secondOfDay / 3600, 2)
      put(":")
      put(secondOfDay / 60 % 60, 2)
      put(":")
      put(secondOfDay % 60, 2)
      put(".")
      put(millisecond, 3)
      put("Z")
      return count
    }
  }

  /// The Gregorian date of a day, by the usual count of days in eras of 400 years that begin on 1 March.
  private static func civil(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (daysSinceEpoch + 719_468).quotientAndRemainder(flooringBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

extension Int {
  fileprivate func quotientAndRemainder(flooringBy divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
