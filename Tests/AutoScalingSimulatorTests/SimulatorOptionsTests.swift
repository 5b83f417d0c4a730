import Testing

@testable import AutoScalingSimulator

struct SimulatorOptionsTests {
  @Test(arguments: [
    ("250ms", Duration.milliseconds(250)), ("30s", .seconds(30)), ("1.5s", .milliseconds(1500)), ("5m", .seconds(300)),
    ("1h", .seconds(3600)), ("0s", .zero),
  ])
  func `reads durations`(text: String, duration: Duration) throws {
    #expect(try SimulatorOptions.duration(text) == duration)
  }

  @Test(arguments: ["", "5", "ms", "-5s", "5d", "1..2s", "5 s", "5S"])
  func `refuses what is no duration`(text: String) {
    #expect(throws: SimulatorOptionError.self) { try SimulatorOptions.duration(text) }
  }

  @Test func `reads ranges of durations`() throws {
    #expect(try SimulatorOptions.durationRange("5ms..40ms") == .milliseconds(5) ... .milliseconds(40))
    #expect(try SimulatorOptions.durationRange("1.5s..1m") == .milliseconds(1500) ... .seconds(60))
    #expect(try SimulatorOptions.durationRange("2s") == .seconds(2) ... .seconds(2))
  }

  @Test(arguments: ["40ms..5ms", "5ms..", "..5ms", "5..40ms", "1s..2s..3s", "5ms-40ms"])
  func `refuses what is no range`(text: String) {
    #expect(throws: SimulatorOptionError.self) { try SimulatorOptions.durationRange(text) }
  }
}

struct CalendarTimeTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
    (784_111_777, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
    (951_782_400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
    (1_441_096_570, "2015-09-01T08:36:10Z", "Tue, 01 Sep 2015 08:36:10 GMT"),
    (1_767_225_599, "2025-12-31T23:59:59Z", "Wed, 31 Dec 2025 23:59:59 GMT"),
  ])
  func `writes and reads times`(seconds: Int, iso8601: String, httpDate: String) {
    let time = CalendarTime(seconds: seconds)
    #expect(time.iso8601 == iso8601)
    #expect(time.httpDate == httpDate)
    #expect(CalendarTime(iso8601) == time)
  }

  @Test(arguments: ["2015-02-30T00:00:00Z", "2015-13-01T00:00:00Z", "2015-01-01T24:00:00Z", "2015-01-01 00:00:00Z", ""])
  func `refuses what is no time`(text: String) {
    #expect(CalendarTime(text) == nil)
  }
}
