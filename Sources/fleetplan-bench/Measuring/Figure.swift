/// One thing that was measured several times, beside its reference and the bar it has to hold.
struct Figure: Sendable {
  enum Unit: String, Sendable {
    case seconds = "s"
    case milliseconds = "ms"
    case megabytes = "MB"
    case bytesPerChange = "bytes/change"
    case requestsPerSecond = "requests/s"
    case rowsPerSecond = "rows/s"
    case commitsPerSecond = "commits/s"
    case changesPerCommit = "changes/commit"
  }

  /// What is promised: of the median, or of its ratio to the reference's median.
  enum Bar: Sendable, Hashable {
    case atMost(Double)
    case atLeast(Double)
    case ratioAtMost(Double)
    case ratioAtLeast(Double)
  }

  /// The same work done by something else, in the same run.
  struct Reference: Sendable {
    var name: String
    var samples: [Double]
  }

  /// What was done.
  var work: String
  /// Changes in the plan.
  var rows: Int
  var unit: Unit
  /// One for each repetition, in order; at least one.
  var samples: [Double]
  var reference: Reference?
  var bar: Bar?
  /// Most memory that was resident at a time in any repetition, in bytes.
  var peakBytes: Int?
  /// Processor time of the process for each change, the median of the repetitions.
  var processorMicroseconds: Double?

  /// - Parameters:
  ///   - work: what was done.
  ///   - rows: changes in the plan.
  ///   - unit: of the samples.
  ///   - samples: one for each repetition.
  ///   - reference: the same done by something else.
  ///   - bar: what is promised.
  ///   - usage: what the processes cost that were measured; empty where that says nothing.
  init(
    _ work: String, rows: Int, unit: Unit, samples: [Double], reference: Reference? = nil, bar: Bar? = nil,
    usage: [MeasuredProgram.Usage] = []
  ) {
    self.work = work
    self.rows = rows
    self.unit = unit
    self.samples = samples
    self.reference = reference
    self.bar = bar
    peakBytes = usage.map(\.peakBytes).max()
    if !usage.isEmpty {
      processorMicroseconds = usage.map { $0.processorSeconds * 1_000_000 / Double(max(rows, 1)) }.median
    }
  }

  var median: Double { samples.median }

  /// The median as a share of the reference's; `nil` without one, or where it took no time.
  var ratio: Double? {
    guard let reference, reference.samples.median > 0 else { return nil }
    return median / reference.samples.median
  }

  /// Whether the bar is held; `nil` where there is none, or no ratio for it.
  var holds: Bool? {
    switch bar {
    case .atMost(let most): median <= most
    case .atLeast(let least): median >= least
    case .ratioAtMost(let most): ratio.map { $0 <= most }
    case .ratioAtLeast(let least): ratio.map { $0 >= least }
    case nil: nil
    }
  }
}

extension [Double] {
  /// The middle one, or the mean of the two in the middle; 0 of none.
  var median: Double {
    guard !isEmpty else { return 0 }
    let sorted = sorted()
    let middle = count / 2
    return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
