package import AutoScaling

/// Where a change of a run stands (contract, section 4). The raw values are those of the ledger.
package enum ChangeState: String, Sendable, Hashable, CaseIterable {
  /// Nothing has been written down about it. → any other
  case pending
  /// The previous change of its group has not ended. → waiting
  case held
  /// Due again later. → sending, verifying, any end
  case waiting
  /// Its record and intent are durable, its PUT may be on the way; after a crash, in doubt. → waiting, verifying, any end
  case sending
  /// The PUT has succeeded and is being read back. → verifying, succeeded, failed, conflicted
  case verifying
  /// Likewise, and only the instances are still waited for (`--wait-stable`): so reports name what the ledger keeps as
  /// `verifying` with the wait cause `stable`. → succeeded, failed
  case stabilizing

  /// The ends: nothing follows, unless `resume --retry-failed` takes failed, blocked and conflicted ones up again.
  case succeeded
  case unchanged
  case failed
  case blocked
  case conflicted
  case abandoned

  package var isTerminal: Bool {
    switch self {
    case .pending, .held, .waiting, .sending, .verifying, .stabilizing: false
    case .succeeded, .unchanged, .failed, .blocked, .conflicted, .abandoned: true
    }
  }

  /// An end after which later changes of the group may go on.
  package var letsGroupGoOn: Bool { self == .succeeded || self == .unchanged }
}

/// Whether a change's PUT took effect, kept apart from its state (contract, section 4).
package enum Applied: String, Sendable, Hashable, CaseIterable {
  case yes
  case no
  case unknown
}

/// What a waiting change waits for.
package enum WaitCause: String, Sendable, Hashable, CaseIterable {
  /// Nothing but its turn.
  case prompt
  /// The backoff after a refusal or a failed read.
  case retry
  /// The group: it is scaling or locked.
  case busy
  /// The time until a lost PUT can no longer take effect.
  case settle
  /// The endpoint, which does not answer.
  case outage
  /// The planned values to be seen in the group (`--verify`).
  case verify
  /// The group to come to rest (`--wait-stable`).
  case stable
}

/// What the ledger knows of a change of a run: the row that a transition writes.
package struct ChangeRow: Sendable, Hashable {
  package var state = ChangeState.pending
  package var applied = Applied.no
  /// PUTs sent, or about to be sent with a durable intent.
  package var attempts = 0
  /// Attempts used of `--max-attempts`.
  package var tries = 0
  /// The first attempt that may have taken effect.
  package var effectiveAttempt: Int?
  /// The attempt whose record is in force, or would be if the next PUT took effect.
  package var recordAttempt: Int?
  package var scalingGroupName: String?
  package var httpStatus: Int?
  package var errorCode: String?
  package var errorMessage: String?
  /// The values found where they were neither the planned nor the expected or prior ones.
  package var found: GroupModification?
  /// Times are milliseconds since 1970.
  package var startedAt: Int?
  package var finishedAt: Int?
  package var sentAt: Int?
  /// When an answer to a PUT to the group was last lost, of this change or of those before it.
  package var lostAt: Int?
  package var wait: ChangeWait?
  /// Since when the group is waited for, or read back.
  package var waitSince: Int?
  /// By how many instances the change moves the group.
  package var instanceChange = 0

  package init() {}

  /// The instances that count for `--max-removed`: those of a PUT that was applied, may have been, or may be on the way.
  package var instancesRemoved: Int {
    applied == .no && state != .sending ? 0 : max(-instanceChange, 0)
  }
}

/// When and why a waiting change is due.
package struct ChangeWait: Sendable, Hashable {
  package var cause: WaitCause
  /// Milliseconds since 1970.
  package var dueAt: Int
  /// Milliseconds from the decision to `dueAt`.
  package var delay: Int

  package init(cause: WaitCause, dueAt: Int, delay: Int) {
    self.cause = cause
    self.dueAt = dueAt
    self.delay = delay
  }
}

/// The rollback record of one attempt: the prior values of the fields that it sends.
package struct PriorRecord: Sendable, Hashable {
  package var attempt: Int
  /// `.null` also for a field that the group did not show.
  package var prior: GroupModification
  package var planned: GroupModification
  /// Fields whose prior has no documented way back (the reference, section 2.3).
  package var unrestorable: [GroupField]

  package init(attempt: Int, prior: GroupModification, planned: GroupModification, unrestorable: [GroupField]) {
    self.attempt = attempt
    self.prior = prior
    self.planned = planned
    self.unrestorable = unrestorable
  }
}

/// A request that has ended, as `attempt_report` shows it.
package struct AttemptEntry: Sendable, Hashable {
  package enum Method: String, Sendable, Hashable {
    case get = "GET"
    case put = "PUT"
  }

  package enum Outcome: String, Sendable, Hashable {
    case succeeded
    case refused
    case lost
    case notSent = "not_sent"
  }

  package var method: Method
  package var attempt: Int
  /// Milliseconds since 1970.
  package var sentAt: Int
  package var duration: Int
  package var httpStatus: Int?
  package var errorCode: String?
  package var errorMessage: String?
  package var requestID: String?
  package var outcome: Outcome

  package init(
    method: Method, attempt: Int, sentAt: Int, duration: Int, httpStatus: Int? = nil, errorCode: String? = nil,
    errorMessage: String? = nil, requestID: String? = nil, outcome: Outcome
  ) {
    self.method = method
    self.attempt = attempt
    self.sentAt = sentAt
    self.duration = duration
    self.httpStatus = httpStatus
    self.errorCode = errorCode
    self.errorMessage = errorMessage
    self.requestID = requestID
    self.outcome = outcome
  }
}

/// A change that was taken from the ledger to be worked on.
package struct ClaimedChange: Sendable, Hashable {
  /// The change of the same group that goes before this one, and has ended.
  package struct Predecessor: Sendable, Hashable {
    package var number: Int
    package var state: ChangeState
    /// When an answer to a PUT of it, or of a change before it, was last lost, in milliseconds since 1970.
    package var lostAt: Int?
    /// What the group must show since then: the planned values of the last change before this one that has
    /// succeeded, and of those after it that were `unchanged`. A read that does not show them may be older than that
    /// success. `nil` where nothing is known: no change has succeeded, or one after it may have been applied.
    package var established: GroupModification?

    package init(number: Int, state: ChangeState, lostAt: Int?, established: GroupModification? = nil) {
      self.number = number
      self.state = state
      self.lostAt = lostAt
      self.established = established
    }
  }

  package var number: Int
  package var group: GroupReference
  package var planned: GroupModification
  package var expected: GroupModification
  /// A later change of the same group waits for this one.
  package var hasSuccessor: Bool
  /// Why it, or what is not in `planned` of it, cannot be carried out, where that was known when the run was made
  /// (a rollback): what can be done is done, and it ends `blocked`.
  package var blocked: String?
  package var predecessor: Predecessor?
  /// When the change that this one takes back had ended, as applied, in milliseconds since 1970; `nil` in a run that
  /// takes nothing back. A read that shows what is to be restored may be older than that.
  package var undoneAt: Int?
  package var row: ChangeRow
  /// The record of `row.recordAttempt`.
  package var record: PriorRecord?

  package init(
    number: Int, group: GroupReference, planned: GroupModification, expected: GroupModification = GroupModification(),
    hasSuccessor: Bool = false, blocked: String? = nil, predecessor: Predecessor? = nil, undoneAt: Int? = nil,
    row: ChangeRow = ChangeRow(), record: PriorRecord? = nil
  ) {
    self.number = number
    self.group = group
    self.planned = planned
    self.expected = expected
    self.hasSuccessor = hasSuccessor
    self.blocked = blocked
    self.predecessor = predecessor
    self.undoneAt = undoneAt
    self.row = row
    self.record = record
  }
}
