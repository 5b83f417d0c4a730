import ChangeRun
import JSONText
package import Ledger

/// How the changes of a run have ended, by what they have in common (`report --by`).
package struct BreakdownReport: Sendable {
  package enum Key: String, Sendable, CaseIterable {
    case state
    case project
    case error
    case field
  }

  private let key: Key
  private let rows: [ChangeCount]

  package init(_ run: RunRow, by key: Key, in snapshot: LedgerSnapshot) throws {
    self.key = key
    rows =
      switch key {
      case .state:
        try snapshot.countsByState(of: run).sorted { $0.value > $1.value }
          .map { ChangeCount(key: $0.key.rawValue, counts: [$0.key: $0.value]) }
      case .project: try snapshot.countsByProject(of: run)
      case .error: try snapshot.countsByError(of: run)
      case .field: try snapshot.countsByField(of: run)
      }
  }

  private static let endings: [ChangeState] = [
    .succeeded, .unchanged, .failed, .blocked, .conflicted, .abandoned,
  ]

  package func writeText(to output: (String) throws -> Void) throws {
    guard key != .state else { return try writeStates(to: output) }
    let shown = Self.endings.filter { state in rows.contains { $0.counts[state] != nil } }
    let hasOpen = rows.contains { Self.unfinished($0) > 0 }
    var table = TextTable(
      [.init(title: key.rawValue, maximumWidth: 40), .init(title: "total", alignment: .right)]
        + shown.map { .init(title: $0.rawValue, alignment: .right) }
        + (hasOpen ? [.init(title: "unfinished", alignment: .right)] : [])
        + (key == .error ? [.init(title: "message of the first", maximumWidth: 60)] : []))
    for row in rows {
      table.append(
        [row.key.isEmpty ? "(none)" : row.key, DisplayText.count(row.total)]
          + shown.map { DisplayText.count(row.counts[$0] ?? 0) }
          + (hasOpen ? [DisplayText.count(Self.unfinished(row))] : []) + (key == .error ? [row.example ?? ""] : []))
    }
    try table.write(to: output)
  }

  private func writeStates(to output: (String) throws -> Void) throws {
    let total = rows.reduce(0) { $0 + $1.total }
    var table = TextTable([
      .init(title: "state"), .init(title: "changes", alignment: .right), .init(title: "share", alignment: .right),
    ])
    for row in rows {
      table.append([row.key, DisplayText.count(row.total), RunReport.share(row.total, of: total)])
    }
    try table.write(to: output)
  }

  /// An array with an object for each row, without a line feed.
  package var json: String {
    var writer = JSONWriter()
    writer.beginArray()
    for row in rows {
      writer.beginObject()
      writer.member(key.rawValue, row.key)
      writer.member("total", row.total)
      if key != .state {
        for state in Self.endings { writer.member(state.rawValue, row.counts[state] ?? 0) }
        writer.member("unfinished", Self.unfinished(row))
      }
      if key == .error { writer.member("message", row.example) }
      writer.endObject()
    }
    writer.endArray()
    return writer.text
  }

  /// The same as CSV, with a header.
  package func writeCSV(to output: (String) throws -> Void) rethrows {
    let states = key == .state ? [] : Self.endings
    try output(
      CSVText.line(
        [key.rawValue, "total"] + states.map(\.rawValue) + (key == .state ? [] : ["unfinished"])
          + (key == .error ? ["message"] : [])))
    for row in rows {
      try output(
        CSVText.line(
          [CSVText.unlikeFormula(row.key), String(row.total)] + states.map { String(row.counts[$0] ?? 0) }
            + (key == .state ? [] : [String(Self.unfinished(row))])
            + (key == .error ? [CSVText.unlikeFormula(row.example ?? "")] : [])))
    }
  }

  private static func unfinished(_ row: ChangeCount) -> Int {
    row.counts.reduce(0) { $0 + ($1.key.isTerminal ? 0 : $1.value) }
  }
}
