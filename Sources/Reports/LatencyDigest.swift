import Histogram

/// How long requests took, in milliseconds, within a thousandth.
package struct LatencyDigest: Sendable {
  /// A day: longer than any request may take.
  private static let longest: UInt64 = 86_400_000

  private var histogram = Histogram<UInt64>(
    highestTrackableValue: Self.longest, numberOfSignificantValueDigits: .three)

  package init() {}

  package mutating func record(_ milliseconds: Int) {
    histogram.record(min(UInt64(max(milliseconds, 0)), Self.longest))
  }

  package var count: Int { Int(histogram.totalCount) }

  /// The duration that so many percent of the requests did not exceed; 0 where there were none.
  package func percentile(_ percent: Double) -> Int { Int(histogram.valueAtPercentile(percent)) }

  package var maximum: Int { count == 0 ? 0 : Int(histogram.max) }
}
