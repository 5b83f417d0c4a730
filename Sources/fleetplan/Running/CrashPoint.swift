import Execution
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Kills the program at a chosen step of a chosen change: `FLEETPLAN_TEST_KILL=recorded:3` is for crash tests.
///
/// The number counts how often the step has happened, from 1. Without the variable nothing is listened to.
enum CrashPoint {
  static func fromEnvironment(_ context: CommandContext) -> (@Sendable (RunStep, Int) -> Void)? {
    guard let text = context.environment["FLEETPLAN_TEST_KILL"] else { return nil }
    let parts = text.split(separator: ":")
    guard parts.count == 2, let step = RunStep(rawValue: String(parts[0])), let nth = Int(parts[1]) else {
      context.warn("FLEETPLAN_TEST_KILL=\(text) is not STEP:N; nothing is killed")
      return nil
    }
    let counter = Counter()
    return { happened, _ in
      guard happened == step, counter.next() == nth else { return }
      kill(getpid(), SIGKILL)
    }
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
  }
}
