import Synchronization

/// How much is still to be done, shared by the rounds that go on at the same time.
final class ChaosBudget: Sendable {
  private struct State {
    /// `nil`: as many as the time allows.
    var kills: Int?
    var rounds: Int?
    var isStopped = false
  }

  private let state: Mutex<State>
  private let deadline: ContinuousClock.Instant?

  /// - Parameters:
  ///   - kills: how many processes to kill in all.
  ///   - rounds: how many rounds to begin at most.
  ///   - timeLimit: after it no round begins and no process is killed.
  init(kills: Int?, rounds: Int?, timeLimit: Duration?) {
    state = Mutex(State(kills: kills, rounds: rounds))
    deadline = timeLimit.map { ContinuousClock.now + $0 }
  }

  private var isOver: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

  /// - Returns: whether another round is to begin.
  func takeRound() -> Bool {
    state.withLock { state in
      guard !state.isStopped, !isOver, state.kills ?? 1 > 0, state.rounds ?? 1 > 0 else { return false }
      if let rounds = state.rounds { state.rounds = rounds - 1 }
      return true
    }
  }

  /// - Returns: whether another process is to be killed.
  func takeKill() -> Bool {
    state.withLock { state in
      guard !state.isStopped, !isOver, state.kills ?? 1 > 0 else { return false }
      if let kills = state.kills { state.kills = kills - 1 }
      return true
    }
  }

  /// The process had ended by itself before.
  func giveBackKill() {
    state.withLock { state in
      if let kills = state.kills { state.kills = kills + 1 }
    }
  }

  /// Something was found: the rounds that go on come to their end, and no other begins.
  func stop() { state.withLock { $0.isStopped = true } }
}
