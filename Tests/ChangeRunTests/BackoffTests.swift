import Testing

@testable import ChangeRun

@Suite struct BackoffTests {
  private let backoff = Backoff(base: .milliseconds(500), cap: .seconds(60))

  @Test(arguments: [
    (0, 500), (1, 500), (2, 1_000), (3, 2_000), (4, 4_000), (5, 8_000), (6, 16_000), (7, 32_000), (8, 60_000),
    (9, 60_000), (1_000_000, 60_000),
  ])
  func `the upper end doubles up to the cap`(failures: Int, milliseconds: Int) {
    #expect(backoff.ceiling(afterFailures: failures) == milliseconds)
  }

  @Test func `nothing overflows with the longest durations`() {
    let long = Backoff(base: .seconds(86_400 * 3_650), cap: .seconds(86_400 * 3_650))
    #expect(long.ceiling(afterFailures: 100) == 315_360_000_000)
  }

  @Test func `the jitter is full`() {
    var random = SplitMix64(seed: 1)
    let waits = (1...2_000).map { _ in backoff.wait(afterFailures: 5, using: &random) }
    #expect(waits.min() ?? 8_000 < 100)
    #expect(waits.max() ?? 0 > 7_900)
    #expect(abs(waits.reduce(0, +) / waits.count - 4_000) < 300)
  }

  @Test func `Retry-After is a floor, with a little jitter above`() {
    var random = SplitMix64(seed: 1)
    let waits = (1...500).map { _ in backoff.wait(afterFailures: 8, floor: 10_000, using: &random) }
    #expect(waits.allSatisfy { (10_000...11_000).contains($0) })
    #expect(Set(waits).count > 100)
  }

  @Test func `polls grow from base to cap and stay between them`() {
    let poll = Backoff(base: .seconds(10), cap: .seconds(60))
    var random = SplitMix64(seed: 1)
    for _ in 1...200 {
      #expect((10_000...11_000).contains(poll.pollInterval(afterMilliseconds: 0, using: &random)))
      #expect((30_000...33_000).contains(poll.pollInterval(afterMilliseconds: 90_000, using: &random)))
      #expect((54_000...60_000).contains(poll.pollInterval(afterMilliseconds: 3_600_000, using: &random)))
    }
  }

  @Test func `the generator plays the same numbers again`() {
    var first = SplitMix64(seed: 42)
    var second = SplitMix64(seed: 42)
    #expect((1...10).map { _ in first.next() } == (1...10).map { _ in second.next() })
    // The first output for the seed 0, as in the reference implementation.
    var zero = SplitMix64(seed: 0)
    #expect(zero.next() == 0xE220_A839_7B1D_CDAF)
  }
}
