import AutoScaling
package import ChangeRun
import DequeModule
import Dispatch
package import GRDB
import Synchronization

/// The ledger's side of a run that is being carried out: claims, facts, group commit.
///
/// Everything goes through one mailbox to one serial queue. It drains what has come into one transaction and tells
/// the run only after the commit: an intent is durable then, a claim's answer holds, a held change is released.
/// Nobody waits on purpose: while one transaction is being written, the next one gathers.
package final class RunStore: Sendable {
  /// One transaction takes at most this many facts and claims.
  static let batchLimit = 4_096

  /// What the executor knows and the run's row keeps.
  package struct Totals: Sendable, Hashable {
    package var requests: RequestCounts
    package var instancesRemoved: Int
    /// How long this session has gone on, in milliseconds.
    package var sessionElapsed: Int

    package init(requests: RequestCounts, instancesRemoved: Int, sessionElapsed: Int) {
      self.requests = requests
      self.instancesRemoved = instancesRemoved
      self.sessionElapsed = sessionElapsed
    }
  }

  enum Message: Sendable {
    case fact(RunFact)
    case claim(ClaimKind, limit: Int, now: Int)
    case work(@Sendable (Database) throws -> Void)
    /// Called on the store's queue after the commit of everything before it.
    case barrier(@Sendable () -> Void)
  }

  private struct Mailbox {
    var messages: Deque<Message> = []
    var totals: Totals?
    var isDraining = false
    /// Nothing more is written: the ledger could not be, or the store is closed.
    var hasFailed = false
  }

  package let run: RunIdentity
  private let queue: DispatchQueue
  private let writer: LedgerWriter
  private let mailbox = Mutex(Mailbox())
  /// Statements and the claim window: touched only on the writer's connection, within `queue`.
  private let session: RunStoreSession
  private let deliver: @Sendable ([RunEvent]) -> Void
  private let ended: (@Sendable (Int) -> Void)?
  private let failed: @Sendable (any Error) -> Void

  /// - Parameters:
  ///   - writer: the ledger, whose executor lock the caller holds.
  ///   - run: the run that is carried out.
  ///   - deliver: gets the events of each commit, on the store's queue.
  ///   - ended: gets the number of each change whose end has become durable, before `deliver`; for crash tests.
  ///   - failed: told once when the ledger could not be written; nothing is written after that.
  /// - Throws: `LedgerError` where the ledger cannot be read, or its schema is not the expected one.
  package init(
    writer: LedgerWriter, run: RunIdentity, deliver: @escaping @Sendable ([RunEvent]) -> Void,
    ended: (@Sendable (Int) -> Void)? = nil, failed: @escaping @Sendable (any Error) -> Void
  ) throws {
    self.writer = writer
    self.run = run
    self.deliver = deliver
    self.ended = ended
    self.failed = failed
    queue = DispatchQueue(label: "fleetplan.ledger.run")
    do {
      session = try writer.database.inDatabase { try RunStoreSession($0, run: run) }
    } catch {
      throw LedgerError.wrapping(error, path: writer.path)
    }
  }

  /// Hands over what one event of the run has brought about, in order.
  package func submit(_ facts: [RunFact], claims: [(kind: ClaimKind, limit: Int)], now: Int, totals: Totals) {
    enqueue { mailbox in
      for fact in facts { mailbox.messages.append(.fact(fact)) }
      for claim in claims { mailbox.messages.append(.claim(claim.kind, limit: claim.limit, now: now)) }
      mailbox.totals = totals
    }
  }

  /// Writes something else in the next transaction.
  package func submit(_ work: @escaping @Sendable (Database) throws -> Void) {
    enqueue { $0.messages.append(.work(work)) }
  }

  /// Calls back on the store's queue when everything that was submitted before is durable.
  ///
  /// After a failure of the ledger it calls back at once: nothing more will become durable.
  package func flush(_ done: @escaping @Sendable () -> Void) {
    enqueue { $0.messages.append(.barrier(done)) }
  }

  /// Ends the store: everything that was submitted before is durable when it calls back, nothing may follow.
  ///
  /// The connection can be closed then.
  package func close(_ done: @escaping @Sendable () -> Void) {
    flush { [self] in
      mailbox.withLock { $0.hasFailed = true }
      writer.database.inDatabase { _ in session.close() }
      done()
    }
  }

  /// How many transactions were committed, for measurements. On the store's queue, or after `flush`.
  package var commits: Int { session.commits }

  // MARK: The queue

  private func enqueue(_ change: (inout sending Mailbox) -> Void) {
    let mustWake = mailbox.withLock { mailbox in
      change(&mailbox)
      guard !mailbox.isDraining else { return false }
      mailbox.isDraining = true
      return true
    }
    if mustWake { queue.async { [self] in drain() } }
  }

  private func drain() {
    while true {
      let (batch, totals, hasFailed): ([Message], Totals?, Bool) = mailbox.withLock { mailbox in
        let count = min(mailbox.messages.count, Self.batchLimit)
        let batch = Array(mailbox.messages.prefix(count))
        mailbox.messages.removeFirst(count)
        if batch.isEmpty { mailbox.isDraining = false }
        defer { mailbox.totals = nil }
        return (batch, mailbox.totals, mailbox.hasFailed)
      }
      if batch.isEmpty { return }
      if !hasFailed { write(batch, totals) }
      for case .barrier(let done) in batch { done() }
    }
  }

  private func write(_ batch: [Message], _ totals: Totals?) {
    do {
      let events = try writer.write { database in try session.apply(batch, totals: totals, to: database) }
      // What is committed to a file that nobody will find again is no record: nothing is sent for it.
      try writer.assertInPlace()
      if let ended {
        for case .fact(let fact) in batch where fact.row.state.isTerminal { ended(fact.number) }
      }
      if !events.isEmpty { deliver(events) }
    } catch {
      mailbox.withLock { $0.hasFailed = true }
      failed(error)
    }
  }
}

/// Which run, and the way through its plan.
package struct RunIdentity: Sendable, Hashable {
  package var id: Int
  package var planID: Int
  /// The changes come from `restore_change`, not from the plan.
  package var isRollback: Bool
  /// From the last change to the first.
  package var isDescending: Bool
  /// Only what is in doubt is claimed.
  package var isAbandoning: Bool

  package init(id: Int, planID: Int, isRollback: Bool, isDescending: Bool, isAbandoning: Bool = false) {
    self.id = id
    self.planID = planID
    self.isRollback = isRollback
    self.isDescending = isDescending
    self.isAbandoning = isAbandoning
  }

  /// The id below all ids of the run's changes.
  var base: Int { id << 32 }
  /// The id below all ids of the plan's changes.
  var planBase: Int { planID << 32 }
  /// What cuts a change's number out of its id.
  static let numberMask = 0xFFFF_FFFF
}
