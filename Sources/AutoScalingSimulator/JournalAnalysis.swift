package import AutoScaling

/// What tests of an executor ask of the journal.
extension [JournalEntry] {
  /// The most requests of one group that were in progress at the same time: received and not yet answered.
  ///
  /// - Parameters:
  ///   - kind: which requests count.
  ///   - limit: after this time nobody waits for an answer any more, though the simulator would still give it.
  /// - Returns: 0 where there is no such request.
  package func maximumInFlightPerGroup(_ kind: JournalEntry.Kind = .put, givenUpAfter limit: Duration? = nil) -> Int {
    var events: [GroupReference: [(at: Duration, change: Int)]] = [:]
    for entry in self where entry.kind == kind {
      guard let reference = entry.reference else { continue }
      events[reference, default: []].append((entry.receivedAt, 1))
      let givenUpAt = limit.map { entry.receivedAt + $0 }
      if let end = [entry.answeredAt, givenUpAt].compactMap(\.self).min() {
        events[reference, default: []].append((end, -1))
      }
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

  /// The fullest window: the most requests of all kinds received within this length, from one request on.
  ///
  /// - Parameters:
  ///   - window: its length; a request at its very end is no longer in it.
  ///   - allowance: by the window's first request, how many requests more than elsewhere are to be expected there.
  /// - Returns: the count without the allowance, and when the window begins; `nil` for an empty journal.
  package func fullestWindow(
    of window: Duration, allowance: (_ beginning: Duration) -> Int = { _ in 0 }
  ) -> (count: Int, beginning: Duration)? {
    let times = map(\.receivedAt).sorted()
    var end = 0
    var fullest: (count: Int, beginning: Duration)?
    for (index, time) in times.enumerated() {
      while end < times.count, times[end] - time < window { end += 1 }
      let count = end - index - allowance(time)
      if count > fullest?.count ?? .min { fullest = (count, time) }
    }
    return fullest
  }

  /// The PUTs whose fields are not, to the service, those of one of the bodies for their group.
  package func puts(besides bodies: [GroupReference: [GroupModification]]) -> [JournalEntry] {
    filter { entry in
      entry.kind == .put
        && !(entry.reference.flatMap { bodies[$0] } ?? []).contains { $0.meansTheSame(as: entry.modification) }
    }
  }

  /// The PUTs whose effect took place after that of a later body of their group: an old value on top of a new one.
  ///
  /// - Parameter bodies: for each group, in the order in which they are to take effect.
  /// - Returns: those that came too late, in no order.
  package func effectsOutOfOrder(_ bodies: [GroupReference: [GroupModification]]) -> [JournalEntry] {
    effectivePUTs().flatMap { reference, puts in
      var furthest = 0
      return puts.filter { put in
        guard let place = bodies[reference]?.firstIndex(where: { $0.meansTheSame(as: put.modification) }) else {
          return false
        }
        defer { furthest = Swift.max(furthest, place) }
        return place < furthest
      }
    }
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

extension GroupModification {
  /// Whether both set the same fields, to values that are equal to the service.
  package func meansTheSame(as other: GroupModification) -> Bool {
    fields == other.fields
      && entries.allSatisfy { entry in
        other[entry.field].map { entry.field.areEqual(entry.value, $0, zonesAreOrdered: true) } ?? false
      }
  }
}
