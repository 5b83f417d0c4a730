import AutoScaling

@testable import ChangeRun

/// Which events have met a change in which phase.
struct TransitionMatrix {
  enum Phase: Int, CaseIterable {
    case reading, readingAgain, readingInDoubt, readingBack, readingScaling, readingNumber
    case recording, readyToSend, sending, settling

    init(_ active: ActiveChange) {
      self =
        switch active.phase {
        case .reading(.assess) where active.row.state == .verifying: .readingBack
        case .reading(.assess) where active.row.effectiveAttempt != nil: .readingInDoubt
        case .reading(.assess) where active.row.state == .pending: .reading
        case .reading(.assess): .readingAgain
        case .reading(.isScaling): .readingScaling
        case .reading(.sameNumber): .readingNumber
        case .recording: .recording
        case .readyToSend: .readyToSend
        case .sending: .sending
        case .settling: .settling
        }
    }

    var isReading: Bool { rawValue <= Self.readingNumber.rawValue }
  }

  enum Event: Int, CaseIterable {
    case read, retryable, busy, busyIfScaling, sameNumber, permanent, unauthorized, lost, notSent, durable, success
    case stop, crash, tuned

    init(_ failure: ServiceFailure) {
      self =
        switch (failure.certainty, failure.disposition) {
        case (.notSent, _): .notSent
        case (.lost, _): .lost
        case (_, .retryable): .retryable
        case (_, .busy): .busy
        case (_, .busyIfScaling): .busyIfScaling
        case (_, .sameNumber): .sameNumber
        case (_, .permanent): .permanent
        case (_, .unauthorized): .unauthorized
        }
    }
  }

  private static let eventCount = Event.allCases.count
  private var counts = Array(repeating: 0, count: Phase.allCases.count * eventCount)

  mutating func add(_ phase: Phase, _ event: Event) { counts[phase.rawValue * Self.eventCount + event.rawValue] += 1 }

  mutating func add(_ other: TransitionMatrix) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  func count(_ phase: Phase, _ event: Event) -> Int { counts[phase.rawValue * Self.eventCount + event.rawValue] }

  /// Whether the executor may send the event while a change is in the phase.
  static func isPossible(_ phase: Phase, _ event: Event) -> Bool {
    switch event {
    case .stop, .crash, .tuned: true
    case .read: phase.isReading
    case .durable: phase == .recording
    // A GET is never told that the group is busy or that the number is the same.
    case .success, .busy, .busyIfScaling, .sameNumber: phase == .sending
    case .retryable, .permanent, .unauthorized, .lost, .notSent: phase.isReading || phase == .sending
    }
  }

  /// The pairs that are possible and were not seen.
  var unseen: [String] {
    Phase.allCases.flatMap { phase in
      Event.allCases.filter { Self.isPossible(phase, $0) && count(phase, $0) == 0 }.map { "\(phase) × \($0)" }
    }
  }

  /// One line a phase: how often each event met it; `-` is impossible.
  var table: String {
    func padded(_ text: String, to width: Int) -> String {
      String(repeating: " ", count: max(width - text.count, 1)) + text
    }
    let widths = Event.allCases.map { max("\($0)".count + 1, 8) }
    func line(_ name: String, _ cells: [String]) -> String {
      padded(name, to: 15) + zip(cells, widths).map { padded($0, to: $1) }.joined()
    }
    let lines = Phase.allCases.map { phase in
      line(
        "\(phase)", Event.allCases.map { Self.isPossible(phase, $0) ? String(count(phase, $0)) : "-" })
    }
    return ([line("", Event.allCases.map { "\($0)" })] + lines).joined(separator: "\n")
  }
}
