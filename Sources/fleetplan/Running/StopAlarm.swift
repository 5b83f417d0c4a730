import Dispatch
import Foundation

/// Calls at a time of the wall clock, also when the clock is set meanwhile.
final class StopAlarm {
  private let timer: any DispatchSourceTimer

  /// - Parameters:
  ///   - wall: milliseconds since 1970.
  ///   - action: called once, on a queue of its own.
  init(at wall: Int, _ action: @escaping @Sendable () -> Void) {
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "fleetplan.until"))
    let time = timespec(tv_sec: wall / 1_000, tv_nsec: wall % 1_000 * 1_000_000)
    timer.schedule(wallDeadline: DispatchWallTime(timespec: time), leeway: .milliseconds(50))
    timer.setEventHandler { @Sendable in action() }
    timer.resume()
  }

  func cancel() { timer.cancel() }
}

extension ClockTime {
  /// The next time that a clock shows this, in milliseconds since 1970.
  func next(after now: Date, calendar: Calendar = .current) -> Int? {
    let parts = DateComponents(hour: hour, minute: minute, second: 0)
    return calendar.nextDate(after: now, matching: parts, matchingPolicy: .nextTime)
      .map { Int($0.timeIntervalSince1970 * 1_000) }
  }
}
