import AutoScalingSimulator
import JSONText

/// What was done, for the end.
struct ChaosTally: Sendable {
  var rounds = 0
  var rollbacks = 0
  var changes = 0
  var requests = 0
  var kills: [String: Int] = [:]
  var faults: [String: Int] = [:]

  var killCount: Int { kills.values.reduce(0, +) }

  mutating func add(_ journal: [JournalEntry]) {
    requests += journal.count
    for fault in journal.flatMap(\.faults) { faults[fault, default: 0] += 1 }
    for entry in journal where entry.code == "AS.0003" && entry.faults.isEmpty {
      faults["busy-scaling", default: 0] += 1
    }
    for entry in journal where entry.code == "AS.2028" { faults["same-number", default: 0] += 1 }
  }

  mutating func add(_ other: ChaosTally) {
    rounds += other.rounds
    rollbacks += other.rollbacks
    changes += other.changes
    requests += other.requests
    kills.merge(other.kills) { $0 + $1 }
    faults.merge(other.faults) { $0 + $1 }
  }

  /// - Parameters:
  ///   - seed: of the first round.
  ///   - elapsed: of all.
  ///   - violations: how many were found.
  /// - Returns: some lines for people.
  func text(seed: UInt64, elapsed: Duration, violations: Int) -> String {
    func list(_ counts: [String: Int]) -> String {
      counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
    return """
      seed         \(seed)
      rounds       \(rounds), \(rollbacks) of them rolled back; \(changes) changes
      kills        \(killCount): \(list(kills))
      requests     \(requests)
      faults       \(faults.values.reduce(0, +)): \(list(faults))
      time         \(elapsed.components.seconds) s
      violations   \(violations)
      """
  }

  /// - Parameters:
  ///   - seed: of the first round.
  ///   - elapsed: of all.
  ///   - violations: how many were found.
  /// - Returns: the same as one JSON document.
  func json(seed: UInt64, elapsed: Duration, violations: Int) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    // Beyond 2^53 many readers of JSON lose digits.
    writer.member("seed", String(seed))
    writer.member("rounds", rounds)
    writer.member("rollbacks", rollbacks)
    writer.member("changes", changes)
    writer.member("requests", requests)
    for (name, counts) in [("kills", kills), ("faults", faults)] {
      writer.key(name)
      writer.beginObject()
      for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { writer.member(kind, count) }
      writer.endObject()
    }
    writer.key("elapsed_seconds")
    writer.decimal(elapsed / .seconds(1), fractionDigits: 3)
    writer.member("violations", violations)
    writer.endObject()
    return writer.text
  }
}
