/// A point in time as the run needs it: on the clock that never jumps, and on the one that people read.
///
/// Waits within a process go by `ticks`; what must survive the process is kept as `wall`.
package struct RunMoment: Sendable, Hashable {
  /// Nanoseconds of a monotonic clock that also counts while the machine sleeps; its zero means nothing.
  package var ticks: Int
  /// Milliseconds since 1970-01-01 UTC. It may be set back or forward under the program.
  package var wall: Int

  package init(ticks: Int, wall: Int) {
    self.ticks = ticks
    self.wall = wall
  }

  package func advanced(byMilliseconds milliseconds: Int) -> RunMoment {
    RunMoment(ticks: ticks + milliseconds * 1_000_000, wall: wall + milliseconds)
  }
}

extension Duration {
  /// Whole milliseconds, rounded down; for durations up to 292,000 years.
  package var milliseconds: Int {
    Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }

  /// Whole nanoseconds, rounded down; for durations up to 292 years.
  package var nanoseconds: Int {
    Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
  }
}
