import ChangeRun
import Testing

@testable import Reports

struct ProgressTextTests {
  private static func progress(
    finished: Int = 123, failed: Int = 0, blocked: Int = 0, total: Int = 400, inFlight: Int = 0,
    waiting: [WaitCause: Int] = [:], hold: HoldReason = .rate(2)
  ) -> RunProgress {
    var counts = RunCounts(total: total)
    counts.failed = failed
    counts.blocked = blocked
    counts.succeeded = finished - failed - blocked
    return RunProgress(
      counts: counts, requests: RequestCounts(), inFlight: inFlight, waiting: waiting, rate: 2, effectiveRate: 2,
      concurrency: 8, throttled: 0, hold: hold)
  }

  /// One change and two requests every second, up to 123 of them.
  private static let steady: RecentRates = {
    var rates = RecentRates()
    for second in 0...123 { rates.add(seconds: Double(second), finished: second, requests: 2 * second) }
    return rates
  }()

  private static let busy = progress(
    failed: 3, blocked: 1, waiting: [.busy: 12, .retry: 2, .settle: 1, .prompt: 7], hold: .rate(2))
  private static let outage = progress(
    waiting: [.outage: 8], hold: .endpointUnreachable(seconds: 75, reason: "connection refused by 127.0.0.1:8790"))

  @Test(arguments: [
    (
      80, busy,
      [
        "[######--------------] 123/400 (30%), ETA 4–5 min",
        "3 failed, 1 blocked, 1 changes/s, 2 requests/s, rate limit 2/s",
        "12 groups scaling, 3 retrying",
      ]
    ),
    (
      200, busy,
      [
        "[############----------------------------] 123/400 (30%), ETA 4–5 min",
        "3 failed, 1 blocked, 1 changes/s, 2 requests/s, rate limit 2/s, 12 groups scaling, 3 retrying",
      ]
    ),
    (
      40, busy,
      [
        "[###-------] 123/400 (30%), ETA 4–5 min",
        "3 failed, 1 blocked, 1 changes/s",
        "2 requests/s, rate limit 2/s, 12 group…",
      ]
    ),
    (20, busy, ["123/400 (30%)", "ETA 4–5 min", "3 failed, 1 blocke…"]),
    (
      80, outage,
      [
        "[######--------------] 123/400 (30%)",
        "endpoint unreachable for 1 min 15 s (connection refused by 127.0.0.1:8790)",
      ]
    ),
    (
      40, outage,
      [
        "[###-------] 123/400 (30%)", "endpoint unreachable for 1 min 15 s (c…",
      ]
    ),
    (
      80, progress(finished: 0, total: 0),
      ["[####################] 0/0 (100%)", "1 changes/s, 2 requests/s, rate limit 2/s"]
    ),
  ])
  func `a terminal gets lines that fit it`(columns: Int, progress: RunProgress, lines: [String]) {
    let drawn = ProgressText(progress, Self.steady).lines(columns: columns)
    #expect(drawn == lines)
    #expect(drawn.allSatisfy { DisplayText.width($0) < columns })
  }

  @Test(arguments: 1...220)
  func `no width is too narrow, and no text too wide`(columns: Int) {
    var wide = Self.outage
    wide.hold = .endpointUnreachable(seconds: 9, reason: "集群 👩‍👩‍👧 e\u{301}\u{1B}[2J " + String(repeating: "é", count: 300))
    for progress in [Self.busy, Self.outage, wide] {
      let lines = ProgressText(progress, Self.steady).lines(columns: columns)
      #expect(lines.count <= 3)
      for line in lines {
        #expect(DisplayText.width(line) <= max(columns - 1, 1), "\(line)")
        #expect(!line.contains("\u{1B}"))
      }
    }
  }

  @Test(arguments: [
    (HoldReason.nothing, [WaitCause: Int](), [String]()),
    (.rate(0.5), [:], ["rate limit 0.5/s"]),
    (.throttled(12.34), [:], ["slowed down by the service to 12/s"]),
    (.waiting, [.busy: 1], ["1 group scaling"]),
    (.waiting, [.prompt: 2], ["waiting"]),
    (.token, [:], ["waiting for a token"]),
    (.endpointUnreachable(seconds: 3, reason: ""), [:], ["endpoint unreachable for 3 s"]),
    (.endpointUnreachable(seconds: 0, reason: "x"), [:], ["endpoint unreachable for 0 s (x)"]),
    (.wavePause(seconds: 90), [:], ["pause between waves, 1 min 30 s left"]),
    (.stopping(.signal), [.verify: 1, .stable: 2], ["stopping, 5 in flight", "1 being read back", "2 stabilizing"]),
  ])
  func `what holds a run back is said`(hold: HoldReason, waiting: [WaitCause: Int], causes: [String]) {
    #expect(ProgressText(Self.progress(inFlight: 5, waiting: waiting, hold: hold), RecentRates()).causes == causes)
  }

  @Test func `the rate limit is no cause where clearly less is sent`() {
    let progress = Self.progress(waiting: [.busy: 6], hold: .rate(20))
    #expect(ProgressText(progress, Self.steady).causes == ["6 groups scaling"])
  }

  @Test func `a log gets one line, and at the end only what came of it`() {
    let text = ProgressText(Self.busy, Self.steady)
    #expect(
      text.line == "123/400 (30%), 3 failed, 1 blocked, 1 changes/s, 2 requests/s, rate limit 2/s, "
        + "12 groups scaling, 3 retrying, ETA 4–5 min")
    #expect(text.lastLine == "123/400 (30%), 3 failed, 1 blocked")
  }

  @Test(arguments: [
    HoldReason.waiting, .token, .endpointUnreachable(seconds: 1, reason: "x"), .wavePause(seconds: 1),
    .stopping(.signal),
  ])
  func `where the pace says nothing about what is to come there is no estimate`(hold: HoldReason) {
    #expect(!ProgressText(Self.progress(hold: hold), Self.steady).line.contains("ETA"))
  }
}
