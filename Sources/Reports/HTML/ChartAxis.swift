#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An axis from 0 up: where its marks are, and where a value lies.
struct ChartAxis: Sendable, Hashable {
  /// The end of the axis; more than 0.
  let maximum: Double
  /// Values of the marks, from 0.
  let marks: [Double]

  /// An axis that holds values up to `largest`, with at most so many steps of 1, 2 or 5 times a power of ten.
  init(upTo largest: Double, steps: Int = 4) {
    let largest = largest > 0 && largest.isFinite ? largest : 1
    var step = pow(10, (log10(largest / Double(steps))).rounded(.down))
    for factor in [1.0, 2, 5, 10] where step * factor * Double(steps) >= largest {
      step *= factor
      break
    }
    let count = Int((largest / step - 1e-9).rounded(.up))
    marks = (0...max(count, 1)).map { Double($0) * step }
    maximum = marks.last ?? largest
  }

  /// An axis of time, in milliseconds, that ends where the run does; its marks are whole seconds, minutes or hours.
  init(duration: Int, steps: Int = 5) {
    let duration = Double(max(duration, 1))
    let units: [Double] = [
      1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
      600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
    ]
    let step =
      units.first { $0 * Double(steps) >= duration } ?? (duration / Double(steps) / 86_400_000).rounded(.up)
      * 86_400_000
    maximum = duration
    marks = Array(stride(from: 0, through: duration, by: step))
  }

  /// Where a value lies between 0 and 1.
  func share(_ value: Double) -> Double { min(max(value / maximum, 0), 1) }
}
