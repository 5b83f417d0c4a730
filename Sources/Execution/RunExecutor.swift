package import AutoScaling
package import ChangeRun
import DequeModule
import Dispatch
package import Ledger
import Synchronization

/// Carries out a run: the Dispatch side of `RunMachine`.
///
/// One serial queue owns the machine and does what it says. Answers, commits, timers and signals come to it as
/// events through one mailbox; requests go out through the worker pool, facts and claims to the `RunStore`.
package final class RunExecutor: Sendable {
  /// What is told to whoever watches.
  package struct Observers: Sendable {
    /// Gets a snapshot about ten times a second, on the run's queue.
    package var progress: (@Sendable (RunProgress) -> Void)?
    /// The steps of each change, for crash tests.
    package var step: (@Sendable (RunStep, Int) -> Void)?

    package init(
      progress: (@Sendable (RunProgress) -> Void)? = nil, step: (@Sendable (RunStep, Int) -> Void)? = nil
    ) {
      self.progress = progress
      self.step = step
    }
  }

  /// The tokens of a session, where requests carry any that can be renewed.
  package struct Credentials: Sendable {
    /// `nil` where no tokens are fetched: without credentials, with AK/SK, with a token that was handed over.
    package var fetcher: (any TokenFetcher)?
    /// Tokens that the fetcher has already, by project id.
    package var leases: [String: TokenLease]

    package init(fetcher: (any TokenFetcher)? = nil, leases: [String: TokenLease] = [:]) {
      self.fetcher = fetcher
      self.leases = leases
    }
  }

  /// How a session went.
  package struct Outcome: Sendable {
    package var ending: RunEnding
    package var progress: RunProgress
    /// Milliseconds that this session took.
    package var elapsed: Int
    /// Transactions committed for this session.
    package var commits: Int
    /// Why the ledger could not be written, where that ended the session.
    package var ledgerError: (any Error)?
  }

  private let queue = DispatchQueue(label: "fleetplan.run", qos: .userInitiated)
  private let loop: RunLoop

  /// - Parameters:
  ///   - start: what the session begins with.
  ///   - writer: the ledger, whose executor lock the caller holds until the outcome is there.
  ///   - modifier: how the service is reached.
  ///   - credentials: where the tokens of its requests come from.
  ///   - clock: the time of the session.
  ///   - seed: for the jitter of backoffs.
  ///   - observers: who watches.
  /// - Throws: `LedgerError` where the ledger cannot be read, or its schema is not the expected one.
  package init(
    _ start: RunStart, writer: LedgerWriter, modifier: any GroupModifier, credentials: Credentials = Credentials(),
    clock: RunClock = RunClock(), seed: UInt64, observers: Observers = Observers()
  ) throws {
    loop = try RunLoop(
      start, writer: writer, modifier: modifier, credentials: credentials, clock: clock, seed: seed,
      observers: observers, queue: queue)
  }

  /// Begins. `completion` gets the outcome once, on the run's queue, when everything that happened is durable.
  package func start(completion: @escaping @Sendable (Outcome) -> Void) {
    queue.async { [loop] in loop.begin(completion) }
  }

  /// Begins, and waits for the outcome without blocking a thread.
  package func run() async -> Outcome {
    await withCheckedContinuation { continuation in start { continuation.resume(returning: $0) } }
  }

  /// Stops new work; what is in flight ends. Asked again, nothing more happens.
  package func stop(_ cause: StopCause) { loop.post(.stopRequested(cause)) }

  /// Changes rate and concurrency; what is `nil` stays.
  package func tune(rate: Double?, concurrency: Int?) { loop.post(.tuned(rate: rate, concurrency: concurrency)) }
}
