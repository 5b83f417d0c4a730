package import ChangeRun

/// How fast a run has gone lately, and how long what is left will take at that pace.
package struct RecentRates: Sendable {
  private struct Point {
    var seconds: Double
    var finished: Int
    var requests: Int
  }

  /// How far back the estimate looks, in seconds, and the rates that are shown.
  private static let window = 60.0
  private static let shownWindow = 10.0
  /// Points that come closer together say nothing more.
  private static let spacing = 0.25
  /// The spread is told from so many stretches of the window at most: of shorter ones each would be all chance.
  private static let stretches = 12.0

  /// That something takes at least that many seconds is worth telling.
  private static let shortestOpenEnd = 15.0

  private var start: Point?
  private var points: [Point] = []

  package init() {}

  /// Takes how far the run is.
  ///
  /// - Parameters:
  ///   - seconds: when, on any clock that all points share; where it was set back, what came before is forgotten.
  ///   - finished: changes that have ended.
  ///   - requests: requests that were sent.
  package mutating func add(seconds: Double, finished: Int, requests: Int) {
    let point = Point(seconds: seconds, finished: finished, requests: requests)
    if let last = points.last {
      if seconds < last.seconds { points = [] } else if seconds - last.seconds < Self.spacing { return }
    }
    start = start ?? point
    points.append(point)
    // The first point of the window may lie before it: so the window is whole.
    while points.count > 2, points[1].seconds <= seconds - Self.window { points.removeFirst() }
  }

  /// Over the last ten seconds; `nil` where there are not two points yet.
  package var changesPerSecond: Double? { perSecond { Double($0.finished) } }
  package var requestsPerSecond: Double? { perSecond { Double($0.requests) } }

  private func perSecond(_ value: (Point) -> Double) -> Double? {
    guard let last = points.last,
      let first = points.last(where: { $0.seconds <= last.seconds - Self.shownWindow }) ?? points.first,
      last.seconds > first.seconds
    else { return nil }
    return (value(last) - value(first)) / (last.seconds - first.seconds)
  }

  /// How long the changes that are left will take.
  ///
  /// From the mean pace of the last minute and its spread: both the mean and what is to come are uncertain, so the
  /// range is two standard deviations of the two together, to either side.
  ///
  /// - Parameter counts: of the run as it is.
  /// - Returns: `nil` before 10 changes or 1 % have ended since the first point, where nothing ends, where nothing is
  ///   left, and where nothing can be said but that it will take some seconds.
  package func timeLeft(_ counts: RunCounts) -> TimeLeft? {
    guard let start, let first = points.first, let last = points.last, counts.unfinished > 0 else { return nil }
    let done = counts.finished - start.finished
    guard done >= 10 || done * 100 >= counts.total else { return nil }
    let span = last.seconds - first.seconds
    let ended = Double(last.finished - first.finished)
    guard span > 0, ended > 0 else { return nil }
    let rate = ended / span
    var stretch = first
    var number = 0.0
    var squares = 0.0
    for point in points.dropFirst()
    where point.seconds - stretch.seconds >= span / Self.stretches || point.seconds == last.seconds {
      let seconds = point.seconds - stretch.seconds
      let error = Double(point.finished - stretch.finished) - rate * seconds
      squares += error * error / seconds
      number += 1
      stretch = point
    }
    guard number >= 3 else { return nil }
    // Of the changes that end in a second, if one second has nothing to do with the next.
    let variance = squares / (number - 1)
    let left = Double(counts.unfinished)
    let error = 2 * (variance * (1 / span + rate / left)).squareRoot() / rate
    let least = left / (rate * (1 + error))
    if error < 0.9 { return TimeLeft(least: least, most: left / (rate * (1 - error))) }
    return least >= Self.shortestOpenEnd ? TimeLeft(least: least, most: nil) : nil
  }
}

/// How long something will take: a range, since anything else would be falsely exact.
package struct TimeLeft: Sendable, Hashable {
  /// In seconds.
  package var least: Double
  /// In seconds; `nil` where it cannot be said.
  package var most: Double?

  package init(least: Double, most: Double?) {
    self.least = least
    self.most = most
  }

  /// `4–6 min`, `50 s – 2 min`, `at least 4 min`: rounded away from each other, to steps that suit the length.
  package var text: String {
    guard let most else {
      let (number, unit) = Self.rounded(least, .down)
      return "at least \(number) \(unit)"
    }
    let step = Self.step(most)
    let high = Self.rounded(max(most, (least / step).rounded(.down) * step + step), .up)
    let low = Self.rounded(least, .down)
    if low.number == "0" { return "under \(high.number) \(high.unit)" }
    return low.unit == high.unit
      ? "\(low.number)–\(high.number) \(low.unit)" : "\(low.number) \(low.unit) – \(high.number) \(high.unit)"
  }

  private static let scale: [(limit: Double, step: Double, unit: Double, name: String)] = [
    (15, 1, 1, "s"), (90, 5, 1, "s"), (20 * 60, 60, 60, "min"), (90 * 60, 5 * 60, 60, "min"),
    (10 * 3_600, 1_800, 3_600, "h"), (.infinity, 3_600, 3_600, "h"),
  ]

  private static func step(_ seconds: Double) -> Double { scale.first { seconds <= $0.limit }?.step ?? 1 }

  private static func rounded(
    _ seconds: Double, _ rule: FloatingPointRoundingRule
  ) -> (number: String, unit: String) {
    guard let scale = scale.first(where: { seconds <= $0.limit }) else { return ("0", "s") }
    let halves = Int((seconds / scale.step).rounded(rule) * scale.step * 2 / scale.unit)
    return ("\(halves / 2)" + (halves.isMultiple(of: 2) ? "" : ".5"), scale.name)
  }
}
