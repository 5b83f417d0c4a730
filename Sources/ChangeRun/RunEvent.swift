package import AutoScaling

/// What happens to a run.
package enum RunEvent: Sendable {
  /// The executor holds the run: begin. How many changes of it are waiting in the ledger, by cause.
  case started(waiting: [WaitCause: Int])
  /// The ledger's answer to a `claim`.
  case claimed(ClaimAnswer)
  /// A GET of a change in hand has ended.
  case readReturned(number: Int, ServiceResult<ScalingGroup>, RequestTiming)
  /// The record and the intent of a change are on the disk.
  case recordDurable(number: Int)
  /// A PUT has ended.
  case answerReceived(number: Int, ServiceResult<Void>, RequestTiming)
  /// A token request has ended: with the token's life by this machine's clock.
  case tokenReturned(projectID: String, Result<TokenLease, ServiceFailure>)
  /// The head of the request that was granted last was written, or never will be.
  case headWritten
  /// The time that `wake` asked for has come.
  case timerFired
  /// A held change may go on: it is due in the ledger now.
  case released
  /// Somebody, or the time, wants the run to stop.
  case stopRequested(StopCause)
  /// `tune`: what is `nil` stays.
  case tuned(rate: Double?, concurrency: Int?)
}

/// When a request was sent and how long it took.
package struct RequestTiming: Sendable, Hashable {
  /// Milliseconds since 1970.
  package var sentAt: Int
  /// Milliseconds.
  package var duration: Int

  package init(sentAt: Int, duration: Int) {
    self.sentAt = sentAt
    self.duration = duration
  }
}

/// Which changes a claim is for.
package enum ClaimKind: Sendable, Hashable {
  /// Pending ones in plan order, the first `through` changes of the run at most.
  case fresh(through: Int)
  /// Waiting ones that are due, without the busy ones.
  case due
  /// Busy ones that are due.
  case busy
}

/// What the ledger answers to a claim.
package struct ClaimAnswer: Sendable {
  package var kind: ClaimKind
  package var changes: [ClaimedChange]
  /// Fresh: no pending change is left up to `through`. Due and busy: none is due now.
  package var isExhausted: Bool
  /// When the next waiting change of that kind is due, in milliseconds since 1970; `nil` where none waits.
  package var nextDueAt: Int?

  package init(kind: ClaimKind, changes: [ClaimedChange], isExhausted: Bool, nextDueAt: Int? = nil) {
    self.kind = kind
    self.changes = changes
    self.isExhausted = isExhausted
    self.nextDueAt = nextDueAt
  }
}

/// What is to be done. Order matters: `save` actions reach the ledger in the order in which they are given.
package enum RunAction: Sendable {
  case claim(ClaimKind, limit: Int)
  /// Send a GET.
  case read(number: Int, GroupReference)
  /// Write to the ledger. Where `record` is given, `recordDurable` must follow once it is on the disk.
  case save(RunFact)
  /// Send a PUT with these fields.
  case send(number: Int, GroupReference, GroupModification)
  /// Fetch a token for the project; the requests that follow are to carry it.
  case fetchToken(projectID: String)
  /// Send `timerFired` at this tick. A later `wake` replaces an earlier one.
  case wake(atTick: Int)
  /// Nothing is in flight any more, and nothing will be.
  case finish(RunEnding)
}

/// One transition of a change, as the ledger takes it.
package struct RunFact: Sendable {
  package var number: Int
  package var row: ChangeRow
  /// A new rollback record, together with the intent to send.
  package var record: PriorRecord?
  /// The intent to send must be on the disk before the PUT leaves.
  package var isIntent: Bool
  /// Requests of the change that have ended.
  package var attempts: [AttemptEntry]
  /// A later change of the group waits for this one.
  package var hasSuccessor: Bool

  package init(
    number: Int, row: ChangeRow, record: PriorRecord? = nil, isIntent: Bool = false, attempts: [AttemptEntry] = [],
    hasSuccessor: Bool = false
  ) {
    self.number = number
    self.row = row
    self.record = record
    self.isIntent = isIntent
    self.attempts = attempts
    self.hasSuccessor = hasSuccessor
  }
}

/// Why a run stops before its end. The raw values are those of `stop_reason`.
package enum StopCause: String, Sendable, Hashable, CaseIterable {
  // A machine may resume (exit status 75).
  case signal
  case until
  case stopAfter = "stop_after"
  case endpointUnreachable = "endpoint_unreachable"
  case unauthorized
  // A person should look first (76).
  case maxFailures = "max_failures"
  case maxRemoved = "max_removed"
  case waveConfirmation = "wave_confirmation"
  // Nothing was changed (69, 77).
  case neverConnected = "never_connected"
  case credentialsRefused = "credentials_refused"
  /// The ledger could not be written (74).
  case ledger

  /// A person should look before the run is resumed.
  package var needsPerson: Bool { exitStatus == 76 }

  /// The exit status of the contract, section 3.
  package var exitStatus: Int32 {
    switch self {
    case .signal, .until, .stopAfter, .endpointUnreachable, .unauthorized: 75
    case .maxFailures, .maxRemoved, .waveConfirmation: 76
    case .neverConnected: 69
    case .credentialsRefused: 77
    case .ledger: 74
    }
  }
}

/// How a session of a run has ended.
package enum RunEnding: Sendable, Hashable {
  case completed
  /// - Parameter detail: what brought it about, in words; may be empty.
  case stopped(StopCause, detail: String)
}
