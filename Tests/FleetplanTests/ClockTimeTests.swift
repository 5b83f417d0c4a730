import Foundation
import Testing

@testable import fleetplan

/// `--until HH:MM`: a local time, today or tomorrow, whatever the clocks do at night.
struct ClockTimeTests {
  private static func calendar(_ zone: String) throws -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: zone))
    return calendar
  }

  private static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

  @Test(arguments: [
    // Still to come today; tomorrow; the very minute has begun; over the end of a year.
    ("2026-11-24T01:00:00Z", "05:00", "Europe/Berlin", "2026-11-24T04:00:00Z"),
    ("2026-11-24T22:30:00Z", "5:00", "Europe/Berlin", "2026-11-25T04:00:00Z"),
    ("2026-11-24T04:00:00Z", "05:00", "Europe/Berlin", "2026-11-25T04:00:00Z"),
    ("2026-12-31T23:30:00Z", "00:15", "UTC", "2027-01-01T00:15:00Z"),
    // The night in which 02:30 does not exist: when the clock has gone past it.
    ("2026-03-28T23:00:00Z", "02:30", "Europe/Berlin", "2026-03-29T01:00:00Z"),
    // The night in which it exists twice: the first of them.
    ("2026-10-24T22:00:00Z", "02:30", "Europe/Berlin", "2026-10-25T00:30:00Z"),
    ("2026-03-28T22:00:00Z", "05:00", "Europe/Berlin", "2026-03-29T03:00:00Z"),
  ])
  func `the next time that a clock shows it`(now: String, text: String, zone: String, then: String) throws {
    let time = try #require(ClockTime(argument: text))
    let next = try #require(time.next(after: Self.date(now), calendar: Self.calendar(zone)))
    #expect(Date(timeIntervalSince1970: Double(next) / 1_000) == (try Self.date(then)))
  }

  @Test(arguments: ["24:00", "12:60", "5", "05:0", "+5:00", "-0:30", "5:+3", "005:00", "05:00:00", "", ":", "5 pm"])
  func `what is no time of day is refused`(text: String) {
    #expect(ClockTime(argument: text) == nil)
  }

  @Test func `the alarm goes off at its time, also where that has passed already`() async {
    for offset in [-1_000, 20] {
      let wall = Int(Date().timeIntervalSince1970 * 1_000) + offset
      let (rings, bell) = AsyncStream<Int>.makeStream()
      let alarm = StopAlarm(at: wall) {
        bell.yield(Int(Date().timeIntervalSince1970 * 1_000))
        bell.finish()
      }
      var rang: Int?
      for await ring in rings { rang = ring }
      alarm.cancel()
      #expect(rang.map { $0 >= wall } == true)
    }
  }
}
