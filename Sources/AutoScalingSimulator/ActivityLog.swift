import JSONText

/// The scaling actions of all groups, as "Querying Scaling Action Logs" shows them (the reference, section 5).
struct ActivityLog: Sendable {
  struct Activity: Sendable {
    var number: Int
    var id: String
    /// Seconds since 1970.
    var startedAt: Int
    var endedAt: Int?
    var from: Int
    var to: Int
    var reason: String
  }

  /// How many actions of a group are kept.
  static let limit = 100

  /// Oldest first.
  private var activities: [Int: [Activity]] = [:]

  /// Notes a new action.
  ///
  /// - Returns: its number in the group's log.
  mutating func start(group: Int, id hash: SeededHash, from: Int, to: Int, reason: String, at time: Int) -> Int {
    var generator = SeededGenerator(hash)
    let number = (activities[group]?.last?.number ?? 0) + 1
    let activity = Activity(
      number: number, id: generator.uuid(), startedAt: time, endedAt: nil, from: from, to: to, reason: reason)
    activities[group, default: []].append(activity)
    if let count = activities[group]?.count, count > Self.limit { activities[group]?.removeFirst() }
    return number
  }

  mutating func finish(group: Int, activity number: Int, at time: Int) {
    guard let index = activities[group]?.lastIndex(where: { $0.number == number }) else { return }
    activities[group]?[index].endedAt = time
  }

  /// The actions of a group that started within the times, newest first.
  func activities(of group: Int, from start: Int?, to end: Int?) -> [Activity] {
    (activities[group] ?? []).reversed().filter { activity in
      activity.startedAt >= start ?? .min && activity.startedAt <= end ?? .max
    }
  }
}

extension ActivityLog.Activity {
  /// Writes the object of one action.
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("id", id)
    writer.member("status", endedAt == nil ? "DOING" : "SUCCESS")
    writer.member("start_time", CalendarTime(seconds: startedAt).iso8601)
    writer.member("end_time", endedAt.map { CalendarTime(seconds: $0).iso8601 })
    writer.member("instance_value", from)
    writer.member("desire_value", to)
    writer.member("scaling_value", abs(to - from))
    writer.member("instance_added_list", to > from && endedAt != nil ? instanceNames : nil)
    writer.member("instance_deleted_list", to < from && endedAt != nil ? instanceNames : nil)
    writer.member("instance_removed_list", nil as String?)
    writer.member("description", description)
    writer.endObject()
  }

  /// Of those that came or went, joined by commas.
  private var instanceNames: String {
    (min(from, to)..<max(from, to)).map { "as-instance-\(id.prefix(8))-\($0 + 1)" }.joined(separator: ",")
  }

  /// JSON text in a string.
  private var description: String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("reason")
    writer.beginArray()
    writer.beginObject()
    writer.member("change_reason", reason)
    writer.member("old_value", from)
    writer.member("new_value", to)
    writer.member("change_time", CalendarTime(seconds: startedAt).iso8601)
    writer.endObject()
    writer.endArray()
    writer.endObject()
    return writer.text
  }
}
