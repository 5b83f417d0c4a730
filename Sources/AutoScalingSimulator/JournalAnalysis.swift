package import AutoScaling

/// What tests of an executor ask of the journal.
extension [JournalEntry] {
  /// The most requests of one group that were in progress at the same time: received and not yet answered.
  package func maximumInFlightPerGroup(_ kind: JournalEntry.Kind = .put) -> Int {
    var events: [GroupReference: [(at: Duration, change: Int)]] = [:]
    for entry in self where entry.kind == kind {
      guard let reference = entry.reference else { continue }
      events[reference, default: []].append((entry.receivedAt, 1))
      if let answeredAt = entry.answeredAt { events[reference, default: []].append((answeredAt, -1)) }
    }
    return events.values.map { Self.peak($0) }.max() ?? 0
  }

  /// The most requests of all kinds that were received within any window of this length.
  package func maximumReceived(within window: Duration) -> Int {
    // Two connections can hand in their requests in another order than that of their receipt.
    let times = map(\.receivedAt).sorted()
    var maximum = 0
    var first = 0
    for (index, time) in times.enumerated() {
      while time - times[first] >= window { first += 1 }
      maximum = Swift.max(maximum, index - first + 1)
    }
    return maximum
  }

  /// The PUTs that had an effect, for each group, in the order in which their effects took place.
  package func effectivePUTs() -> [GroupReference: [JournalEntry]] {
    var result: [GroupReference: [JournalEntry]] = [:]
    for entry in self where entry.kind == .put && [.applied, .appliedLate].contains(entry.effect) {
      if let reference = entry.reference { result[reference, default: []].append(entry) }
    }
    return result.mapValues { $0.sorted { ($0.effectAt ?? $0.receivedAt) < ($1.effectAt ?? $1.receivedAt) } }
  }

  private static func peak(_ events: [(at: Duration, change: Int)]) -> Int {
    // At one instant the answer comes first: it left before the next request could.
    let sorted = events.sorted { $0.at == $1.at ? $0.change < $1.change : $0.at < $1.at }
    var inFlight = 0
    var peak = 0
    for event in sorted {
      inFlight += event.change
      peak = Swift.max(peak, inFlight)
    }
    return peak
  }
}

extension JournalEntry {
  /// The group that the request was about.
  package var reference: GroupReference? {
    guard let projectID, let groupID else { return nil }
    return GroupReference(projectID: projectID, groupID: groupID)
  }
}
