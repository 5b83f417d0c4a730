/// How requests were spread over time, from the times at which the server has seen them.
struct WindowCount: Sendable {
  /// All requests.
  let count: Int
  /// From the first request to the last, in seconds.
  let seconds: Double
  /// Requests a second: one interval less than there are requests; 0 where there are fewer than two.
  let mean: Double
  /// The most requests within one second, wherever it begins.
  let largest: Int
  /// Requests of each second since the first one, without the last second, which is not whole.
  let perSecond: [Int]

  /// - Parameter milliseconds: when each request was seen, in any order.
  init(milliseconds: [Int]) {
    let times = milliseconds.sorted()
    count = times.count
    guard let first = times.first, let last = times.last else {
      (seconds, mean, largest, perSecond) = (0, 0, 0, [])
      return
    }
    seconds = Double(last - first) / 1_000
    mean = last > first ? Double(times.count - 1) / seconds : 0
    var largest = 0
    var beginning = 0
    var counts = [Int](repeating: 0, count: (last - first) / 1_000 + 1)
    for (index, time) in times.enumerated() {
      while time - times[beginning] >= 1_000 { beginning += 1 }
      largest = max(largest, index - beginning + 1)
      counts[(time - first) / 1_000] += 1
    }
    self.largest = largest
    perSecond = Array(counts.dropLast())
  }

  /// In the middle of the seconds; 0 where there is no whole one.
  var median: Int {
    let sorted = perSecond.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }

  /// What the server may see in one second at this rate (contract, section 1, guarantee 5).
  static func bound(rate: Double) -> Double { rate * 1.01 + 1 }

  /// Whether the mean is within 1 % of the rate, and no window above the bound.
  func holds(rate: Double) -> Bool {
    abs(mean / rate - 1) <= 0.01 && Double(largest) <= Self.bound(rate: rate)
  }
}
