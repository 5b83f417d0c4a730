import AutoScaling
import ChangeRun
import GRDB
import Ledger
import Synchronization
import Testing

@Suite struct RunStoreTests {
  @Test func `fresh changes are claimed in plan order and each only once`() async throws {
    let book = try RunBook(csvPlan(groups: 5))
    let first = try await book.claim(.fresh(through: 5), limit: 3)
    #expect(first.changes.map(\.number) == [1, 2, 3])
    #expect(!first.isExhausted)
    let second = try await book.claim(.fresh(through: 5), limit: 3)
    #expect(second.changes.map(\.number) == [4, 5])
    #expect(second.isExhausted)
    #expect(first.changes[0].group == GroupReference(projectID: "project-a", groupID: "group-1"))
    #expect(first.changes[0].planned == GroupModification([.desireInstanceNumber: .integer(2)]))
  }

  @Test func `a wave ends the claim`() async throws {
    let book = try RunBook(csvPlan(groups: 5))
    let answer = try await book.claim(.fresh(through: 2), limit: 10)
    #expect(answer.changes.map(\.number) == [1, 2])
    #expect(answer.isExhausted)
    #expect(try await book.claim(.fresh(through: 5), limit: 10).changes.map(\.number) == [3, 4, 5])
  }

  @Test func `an intent is told durable and its record can be read by others`() async throws {
    let book = try RunBook(csvPlan(groups: 1))
    _ = try await book.claim(.fresh(through: 1), limit: 1)
    let events = try await book.submit([book.intent(1)])
    #expect(events.contains { if case .recordDurable(1) = $0 { true } else { false } })
    let record = try book.row("SELECT field, prior, planned, restorable FROM rollback_record")
    #expect(record == ["desire_instance_number", "7", "2", "1"])
    #expect(try book.row("SELECT state, attempts, applied FROM change_report") == ["sending", "1", "no"])
    #expect(try book.row("SELECT method, outcome FROM attempt_report") == ["PUT", "in_flight"])
  }

  @Test func `an end is never left`() async throws {
    let book = try RunBook(csvPlan(groups: 1))
    _ = try await book.claim(.fresh(through: 1), limit: 1)
    _ = try await book.submit([book.intent(1), book.end(1, .succeeded)])
    await #expect(throws: (any Error).self) { _ = try await book.submit([book.end(1, .failed)]) }
    #expect(try book.row("SELECT state FROM change_report") == ["succeeded"])
  }

  @Test func `a record is never overwritten`() async throws {
    let book = try RunBook(csvPlan(groups: 1))
    _ = try await book.claim(.fresh(through: 1), limit: 1)
    _ = try await book.submit([book.intent(1)])
    await #expect(throws: (any Error).self) { _ = try await book.submit([book.intent(1, prior: 99)]) }
    #expect(try book.row("SELECT prior FROM rollback_record") == ["7"])
  }

  @Test func `a waiting change comes back when it is due and not while it is in hand`() async throws {
    let book = try RunBook(csvPlan(groups: 2))
    _ = try await book.claim(.fresh(through: 2), limit: 2)
    _ = try await book.submit([book.wait(1, .retry, until: 5_000), book.wait(2, .busy, until: 4_000)])
    let early = try await book.claim(.due, limit: 5, now: 4_500)
    #expect(early.changes.isEmpty)
    #expect(early.isExhausted)
    #expect(early.nextDueAt == 5_000)
    #expect(try await book.claim(.busy, limit: 5, now: 4_500).changes.map(\.number) == [2])
    #expect(try await book.claim(.busy, limit: 5, now: 4_500).changes.isEmpty)
    let due = try await book.claim(.due, limit: 5, now: 5_000)
    #expect(due.changes.map(\.number) == [1])
    #expect(due.changes.first?.row.wait == ChangeWait(cause: .retry, dueAt: 5_000, delay: 10))
  }

  @Test func `a later change of a group is held until the one before has ended`() async throws {
    let book = try RunBook(csvPlan([("p", "a", 1), ("p", "a", 2), ("p", "b", 3)]))
    let claimed = try await book.claim(.fresh(through: 3), limit: 10)
    #expect(claimed.changes.map(\.number) == [1, 3])
    #expect(claimed.changes[0].hasSuccessor)
    #expect(try await book.claim(.due, limit: 10, now: 9_000).changes.isEmpty)
    let events = try await book.submit([book.intent(1), book.end(1, .failed, hasSuccessor: true)])
    #expect(events.contains { if case .released = $0 { true } else { false } })
    let released = try await book.claim(.due, limit: 10, now: 9_000)
    #expect(released.changes.map(\.number) == [2])
    #expect(released.changes.first?.predecessor?.state == .failed)
  }

  @Test func `a new session goes on behind the cursor and finds what was left`() async throws {
    let book = try RunBook(csvPlan(groups: 6))
    _ = try await book.claim(.fresh(through: 6), limit: 4)
    // 2 has ended, 1 and 3 were only in memory, 4 was being sent.
    _ = try await book.submit([book.intent(2), book.end(2, .succeeded), book.intent(4)])
    let next = try book.reopened()
    #expect(next.start.inDoubt == 1)
    #expect(next.start.counts.succeeded == 1)
    #expect(next.start.waiting == [.prompt: 1])
    let doubt = try await next.claim(.due, limit: 5, now: 1_000_000)
    #expect(doubt.changes.map(\.number) == [4])
    #expect(doubt.changes.first?.row.applied == .unknown)
    #expect(doubt.changes.first?.row.effectiveAttempt == 1)
    #expect(doubt.changes.first?.record?.prior == GroupModification([.desireInstanceNumber: .integer(7)]))
    #expect(try await next.claim(.fresh(through: 6), limit: 10).changes.map(\.number) == [1, 3, 5, 6])
    #expect(
      try next.row("SELECT outcome, error_code FROM attempt_report WHERE change = 4") == ["lost", "FP.INTERRUPTED"])
  }

  @Test func `a wait is not longer than it was meant to be when the clock was set back`() async throws {
    let book = try RunBook(csvPlan(groups: 1))
    _ = try await book.claim(.fresh(through: 1), limit: 1)
    _ = try await book.submit([book.wait(1, .retry, until: 9_000_000)])
    // The new session begins hours earlier by the wall clock; the wait was 10 ms.
    let next = try book.reopened(now: 1_000)
    #expect(try await next.claim(.due, limit: 1, now: 1_010).changes.map(\.number) == [1])
  }

  @Test func `the counts and totals are those of the last commit`() async throws {
    let book = try RunBook(csvPlan(groups: 3))
    _ = try await book.claim(.fresh(through: 3), limit: 3)
    _ = try await book.submit(
      [book.intent(1), book.end(1, .succeeded), book.end(2, .unchanged), book.end(3, .blocked)],
      totals: RunStore.Totals(
        requests: RequestCounts(gets: 3, puts: 1, retries: 2), instancesRemoved: 4, sessionElapsed: 1_500))
    #expect(
      try book.row(
        "SELECT succeeded, unchanged, blocked, unfinished, gets, puts, retries, elapsed_seconds FROM run_report")
        == ["1", "1", "1", "0", "3", "1", "2", "1.5"])
  }

  @Test func `many facts share one commit`() async throws {
    let book = try RunBook(csvPlan(groups: 200))
    _ = try await book.claim(.fresh(through: 200), limit: 200)
    let before = book.store.commits
    _ = try await book.submit((1...200).map { book.end($0, .unchanged) })
    #expect(book.store.commits - before <= 2)
    #expect(try book.row("SELECT count(*) FROM change_report WHERE state = 'unchanged'") == ["200"])
  }

  @Test func `retrying the failed takes exactly them up again`() async throws {
    let book = try RunBook(csvPlan(groups: 3))
    _ = try await book.claim(.fresh(through: 3), limit: 3)
    _ = try await book.submit([book.end(1, .unchanged), book.end(2, .blocked), book.end(3, .conflicted)])
    try book.complete()
    let next = try book.reopened(retryFailed: true)
    #expect(next.start.counts.finished == 1)
    #expect(try await next.claim(.due, limit: 5, now: 1_000_000).changes.map(\.number) == [2, 3])
  }
}
