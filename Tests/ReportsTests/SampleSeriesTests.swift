import ChangeRun
import Ledger
import Testing

@testable import Reports

@Suite struct SampleSeriesTests {
  private func sample(
    _ elapsed: Int, at wall: Int? = nil, finished: Int = 0, requests: Int = 0, retries: Int = 0, throttled: Int = 0,
    rate: Double = 10, effective: Double = 10
  ) -> RunSample {
    RunSample(
      sampledAt: wall ?? elapsed, elapsed: elapsed, finished: finished, failed: 0,
      requests: RequestCounts(gets: requests, puts: 0, retries: retries), throttled: throttled, inFlight: 0,
      waiting: 0, rate: rate, effectiveRate: effective)
  }

  private func series(_ samples: [RunSample]) -> SampleSeries {
    var series = SampleSeries()
    for sample in samples { series.add(sample) }
    series.finish()
    return series
  }

  @Test func `counts become what happened between samples`() {
    let series = series([
      sample(10_000, requests: 100, retries: 2, throttled: 1), sample(20_000, requests: 150, retries: 2, throttled: 4),
    ])
    #expect(series.stretches.map(\.requests) == [100, 50])
    #expect(series.stretches.map(\.retries) == [2, 0])
    #expect(series.stretches.map(\.throttled) == [1, 3])
    #expect(series.stretches.map { $0.perSecond($0.requests) } == [10, 5])
    #expect(series.breaks.isEmpty && !series.isThinned)
  }

  @Test func `a pause is no work, and the count of throttling begins anew`() {
    let series = series([
      sample(10_000, at: 10_000, requests: 100, throttled: 5),
      sample(20_000, at: 9_000_000, requests: 200, throttled: 6),
    ])
    #expect(series.breaks == [10_000])
    #expect(series.stretches.map(\.length) == [10_000, 10_000])
    #expect(series.stretches.map(\.throttled) == [5, 6])
  }

  @Test func `the last moments are told with what was before`() {
    let series = series([sample(10_000, requests: 100), sample(10_005, requests: 102)])
    #expect(series.stretches.map(\.requests) == [102])
    #expect(series.stretches.map(\.end) == [10_005])
    // Nothing is before a run that was over at once.
    #expect(self.series([sample(5, requests: 2)]).stretches.map(\.requests) == [2])
  }

  @Test(arguments: [0, 1, 239, 240, 241, 20_000])
  func `however long a run, a few hundred points tell all of it`(count: Int) {
    let series = series(
      (0..<count).map {
        sample(($0 + 1) * 10_000, finished: $0, requests: ($0 + 1) * 100, effective: $0 == count / 2 ? 3 : 10)
      })
    #expect(series.stretches.count <= SampleSeries.limit)
    #expect(series.stretches.reduce(0) { $0 + $1.requests } == count * 100)
    #expect(series.stretches.reduce(0) { $0 + $1.length } == count * 10_000)
    #expect((series.stretches.map(\.effectiveRate).min() ?? 3) == 3)
    #expect(series.isThinned == (count >= SampleSeries.limit))
    #expect(series.sampleCount == count)
  }
}
