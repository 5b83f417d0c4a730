import Testing

@testable import ChangeRun

@Suite struct ThrottleTests {
  private static let second = 1_000_000_000

  @Test func `a refusal halves the rate, once a second`() {
    var throttle = Throttle(rate: 100)
    throttle.refused(now: 0, observed: 100)
    throttle.refused(now: Self.second / 2, observed: 100)
    #expect(throttle.effective == 50)
    throttle.refused(now: Self.second, observed: 50)
    #expect(throttle.effective == 25)
    #expect(throttle.count == 3)
    #expect(throttle.isActive)
  }

  @Test func `it recovers by a tenth a second and never goes above the rate`() {
    var throttle = Throttle(rate: 100)
    throttle.refused(now: 0, observed: 100)
    for second in 1...4 { throttle.recover(now: second * Self.second) }
    #expect(throttle.effective == 90)
    for second in 5...20 { throttle.recover(now: second * Self.second) }
    #expect(throttle.effective == 100)
    #expect(!throttle.isActive)
    #expect(throttle.nextRecovery == nil)
  }

  @Test func `it never stands still`() {
    var throttle = Throttle(rate: 10)
    for second in 0..<100 { throttle.refused(now: second * Self.second, observed: 1) }
    #expect(throttle.effective >= 0.1)
  }

  @Test func `an unlimited run starts from what it has sent, and becomes unlimited again`() {
    var throttle = Throttle(rate: 0)
    throttle.refused(now: 0, observed: 800)
    #expect(throttle.effective == 400)
    for second in 1...30 { throttle.recover(now: second * Self.second) }
    #expect(throttle.effective == 0)
    #expect(!throttle.isActive)
  }

  @Test(arguments: [(10.0, 100.0), (100, 10), (10, 0), (0, 10)])
  func `a new rate is in force at once while nothing holds it down`(old: Double, new: Double) {
    var throttle = Throttle(rate: old)
    if old > 0 {
      // Long ago, and recovered.
      throttle.refused(now: 0, observed: old)
      for second in 1...30 { throttle.recover(now: second * Self.second) }
    }
    throttle.setRate(new)
    #expect(throttle.effective == new)
    #expect(!throttle.isActive)
  }

  @Test func `what is held down stays down and recovers towards the new rate`() {
    var throttle = Throttle(rate: 10)
    throttle.refused(now: 0, observed: 10)
    throttle.setRate(100)
    #expect(throttle.effective == 5)
    throttle.recover(now: Self.second)
    #expect(throttle.effective == 15)
    throttle.setRate(8)
    #expect(throttle.effective == 8)
    throttle.refused(now: 5 * Self.second, observed: 8)
    throttle.setRate(0)
    #expect(throttle.effective == 4)
    for second in 6...40 { throttle.recover(now: second * Self.second) }
    #expect(throttle.effective == 0)
  }
}
