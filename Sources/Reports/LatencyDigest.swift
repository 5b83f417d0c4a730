import Histogram

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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

  package var minimum: Int { count == 0 ? 0 : Int(histogram.min) }

  /// A stretch of durations, and how many requests took so long.
  package struct Bucket: Sendable, Hashable {
    /// Milliseconds.
    package var range: ClosedRange<Int>
    package var count: Int
  }

  /// The whole range in at most `limit` stretches, 2 or more: of one length, a round one, or, where the longest is far
  /// longer than the shortest, each longer than the one before by the same factor.
  package func buckets(_ limit: Int) -> [Bucket] {
    guard count > 0 else { return [] }
    var result = maximum > 20 * max(minimum, 1) ? geometricBuckets(limit) : equalBuckets(limit)
    // A value of the histogram stands for those near it: each counts once, where its lowest lies.
    var index = 0
    for value in histogram.recordedValues() {
      let place = Int(histogram.lowestEquivalentForValue(value.value))
      while index + 1 < result.count, place > result[index].range.upperBound { index += 1 }
      result[index].count += Int(value.count)
    }
    return result
  }

  private func equalBuckets(_ limit: Int) -> [Bucket] {
    let powers = sequence(first: 1) { $0 * 10 }
    let steps = powers.lazy.flatMap { [$0, 2 * $0, 5 * $0] }
    // One is lost where the range does not begin with a round number.
    let step = steps.first { $0 * (limit - 1) >= maximum - minimum + 1 } ?? maximum
    return stride(from: minimum / step * step, through: maximum, by: step)
      .map { Bucket(range: $0...($0 + step - 1), count: 0) }
  }

  private func geometricBuckets(_ limit: Int) -> [Bucket] {
    let shortest = Double(max(minimum, 1))
    let factor = pow(Double(maximum + 1) / shortest, 1 / Double(limit))
    var result: [Bucket] = []
    var lower = minimum
    for index in 1...limit where lower <= maximum {
      let upper = index == limit ? maximum : Int((shortest * pow(factor, Double(index))).rounded()) - 1
      guard upper >= lower else { continue }
      result.append(Bucket(range: lower...upper, count: 0))
      lower = upper + 1
    }
    return result
  }
}
