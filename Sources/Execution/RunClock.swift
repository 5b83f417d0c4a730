package import ChangeRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The time of a session: ticks that count while the machine sleeps, and a wall time that does not jump.
///
/// The wall time is read once, at the start, and goes on with the ticks: waits and reports of one session agree
/// even when somebody sets the clock meanwhile.
package struct RunClock: Sendable {
  private let read: @Sendable () -> RunMoment

  /// A clock of one's own, for tests.
  package init(_ read: @escaping @Sendable () -> RunMoment) { self.read = read }

  /// The machine's clock.
  package init() {
    let startTicks = Self.bootTime()
    let startWall = Self.wallTime()
    read = {
      let ticks = Self.bootTime()
      return RunMoment(ticks: ticks, wall: startWall + (ticks - startTicks) / 1_000_000)
    }
  }

  package func now() -> RunMoment { read() }

  private static func bootTime() -> Int {
    var time = timespec()
    #if canImport(Glibc)
      clock_gettime(CLOCK_BOOTTIME, &time)
    #else
      // On Darwin this one counts while the machine sleeps.
      clock_gettime(CLOCK_MONOTONIC, &time)
    #endif
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  private static func wallTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
  }
}
