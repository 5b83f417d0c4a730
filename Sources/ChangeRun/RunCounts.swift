/// How many changes of a run have ended how.
package struct RunCounts: Sendable, Hashable {
  package var total: Int
  package var succeeded = 0
  package var unchanged = 0
  package var failed = 0
  package var blocked = 0
  package var conflicted = 0
  package var abandoned = 0

  package init(total: Int) { self.total = total }

  package var finished: Int { succeeded + unchanged + failed + blocked + conflicted + abandoned }
  package var unfinished: Int { total - finished }

  /// Every change succeeded or was unnecessary.
  package var isCleanSuccess: Bool { succeeded + unchanged == total }

  /// Counts one more change that has ended so.
  package mutating func add(_ state: ChangeState) {
    switch state {
    case .succeeded: succeeded += 1
    case .unchanged: unchanged += 1
    case .failed: failed += 1
    case .blocked: blocked += 1
    case .conflicted: conflicted += 1
    case .abandoned: abandoned += 1
    case .pending, .held, .waiting, .sending, .verifying, .stabilizing: break
    }
  }
}

/// How many requests a run has sent.
package struct RequestCounts: Sendable, Hashable {
  package var gets = 0
  package var puts = 0
  /// Changes that were tried again after a failure.
  package var retries = 0

  package var total: Int { gets + puts }

  package init(gets: Int = 0, puts: Int = 0, retries: Int = 0) {
    self.gets = gets
    self.puts = puts
    self.retries = retries
  }
}

/// What holds a run back, most telling first.
package enum HoldReason: Sendable, Hashable {
  case nothing
  /// The configured rate.
  case rate(Double)
  /// The service asked to slow down (429, 503): the rate it has come to.
  case throttled(Double)
  /// Every change that is left waits for its group or for its next try.
  case waiting
  /// A project has no token, and none has come yet.
  case token
  /// Seconds without an answer, and what the last request has met.
  case endpointUnreachable(seconds: Int, reason: String)
  case wavePause(seconds: Int)
  case stopping(StopCause)
}

/// A run at one moment, for progress lines and samples.
package struct RunProgress: Sendable, Hashable {
  package var counts: RunCounts
  package var requests: RequestCounts
  package var inFlight: Int
  package var waiting: [WaitCause: Int]
  package var rate: Double
  package var effectiveRate: Double
  package var concurrency: Int
  package var throttled: Int
  package var hold: HoldReason
  /// Pauses between waves that are still to come, in seconds.
  package var pauseAhead: Int

  package init(
    counts: RunCounts, requests: RequestCounts, inFlight: Int, waiting: [WaitCause: Int], rate: Double,
    effectiveRate: Double, concurrency: Int, throttled: Int, hold: HoldReason,
    pauseAhead: Int = 0
  ) {
    self.counts = counts
    self.requests = requests
    self.inFlight = inFlight
    self.waiting = waiting
    self.rate = rate
    self.effectiveRate = effectiveRate
    self.concurrency = concurrency
    self.throttled = throttled
    self.hold = hold
    self.pauseAhead = pauseAhead
  }
}
