package import AutoScaling
package import ChangeRun

/// A run as `run_report` shows it, and how many instances it has taken away.
package struct RunRow: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    case apply
    case rollback
  }

  /// What the file knows: whether a process is at work is not in it.
  package enum State: String, Sendable, Hashable {
    case unfinished
    case completed
    case abandoned
  }

  package var id: Int
  package var planID: Int
  package var planName: String
  package var planFile: String
  package var planSHA256: String
  package var kind: Kind
  /// The run that this one rolls back.
  package var rollsBack: Int?
  package var state: State
  /// Why the last session stopped early.
  package var stopReason: String?
  package var counts: RunCounts
  package var requests: RequestCounts
  package var instancesRemoved: Int
  /// Milliseconds since 1970-01-01 UTC.
  package var startedAt: Int
  package var finishedAt: Int?
  /// The time that executors have worked on it, in milliseconds.
  package var elapsed: Int
  package var operatorName: String
  package var host: String
  package var toolVersion: String
  /// JSON: project id to endpoint.
  package var endpoints: String
  /// JSON, as `RunOptions` reads it.
  package var options: String
  package var reason: String?
}

/// An unfinished run that shares a group with a plan.
package struct RunOverlap: Sendable, Hashable {
  package var run: RunRow
  /// One of the groups that they share.
  package var sharedGroup: GroupReference
}

/// Changes of a run that have not ended, by what they wait for.
package struct OpenChanges: Sendable, Hashable {
  package var waiting: [WaitCause: Int]
  /// The previous change of their group has not ended.
  package var held: Int
  /// Their PUT is on the way; where nobody is at work: in doubt.
  package var sending: Int
}

/// How a run stood at one moment.
package struct RunSample: Sendable, Hashable {
  /// Milliseconds since 1970-01-01 UTC.
  package var sampledAt: Int
  /// Milliseconds that executors had worked on the run.
  package var elapsed: Int
  package var finished: Int
  package var failed: Int
  package var requests: RequestCounts
  package var throttled: Int
  package var inFlight: Int
  package var waiting: Int
  /// Requests a second; 0 is unlimited.
  package var rate: Double
  package var effectiveRate: Double

  package init(
    sampledAt: Int, elapsed: Int, finished: Int, failed: Int, requests: RequestCounts, throttled: Int, inFlight: Int,
    waiting: Int, rate: Double, effectiveRate: Double
  ) {
    self.sampledAt = sampledAt
    self.elapsed = elapsed
    self.finished = finished
    self.failed = failed
    self.requests = requests
    self.throttled = throttled
    self.inFlight = inFlight
    self.waiting = waiting
    self.rate = rate
    self.effectiveRate = effectiveRate
  }
}
