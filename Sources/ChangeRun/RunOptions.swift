/// How a run is carried out: the execution options of contract section 3, with their defaults.
///
/// They are stored with the run; `resume` starts from the stored ones.
package struct RunOptions: Sendable, Hashable {
  /// Requests a second of all kinds together; 0 is unlimited.
  package var rate: Double = 10
  /// Changes in flight at once; `nil` is what the rate needs at the measured latency, 8 to 256.
  package var concurrency: Int?
  /// PUTs and failed reads for one change, 1 or more.
  package var maxAttempts = 8
  package var retryOn = RetryCauses.documented
  package var backoff = Backoff(base: .milliseconds(500), cap: .seconds(60))
  /// For one request, from its start to the last byte of the answer.
  package var requestTimeout: Duration = .seconds(30)
  /// How long a busy group is waited for.
  package var waitScaling: Duration = .seconds(15 * 60)
  package var busyPoll = Backoff(base: .seconds(10), cap: .seconds(60))
  /// How long an endpoint that does not answer is waited for.
  package var waitEndpoint: Duration = .seconds(15 * 60)
  package var maxFailures = FailureLimit.share(percent: 10)
  /// Instances that the run may take away in all; `nil` is unlimited.
  package var maxRemoved: Int?
  package var waves: Waves?
  package var wavePause: Duration = .zero
  package var confirmWaves = false
  /// Wall time (milliseconds since 1970) at which the run stops; not stored, since it belongs to one session.
  package var until: Int?
  /// How long this session may go on; not stored.
  package var stopAfter: Duration?
  package var verify = false
  /// How long to wait until current = desired; `nil` does not wait.
  package var waitStable: Duration?
  package var keepGoing = false
  package var skipPreconditions = false
  package var requireReversible = false
  /// Rollback only: writes priors back even over what somebody has changed since.
  package var overwriteDrift = false

  package init() {}

  /// How long a change is read back for `--verify` (contract, section 3: up to 30 s).
  package static let verifyDeadline: Duration = .seconds(30)
  /// How long a stop waits for what is in flight (contract, section 3).
  package static let drainDeadline: Duration = .seconds(30)
  /// How long reads may go on showing what was before a PUT: the service is not instantly consistent (reference, 4).
  package static let staleReadDeadline: Duration = .seconds(10)
  /// Failed reads that a change may have besides `maxAttempts` to settle a doubt or to be read back: what has become
  /// of a PUT matters more than to be through with it.
  package static let settlingAttempts = 8
  /// How long the first request may try to connect before the endpoint counts as not there (contract: 69).
  package static let firstConnectDeadline: Duration = .seconds(10)
  /// How long a recorded PUT may wait for its turn before the group is read again: 30 s, or three requests' time.
  ///
  /// So the prior values in force are fresh, and after a crash the PUT of a row that is `sending` left no later than
  /// this after `sentAt`. No rate in force is below a tenth of a request a second, unless it was asked for.
  package var intentLifetime: Duration {
    rate > 0 && rate < 0.1 ? .seconds(3 / rate) : .seconds(30)
  }

  /// The pauses between waves that are still to come, in seconds, without one that goes on.
  ///
  /// - Parameters:
  ///   - finished: changes of the run that have ended.
  ///   - total: changes of the run.
  /// - Returns: 0 without --wave-pause, and in the last wave.
  package func pauseAhead(finished: Int, total: Int) -> Int {
    guard wavePause > .zero, let waves else { return 0 }
    return wavePause.milliseconds / 1_000 * max(waves.ends(total: total).count { $0 > finished } - 1, 0)
  }

  /// The bounds of automatic concurrency (contract, section 3).
  package static let automaticConcurrency = 8...256
}

/// What is tried again: the HTTP statuses and connection failures of `--retry-on`.
package struct RetryCauses: Sendable, Hashable {
  package var statuses: Set<Int>
  package var connection: Bool

  package init(statuses: Set<Int>, connection: Bool) {
    self.statuses = statuses
    self.connection = connection
  }

  /// 408, 409, 429, 500, 502, 503, 504 and connection failures.
  package static let documented = RetryCauses(statuses: [408, 409, 429, 500, 502, 503, 504], connection: true)

  /// Reads `409,503,connection`.
  ///
  /// - Returns: `nil` where a word is neither `connection` nor a status from 300 to 599.
  package init?(text: some StringProtocol) {
    self.init(statuses: [], connection: false)
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      if word == "connection" {
        connection = true
      } else if let status = Int(word), (300...599).contains(status) {
        statuses.insert(status)
      } else {
        return nil
      }
    }
  }

  package var text: String {
    (statuses.sorted().map(String.init) + (connection ? ["connection"] : [])).joined(separator: ",")
  }
}

/// When failures stop a run.
package enum FailureLimit: Sendable, Hashable {
  /// More failures than this stop it; there are never more than one above.
  case count(Int)
  /// A larger share of the finished changes than this stops it, once 20 have finished.
  case share(percent: Double)

  /// The number of finished changes from which a share is judged (contract, section 3).
  package static let judgedFrom = 20

  /// Reads `5` or `10%`.
  package init?(text: some StringProtocol) {
    if text.hasSuffix("%") {
      guard let percent = Double(text.dropLast()), percent >= 0, percent <= 100 else { return nil }
      self = .share(percent: percent)
    } else {
      guard let count = Int(text), count >= 0 else { return nil }
      self = .count(count)
    }
  }

  package var text: String {
    switch self {
    case .count(let count): String(count)
    case .share(let percent): (percent == percent.rounded() ? String(Int(percent)) : String(percent)) + "%"
    }
  }

  /// Whether the run must stop.
  package func isExceeded(failures: Int, finished: Int) -> Bool {
    switch self {
    case .count(let count): failures > count
    case .share(let percent):
      finished >= Self.judgedFrom && Double(failures) * 100 > percent * Double(finished)
    }
  }

  /// How many changes may be in flight so that the limit cannot be exceeded by more than one; `nil`: any number.
  package func allowance(failures: Int) -> Int? {
    switch self {
    case .count(let count): max(count + 1 - failures, 0)
    case .share: nil
    }
  }
}

/// Cumulative shares of the changes in plan order (`--waves 1,10%,100%`).
package struct Waves: Sendable, Hashable {
  package enum Share: Sendable, Hashable {
    case count(Int)
    case percent(Double)
  }

  package var shares: [Share]

  /// Reads `1,10%,100%`: each more than nothing, numbers and percentages ascending among themselves.
  package init?(text: some StringProtocol) {
    shares = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      if word.hasSuffix("%") {
        guard let percent = Double(word.dropLast()), percent > 0, percent <= 100 else { return nil }
        shares.append(.percent(percent))
      } else {
        guard let count = Int(word), count > 0 else { return nil }
        shares.append(.count(count))
      }
    }
    let counts = shares.compactMap { if case .count(let count) = $0 { Double(count) } else { nil } }
    let percents = shares.compactMap { if case .percent(let percent) = $0 { percent } else { nil } }
    for sizes in [counts, percents] where zip(sizes, sizes.dropFirst()).contains(where: { $0 >= $1 }) { return nil }
  }

  package var text: String {
    shares.map { share in
      switch share {
      case .count(let count): String(count)
      case .percent(let percent): FailureLimit.share(percent: percent).text
      }
    }.joined(separator: ",")
  }

  /// The number of changes after which each wave ends: rounded down, at least one, ascending; the last is `total`.
  package func ends(total: Int) -> [Int] {
    var ends: [Int] = []
    for share in shares {
      let end =
        switch share {
        case .count(let count): count
        case .percent(let percent): Int(Double(total) * percent / 100)
        }
      let bounded = min(max(end, 1), total)
      if bounded > ends.last ?? 0 { ends.append(bounded) }
    }
    if total > ends.last ?? 0 { ends.append(total) }
    return ends
  }
}
