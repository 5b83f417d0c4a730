import AutoScaling
import ChangePlan
import JSONText

/// A batch of changes as bytes, made on the thread that reads the plan: SQLite is given places in them.
struct EncodedChanges: Sendable {
  struct Row: Sendable {
    var number: Int
    var line: Int
    /// Index in `projects`.
    var project: Int
    var groupKey: Int64
    /// Places in `bytes`.
    var groupID: Range<Int>
    var planned: Range<Int>
    var expected: Range<Int>?
    var comment: Range<Int>?
  }

  private(set) var bytes: [UInt8] = []
  private(set) var rows: [Row] = []
  /// The projects of the rows; one is there again where rows of different projects alternate.
  private(set) var projects: [String] = []

  /// The part of the groups' keys that the last project has.
  private var projectKey = GroupKey(projectID: "")

  /// With room for so many changes of the usual size.
  init(capacity: Int) {
    rows.reserveCapacity(capacity)
    bytes.reserveCapacity(capacity * 256)
  }

  /// Adds a change; `writer` is scratch space.
  mutating func append(_ change: PlanChange, writer: inout JSONWriter) {
    if projects.last != change.group.projectID {
      projects.append(change.group.projectID)
      projectKey = GroupKey(projectID: change.group.projectID)
    }
    rows.append(
      Row(
        number: change.number, line: change.line, project: projects.count - 1,
        groupKey: projectKey.key(groupID: change.group.groupID), groupID: append(change.group.groupID),
        planned: append(change.planned, &writer),
        expected: change.expected.isEmpty ? nil : append(change.expected, &writer),
        comment: change.comment.map { append($0) }))
  }

  private mutating func append(_ text: String) -> Range<Int> {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    return start..<bytes.count
  }

  private mutating func append(_ values: GroupModification, _ writer: inout JSONWriter) -> Range<Int> {
    writer.removeAll()
    values.write(to: &writer)
    let start = bytes.count
    bytes.append(contentsOf: writer.bytes)
    return start..<bytes.count
  }
}
