import ChangeRun
import Reports
import TestSupport
import Testing

struct RecentRatesTests {
  private static func counts(_ finished: Int, of total: Int) -> RunCounts {
    var counts = RunCounts(total: total)
    counts.succeeded = finished
    return counts
  }

  /// The rates after so many seconds with a look each.
  private static func rates(_ seconds: Int, startingAt start: Int = 0, finished: (Int) -> Int) -> RecentRates {
    var rates = RecentRates()
    for second in 0...seconds {
      rates.add(seconds: Double(second), finished: start + finished(second), requests: 2 * finished(second))
    }
    return rates
  }

  @Test func `rates are those of the last ten seconds`() {
    let rates = Self.rates(100) { $0 <= 90 ? 0 : ($0 - 90) * 3 }
    #expect(rates.changesPerSecond == 3)
    #expect(rates.requestsPerSecond == 6)
    #expect(RecentRates().changesPerSecond == nil)
    #expect(Self.rates(0) { $0 }.changesPerSecond == nil)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var rates: RecentRates
    var finished: Int
    var total: Int
    var text: String?

    init(_ name: String, _ rates: RecentRates, _ finished: Int, of total: Int, _ text: String?) {
      self.name = name
      self.rates = rates
      self.finished = finished
      self.total = total
      self.text = text
    }

    var testDescription: String { "\(name): \(text ?? "nothing")" }
  }

  @Test(arguments: [
    Case("even: the range is what rounding makes it", rates(60) { 10 * $0 }, 600, of: 3_000, "4–5 min"),
    Case("even, little left", rates(60) { 10 * $0 }, 600, of: 700, "10–11 s"),
    Case("every other second nothing", rates(60) { 20 * (($0 + 1) / 2) }, 600, of: 3_000, "3–5 min"),
    Case("two bursts of 10 s", rates(60) { 10 * ($0 / 30 * 10 + min($0 % 30, 10)) }, 200, of: 3_000, "7 min – 2 h"),
    Case("one burst", rates(60) { 10 * min($0, 10) }, 100, of: 3_000, "at least 12 min"),
    Case("one burst, little left", rates(60) { 10 * min($0, 10) }, 100, of: 110, nil),
    Case("then at a quarter", rates(60) { $0 <= 30 ? 4 * $0 : 90 + $0 }, 150, of: 1_500, "6–15 min"),
    Case("stopped a minute ago", rates(120) { min($0, 60) * 10 }, 600, of: 3_000, nil),
    Case("nothing yet", rates(10) { _ in 0 }, 0, of: 3_000, nil),
    Case("nine, less than 1 %", rates(9) { $0 }, 9, of: 1_000, nil),
    Case("nine, 1 %", rates(9) { $0 }, 9, of: 900, "14–15 min"),
    Case("ten", rates(10) { $0 }, 10, of: 1_001, "16–17 min"),
    Case("nothing left", rates(10) { $0 }, 10, of: 10, nil),
    Case("too young to tell a spread", rates(2) { 100 * $0 }, 200, of: 1_000, nil),
    Case("resumed: nine of this session", rates(9, startingAt: 500) { $0 }, 509, of: 1_000, nil),
  ])
  func `the time left is a range as wide as the pace is uneven`(example: Case) {
    #expect(example.rates.timeLeft(Self.counts(example.finished, of: example.total))?.text == example.text)
  }

  @Test func `nineteen of twenty ranges hold, where changes end at random`() {
    var held = 0
    let seeds = UInt64(1)...400
    for seed in seeds {
      var generator = SeededGenerator(seed: seed)
      // In each tenth of a second a change ends or does not.
      let ends = (0..<3_000).map { _ in Int.random(in: 0..<3, using: &generator) == 0 ? 1 : 0 }
      var finished = 0
      var rates = RecentRates()
      for (tenth, end) in ends.prefix(600).enumerated() {
        rates.add(seconds: Double(tenth) / 10, finished: finished, requests: 0)
        finished += end
      }
      let total = finished + 300
      guard let left = rates.timeLeft(Self.counts(finished, of: total)), let most = left.most else { continue }
      var later = 600
      while finished < total, later < ends.count {
        finished += ends[later]
        later += 1
      }
      if finished == total, (left.least...most).contains(Double(later - 600) / 10) { held += 1 }
    }
    // Twelve stretches tell a spread roughly.
    #expect(held >= seeds.count * 85 / 100, "\(held) of \(seeds.count)")
  }

  @Test func `a clock that was set back begins anew`() {
    var rates = Self.rates(60) { 10 * $0 }
    rates.add(seconds: 5, finished: 610, requests: 0)
    #expect(rates.changesPerSecond == nil)
    for second in 6...20 { rates.add(seconds: Double(second), finished: 610 + second, requests: 0) }
    #expect(rates.timeLeft(Self.counts(630, of: 730))?.text != nil)
  }

  @Test(
    arguments: [
      (0, 0.4, "under 1 s"), (3.2, 4.1, "3–5 s"), (5, 5, "5–6 s"), (12, 16, "12–20 s"), (31, 44, "30–45 s"),
      (50, 100, "50 s – 2 min"), (241, 355, "4–6 min"), (3_000, 3_700, "50–65 min"), (5_000, 6_000, "80 min – 2 h"),
      (6_000, 9_100, "1.5–3 h"), (200_000, 201_000, "55–56 h"), (250, nil, "at least 4 min"),
    ] as [(Double, Double?, String)])
  func `a range is rounded away from its middle`(least: Double, most: Double?, text: String) {
    #expect(TimeLeft(least: least, most: most).text == text)
  }
}
