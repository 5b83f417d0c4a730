import ChangeRun
import GRDB
import Ledger
import Testing

/// The clock is set back or forward by an hour between two sessions of a run.
@Suite struct ClockJumpTests {
  private static let hour = 3_600_000

  @Test(arguments: [-hour, 0, hour])
  func `no wait becomes longer than it was meant to be`(jump: Int) async throws {
    let now = 2 * Self.hour
    let book = try RunBook(csvPlan(groups: 4))
    _ = try await book.claim(.fresh(through: 4), limit: 3, now: now)
    // `wait` means ten milliseconds.
    _ = try await book.submit([
      book.wait(1, .retry, until: now + 10), book.wait(2, .busy, until: now + 10),
      book.wait(3, .settle, until: now + 10),
    ])
    let later = now + jump
    let next = try book.reopened(now: later)
    let due = try await next.writer.database.read {
      try Int.fetchAll($0, sql: "SELECT due_at FROM run_change ORDER BY id")
    }
    #expect(due.count == 3)
    #expect(due.allSatisfy { $0 <= later + 10 })
    // What was due stays due.
    if jump >= 0 { #expect(due.allSatisfy { $0 == now + 10 }) }
  }

  @Test(arguments: [-hour, 0, hour])
  func `a PUT that was lost is not trusted any sooner`(jump: Int) async throws {
    let book = try RunBook(csvPlan(groups: 4))
    _ = try await book.claim(.fresh(through: 4), limit: 2, now: 1_600)
    var answered = book.wait(2, .settle, until: 1_700)
    answered.row.attempts = 1
    answered.row.recordAttempt = 1
    answered.row.effectiveAttempt = 1
    answered.row.applied = .unknown
    answered.row.lostAt = 1_650
    // The first one is on the way when the process dies, the answer to the second one was lost.
    _ = try await book.submit([book.intent(1), book.intent(2), answered])
    let later = 1_700 + Self.hour + jump
    let next = try book.reopened(now: later)
    let lost = try await next.writer.database.read {
      try Int.fetchAll($0, sql: "SELECT lost_at FROM run_change ORDER BY id")
    }
    // Wherever the clock stands: the next PUT waits one request timeout from now on.
    #expect(lost == [later, later])
  }
}
