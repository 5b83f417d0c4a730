import ChangeRun
package import Ledger

/// The samples of a run for charts: however many there are, a few hundred points are kept.
package struct SampleSeries: Sendable {
  /// What happened between one sample and the one before.
  struct Stretch: Sendable, Hashable {
    /// Milliseconds of work at its end.
    var end: Int
    /// Milliseconds; more than 0.
    var length: Int
    /// At its end: changes that have ended, and those of them that have failed.
    var finished: Int
    var failed: Int
    var requests: Int
    var retries: Int
    /// Answers that slowed the run down.
    var throttled: Int
    /// Requests a second, as set at its end; 0 is unlimited.
    var rate: Double
    /// The lowest in it; 0 is unlimited.
    var effectiveRate: Double

    /// Of requests, or of what else was counted, a second.
    func perSecond(_ count: Int) -> Double { Double(count) * 1000 / Double(length) }

    /// This one and the next as one.
    func merged(with next: Stretch) -> Stretch {
      var result = next
      result.length += length
      result.requests += requests
      result.retries += retries
      result.throttled += throttled
      result.effectiveRate = Self.lower(effectiveRate, next.effectiveRate)
      return result
    }

    private static func lower(_ one: Double, _ other: Double) -> Double {
      one == 0 ? other : other == 0 ? one : min(one, other)
    }
  }

  /// How many stretches are kept at most.
  static let limit = 240

  private(set) var stretches: [Stretch] = []
  /// Milliseconds of work at which a session went on where an earlier one had ended.
  private(set) var breaks: [Int] = []
  /// How many samples there are in the ledger.
  private(set) var sampleCount = 0

  /// Whether a stretch stands for more than one sample.
  var isThinned: Bool { merging > 1 }

  private var last: RunSample?
  /// Samples in one stretch; a power of two.
  private var merging = 1
  private var pending: Stretch?
  private var pendingCount = 0

  package init() {}

  /// - Throws: SQLite's error.
  package init(_ run: RunRow, in snapshot: LedgerSnapshot) throws {
    try snapshot.forEachSample(ofRun: run.id) { add($0) }
    finish()
  }

  /// Takes the next sample.
  mutating func add(_ sample: RunSample) {
    sampleCount += 1
    defer { last = sample }
    let before = last
    let length = sample.elapsed - (before?.elapsed ?? 0)
    // A pause between sessions is time in which the clock went on and the work did not.
    let hasPaused = before.map { sample.sampledAt - $0.sampledAt > length + 2_000 } ?? false
    if hasPaused, let before { breaks.append(before.elapsed) }
    guard length > 0 else { return }
    // The count of a session begins with it.
    let isSameSession = before.map { sample.throttled >= $0.throttled && !hasPaused } ?? false
    let throttled = isSameSession ? sample.throttled - (before?.throttled ?? 0) : sample.throttled
    let earlier = before?.requests
    let requests = sample.requests.gets + sample.requests.puts - (earlier?.gets ?? 0) - (earlier?.puts ?? 0)
    append(
      Stretch(
        end: sample.elapsed, length: length, finished: sample.finished, failed: sample.failed,
        requests: max(requests, 0), retries: max(sample.requests.retries - (earlier?.retries ?? 0), 0),
        throttled: throttled, rate: sample.rate, effectiveRate: sample.effectiveRate))
  }

  /// Takes what is left over after the last sample.
  mutating func finish() {
    if let pending { stretches.append(pending) }
    pending = nil
    pendingCount = 0
    // A run that was resumed a thousand times would have more lines than picture.
    if breaks.count > 60 { breaks = [] }
  }

  private mutating func append(_ stretch: Stretch) {
    // The last moments of a session are too short to tell a rate from.
    if stretch.length < 3_000, pending == nil, let last = stretches.last {
      stretches[stretches.count - 1] = last.merged(with: stretch)
      return
    }
    pending = pending?.merged(with: stretch) ?? stretch
    pendingCount += 1
    guard pendingCount == merging, let pending else { return }
    stretches.append(pending)
    self.pending = nil
    pendingCount = 0
    guard stretches.count == Self.limit else { return }
    stretches = stride(from: 0, to: Self.limit, by: 2).map { stretches[$0].merged(with: stretches[$0 + 1]) }
    merging *= 2
  }
}
