import Testing

@testable import fleetplan_bench

struct WindowCountTests {
  @Test func `the mean counts intervals, and the last second is not whole`() {
    let window = WindowCount(milliseconds: (0...30).map { $0 * 100 })
    #expect(window.count == 31)
    #expect(window.mean == 10)
    #expect(window.perSecond == [10, 10, 10])
    #expect(window.median == 10)
    // Ten intervals of 100 ms are a second: the eleventh request is no longer in it.
    #expect(window.largest == 10)
    #expect(window.holds(rate: 10))
  }

  @Test func `a burst is found wherever it lies`() {
    // Five at the end of one second and eight at the beginning of the next.
    let times = [0, 900, 910, 920, 930, 940, 1_850] + (0..<8).map { 1_000 + $0 } + [2_500]
    let window = WindowCount(milliseconds: times.shuffled())
    #expect(window.largest == 14)
    #expect(window.perSecond == [6, 9])
    #expect(!window.holds(rate: 6))
  }

  @Test func `a window of exactly the bound holds, and one more does not`() {
    let hundred = (0..<1_000).map { $0 * 10 }
    #expect(WindowCount.bound(rate: 100) == 102)
    #expect(WindowCount(milliseconds: hundred + [5_001, 5_002]).largest == 102)
    #expect(WindowCount(milliseconds: hundred + [5_001, 5_002]).holds(rate: 100))
    #expect(!WindowCount(milliseconds: hundred + [5_001, 5_002, 5_003]).holds(rate: 100))
  }

  @Test func `a mean off by more than a hundredth does not hold`() {
    #expect(WindowCount(milliseconds: (0...200).map { $0 * 100 }).holds(rate: 10))
    #expect(!WindowCount(milliseconds: (0...200).map { $0 * 102 }).holds(rate: 10))
    #expect(!WindowCount(milliseconds: (0...200).map { $0 * 98 }).holds(rate: 10))
  }

  @Test(arguments: [[], [7]]) func `too few requests have no rate`(times: [Int]) {
    let window = WindowCount(milliseconds: times)
    #expect(window.count == times.count)
    #expect(window.largest == times.count)
    #expect(window.mean == 0)
    #expect(!window.holds(rate: 10))
  }
}
