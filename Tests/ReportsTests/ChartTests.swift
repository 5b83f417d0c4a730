import Foundation
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ChartTests {
  @Test(arguments: [
    (0, [0, 1]), (1, [0, 0.5, 1]), (3, [0, 1, 2, 3]), (7, [0, 2, 4, 6, 8]), (10, [0, 5, 10]),
    (41, [0, 20, 40, 60]), (3_000, [0, 1_000, 2_000, 3_000]), (1_000_000, [0, 500_000, 1_000_000]),
    (.nan, [0, 1]), (.infinity, [0, 1]),
  ])
  func `an axis has round marks that hold the largest value`(largest: Double, marks: [Double]) {
    let axis = ChartAxis(upTo: largest)
    #expect(axis.marks.count == marks.count || axis.marks.last == marks.last, "\(axis.marks)")
    #expect(!largest.isFinite || axis.maximum >= largest)
    #expect(axis.marks.first == 0 && axis.marks.count <= 6)
    #expect(axis.share(axis.maximum) == 1 && axis.share(-1) == 0 && axis.share(axis.maximum * 2) == 1)
  }

  @Test(arguments: [0, 1, 7, 999, 61_000, 5_400_000, 100_000_000, 10_000_000_000])
  func `an axis of time has a few round marks`(duration: Int) {
    let axis = ChartAxis(duration: duration)
    #expect((1...6).contains(axis.marks.count), "\(axis.marks)")
    #expect(axis.marks.allSatisfy { $0 == $0.rounded() && $0 <= axis.maximum })
  }

  private func chart(_ points: [TimeChart.Point], isStepped: Bool = false, name: String = "sent") -> String {
    TimeChart(
      id: "c", title: "Requests", unit: "a second", lines: [.init(name: name, points: points, isStepped: isStepped)],
      duration: 1_000
    ).html.markup
  }

  @Test func `a line goes from point to point, a rate holds for its stretch`() {
    let points = [TimeChart.Point(time: 0, value: 0), .init(time: 500, value: 10), .init(time: 1_000, value: 5)]
    #expect(chart(points).contains("d=\"M48 188L258 12L468 100\""))
    #expect(chart(points, isStepped: true).contains("d=\"M48 188V12H258V100H468\""))
  }

  @Test func `a chart says in words what it shows, escaped`() throws {
    let markup = chart([.init(time: 0, value: 2), .init(time: 1_000, value: 1)], name: "<sent> & \"more\"")
    #expect(markup.contains("&lt;sent&gt; &amp; &quot;more&quot;: at most 2, at the end 1."))
    #expect(markup.contains("role=\"img\" aria-labelledby=\"c-title c-desc\""))
    // It is well-formed, as inline SVG and as XML.
    _ = try XMLDocument(xmlString: markup)
  }

  @Test func `a chart of one point, and one of none, can be drawn`() throws {
    for points in [[], [TimeChart.Point(time: 0, value: 0)]] {
      _ = try XMLDocument(xmlString: chart(points))
    }
    let none = DistributionChart(id: "d", title: "t", buckets: [], marks: []).html
    #expect(none.markup.isEmpty)
  }

  @Test func `every duration is in one bucket`() {
    var generator = SystemRandomNumberGenerator()
    for spread in [1, 5, 40, 1_000, 400_000] {
      let seed = Int.random(in: 0...5_000, using: &generator)
      var digest = LatencyDigest()
      for number in 0..<997 { digest.record(seed + (number * number) % spread) }
      let buckets = digest.buckets(30)
      #expect(buckets.reduce(0) { $0 + $1.count } == 997, "from \(seed), over \(spread)")
      #expect((1...30).contains(buckets.count), "from \(seed), over \(spread): \(buckets.count)")
      for (one, next) in zip(buckets, buckets.dropFirst()) {
        #expect(one.range.upperBound + 1 == next.range.lowerBound, "from \(seed), over \(spread)")
      }
      #expect(buckets.last.map { $0.range.upperBound >= digest.maximum } == true, "from \(seed), over \(spread)")
    }
    #expect(LatencyDigest().buckets(30).isEmpty)
  }

  @Test func `the distribution marks its percentiles`() throws {
    var digest = LatencyDigest()
    for number in 1...100 { digest.record(number) }
    let chart = DistributionChart(
      id: "d", title: "How long", buckets: digest.buckets(30),
      marks: [("p50", 50), ("p95", 95), ("p99", 99)])
    let markup = chart.html.markup
    #expect(markup.contains(">p50</text>") && markup.contains(">p95, 99</text>"))
    #expect(markup.contains("<desc id=\"d-desc\">p50 50 ms, p95 95 ms, p99 99 ms</desc>"))
    #expect(markup.ranges(of: "<rect class=\"bar\"").count == chart.buckets.count)
    _ = try XMLDocument(xmlString: markup)
  }
}
