/// When progress is told where it goes to a file or a pipe: after 1 s, then every 5 s, from half a minute on every 30 s.
struct ProgressSchedule: Sendable {
  private var next = 1.0

  /// - Parameter seconds: since the beginning.
  /// - Returns: whether a line is due; it counts as written then.
  mutating func isDue(_ seconds: Double) -> Bool {
    guard seconds >= next else { return false }
    let step = seconds < 30 ? 5.0 : 30
    next = ((seconds / step).rounded(.down) + 1) * step
    return true
  }
}
