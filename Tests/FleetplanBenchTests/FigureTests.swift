import JSONText
import Testing

@testable import fleetplan_bench

struct FigureTests {
  @Test(arguments: [([], 0), ([3], 3), ([5, 1, 3], 3), ([4, 1, 3, 2], 2.5), ([2, 2, 9], 2)] as [([Double], Double)])
  func `the median is in the middle`(samples: [Double], median: Double) {
    #expect(samples.median == median)
  }

  @Test(
    arguments: [
      (.atMost(2), true), (.atMost(1.9), false), (.atLeast(2), true), (.atLeast(2.1), false),
      (.ratioAtMost(0.5), true), (.ratioAtMost(0.4), false), (.ratioAtLeast(0.5), true), (.ratioAtLeast(0.6), false),
    ] as [(Figure.Bar, Bool)])
  func `a bar is held by the median, or by its ratio to the reference's`(bar: Figure.Bar, holds: Bool) {
    let figure = Figure(
      "x", rows: 1, unit: .seconds, samples: [9, 2, 1], reference: .init(name: "y", samples: [4, 100, 1]), bar: bar)
    #expect(figure.median == 2)
    #expect(figure.ratio == 0.5)
    #expect(figure.holds == holds)
  }

  @Test func `a ratio without a reference is no verdict`() {
    #expect(Figure("x", rows: 1, unit: .seconds, samples: [1], bar: .ratioAtMost(1)).holds == nil)
    #expect(Figure("x", rows: 1, unit: .seconds, samples: [1]).holds == nil)
    let idle = Figure.Reference(name: "y", samples: [0])
    #expect(Figure("x", rows: 1, unit: .seconds, samples: [1], reference: idle, bar: .ratioAtMost(1)).holds == nil)
  }

  @Test func `memory is the most of all repetitions, processor time the median for a change`() {
    let usages = [(30, 2.0), (50, 1.0), (10, 9.0)].map {
      MeasuredProgram.Usage(seconds: 1, processorSeconds: $0.1, peakBytes: $0.0)
    }
    let figure = Figure("x", rows: 1_000, unit: .seconds, samples: [1, 1, 1], usage: usages)
    #expect(figure.peakBytes == 50)
    #expect(figure.processorMicroseconds == 2_000)
    #expect(Figure.peak("x", rows: 1, usages, bar: nil).unit == .megabytes)
  }

  private static let table = FigureTable(figures: [
    Figure(
      "load csv", rows: 1_000_000, unit: .seconds, samples: [3, 4, 2.5],
      reference: .init(name: "sqlite3 .import", samples: [2]), bar: .ratioAtMost(2),
      usage: [.init(seconds: 3, processorSeconds: 4, peakBytes: 40 << 20)]),
    Figure("run", rows: 10, unit: .requestsPerSecond, samples: [12_345], bar: .atLeast(20_000)),
  ])

  @Test func `the table has each figure beside its reference and bar`() {
    #expect(
      Self.table.text == """
        | work     | rows      | median            | least … most | reference               | ratio | bar                 |        | peak RSS | CPU a change |
        |----------|-----------|-------------------|--------------|-------------------------|-------|---------------------|--------|----------|--------------|
        | load csv | 1,000,000 | 3.00 s            | 2.50 … 4.00  | sqlite3 .import: 2.00 s | 1.50  | ≤ 2.00 ×            | holds  | 40.0 MB  | 4.00 µs      |
        | run      | 10        | 12,345 requests/s |              |                         |       | ≥ 20,000 requests/s | MISSED |          |              |
        """)
  }

  @Test func `the document has the same, with all samples`() throws {
    let node = try JSONParser.parse(Array(Self.table.json.utf8))
    let figures = try #require(node["figures"]?.arrayValue)
    #expect(figures.map { $0["work"]?.stringValue } == ["load csv", "run"])
    #expect(figures[0]["samples"]?.arrayValue?.count == 3)
    #expect(figures[0]["reference"]?.stringValue == "sqlite3 .import")
    #expect(figures[0]["holds"]?.boolValue == true)
    #expect(figures[0]["peak_rss_bytes"]?.integerValue == 40 << 20)
    #expect(figures[1]["holds"]?.boolValue == false)
    #expect(figures[1]["reference"]?.isNull == true)
  }

  @Test func `growth goes up to the size by tens`() {
    #expect(AllCommand.sizes(upTo: 1_000_000, growth: false) == [1_000_000])
    #expect(AllCommand.sizes(upTo: 1_000_000, growth: true) == [10_000, 100_000, 1_000_000])
    #expect(AllCommand.sizes(upTo: 50_000, growth: true) == [10_000, 50_000])
    #expect(AllCommand.sizes(upTo: 10_000, growth: true) == [10_000])
  }

  @Test func `commits are read from the log, between lines for people`() throws {
    let log = """
      run 1: 10 changes
      {"level":"debug","message":"credentials","metadata":{"source":"none"}}
      {"level":"debug","message":"session ended","commits":"17","elapsed_ms":"900"}
      """
    #expect(try RunMeasurement.commits(in: log) == 17)
    #expect(throws: BenchError.self) { try RunMeasurement.commits(in: "nothing\n") }
  }
}
