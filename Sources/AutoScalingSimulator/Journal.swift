package import AutoScaling
import JSONText

/// What the simulator did with one request.
package struct JournalEntry: Sendable {
  package enum Kind: String, Sendable {
    case get, list, put, action, other
  }

  /// What became of the group.
  package enum Effect: String, Sendable {
    case none
    /// The request was carried out when it came.
    case applied
    /// It will be carried out later (`late-effect`).
    case pending
    /// It was carried out later.
    case appliedLate = "applied_late"
    /// It should have been carried out later and was refused then.
    case refusedLate = "refused_late"
  }

  /// The request's number, from 1, in the order of receipt.
  package var sequence: Int
  package var kind: Kind
  package var method: String
  package var projectID: String?
  package var groupID: String?
  /// Time since the start of the simulator.
  package var receivedAt: Duration
  /// When the answer left or the connection was cut; `nil` before.
  package var answeredAt: Duration?
  /// The HTTP status of the answer; `nil` where none was given.
  package var status: Int?
  /// The service's code, where the answer is a refusal.
  package var code: String?
  package var effect: Effect
  /// When an effect that came late took place.
  package var effectAt: Duration?
  /// The fields of a PUT that could be read.
  package var modification: GroupModification
  /// Names of the faults that hit it, `slow` among them.
  package var faults: [String]
}

/// Where the journal's file cannot be made or written.
package struct JournalError: Error, Sendable, CustomStringConvertible {
  package var path: String
  package var reason: String

  package var description: String { "journal \(path): \(reason)" }
}

/// The latest requests in memory, and all of them in a file if one is wanted.
struct Journal: Sendable {
  private var entries: [JournalEntry] = []
  /// How many entries were dropped from the front of `entries` for good.
  private var dropped = 0
  private let limit: Int
  private let file: JournalFile?
  private let startedAt: Double
  private var failure: JournalError?

  /// - Parameters:
  ///   - limit: how many entries to keep.
  ///   - path: of the file, which is begun anew.
  ///   - startedAt: seconds since 1970 at the start of the simulator.
  /// - Throws: `JournalError` where the file cannot be made.
  init(limit: Int, path: String?, startedAt: Double) throws(JournalError) {
    self.limit = max(limit, 0)
    self.startedAt = startedAt
    file = if let path { try JournalFile(path: path) } else { nil }
  }

  /// The number that the next entry gets.
  var nextSequence: Int { dropped + entries.count + 1 }

  /// Those that are kept, oldest first.
  var kept: [JournalEntry] { Array(entries.suffix(limit)) }

  mutating func append(_ entry: JournalEntry) {
    // Dropped in blocks, so that the cost of moving the rest is spread.
    if entries.count >= limit + max(limit / 4, 64) {
      let surplus = entries.count - limit
      entries.removeFirst(surplus)
      dropped += surplus
    }
    entries.append(entry)
  }

  /// Notes that an answer leaves now, and writes the file's line.
  ///
  /// - Throws: `JournalError` where the file cannot be written.
  mutating func answered(_ sequence: Int, at now: Duration) throws(JournalError) {
    guard let index = index(of: sequence) else { return }
    entries[index].answeredAt = now
    if let failure { throw failure }
    try file?.append(line(entries[index]))
  }

  /// Notes that a late effect took place or was refused; the file gets a second line for the request.
  ///
  /// Where that cannot be written, the next answer fails.
  mutating func lateEffect(_ sequence: Int, _ effect: JournalEntry.Effect, at time: Duration) {
    guard let index = index(of: sequence) else { return }
    entries[index].effect = effect
    entries[index].effectAt = time
    do throws(JournalError) {
      try file?.append(line(entries[index]))
    } catch {
      failure = failure ?? error
    }
  }

  /// `nil` where the entry was dropped: more requests than the limit came in between.
  private func index(of sequence: Int) -> Int? {
    let index = sequence - 1 - dropped
    return entries.indices.contains(index) ? index : nil
  }

  private func line(_ entry: JournalEntry) -> [UInt8] {
    var writer = JSONWriter(capacity: 512)
    func member(_ name: String, seconds: Duration?) {
      writer.key(name)
      if let seconds { writer.decimal(seconds / .seconds(1), fractionDigits: 6) } else { writer.null() }
    }
    writer.beginObject()
    writer.member("sequence", entry.sequence)
    writer.key("time")
    writer.decimal(startedAt + entry.receivedAt / .seconds(1), fractionDigits: 3)
    member("received_seconds", seconds: entry.receivedAt)
    member("answered_seconds", seconds: entry.answeredAt)
    writer.member("kind", entry.kind.rawValue)
    writer.member("method", entry.method)
    writer.member("project_id", entry.projectID)
    writer.member("scaling_group_id", entry.groupID)
    writer.member("status", entry.status)
    writer.member("code", entry.code)
    writer.member("effect", entry.effect.rawValue)
    member("effect_seconds", seconds: entry.effectAt)
    writer.key("fields")
    entry.modification.write(to: &writer)
    writer.key("faults")
    writer.beginArray()
    for fault in entry.faults { writer.string(fault) }
    writer.endArray()
    writer.endObject()
    return writer.bytes + [0x0A]
  }
}
