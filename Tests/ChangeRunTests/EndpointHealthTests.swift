import Testing

@testable import ChangeRun

@Suite struct EndpointHealthTests {
  private static let second = 1_000_000_000

  @Test func `before the first answer every failure is the endpoint's`() {
    var health = EndpointHealth()
    #expect(health.failed(connected: false, now: 5) == false)
    #expect(health.unreachableSince == 5)
    #expect(!health.hasConnected)
    #expect(!health.hasAnswered)
  }

  @Test func `a failure between answers is the request's own`() {
    var health = EndpointHealth()
    health.answered()
    #expect(health.failed(connected: true, now: 1) == true)
    #expect(!health.isUnreachable)
    health.answered()
    #expect(health.failed(connected: true, now: 2) == true)
  }

  @Test func `two without an answer between them make it unreachable, since the first`() {
    var health = EndpointHealth()
    health.answered()
    _ = health.failed(connected: true, now: 1)
    #expect(health.failed(connected: false, now: 7) == false)
    #expect(health.unreachableSince == 1)
    health.answered()
    #expect(!health.isUnreachable)
  }

  @Test func `probes come more and more slowly, 5 seconds apart at most`() {
    var health = EndpointHealth()
    var now = 0
    var waits: [Int] = []
    for _ in 1...8 {
      _ = health.failed(connected: false, now: now)
      waits.append((health.nextProbe - now) / 1_000_000)
      now = health.nextProbe
    }
    #expect(waits == [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
    health.answered()
    _ = health.failed(connected: false, now: now)
    _ = health.failed(connected: false, now: now)
    #expect(health.nextProbe - now == 250_000_000)
  }
}
