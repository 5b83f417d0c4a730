import ChangeRun
import Ledger

/// Which fields were changed, from what to what.
extension HTMLReport {
  private struct Field {
    var name: String
    var changes = 0
    /// How many different ways from one value to another.
    var ways = 0
    /// The most frequent of them.
    var first: [FieldTransition] = []
  }

  private static let shownWays = 6

  func writeFields(to output: HTMLOutput) throws {
    // As many as the API has fields.
    var fields: [Field] = []
    try snapshot.forEachTransition(ofRun: run.id) { transition in
      if fields.last?.name != transition.field { fields.append(Field(name: transition.field)) }
      let index = fields.count - 1
      fields[index].changes += transition.count
      fields[index].ways += 1
      if fields[index].ways <= Self.shownWays { fields[index].first.append(transition) }
    }
    fields.sort { ($1.changes, $0.name) < ($0.changes, $1.name) }
    guard !fields.isEmpty else { return try output.write("<p>Nothing was changed by this run.</p>") }
    let table = try HTMLTable(
      "Fields of applied changes, the most changed first",
      [
        .init(title: "Field", kind: .code), .init(title: "Changes", kind: .number),
        .init(title: "Before → after, the most frequent first", kind: .fields),
      ], to: output)
    for field in fields {
      let ways = field.first.map { way in
        """
        <div>\(ShownValue.html(way.prior)) <span class="to">→</span> \(ShownValue.html(way.planned)) \
        <span class="times">\(DisplayText.count(way.count)) ×</span></div>
        """ as HTML
      }
      let rest = field.ways - field.first.count
      let more: HTML = rest > 0 ? "<div class=\"more\">and \(DisplayText.count(rest, "other transition"))</div>" : ""
      try table.row(["\(field.name)", "\(DisplayText.count(field.changes))", ways.joined() + more])
    }
    try table.end()
    try output.write(
      """
      <p class="hint">These are the values as read before each request: the rollback record. What is not set was not \
      shown by the group.</p>
      """)
  }
}
