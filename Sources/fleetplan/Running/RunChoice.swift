import ChangeRun
import JSONText
import Ledger

/// Which run a command is about when none, or one, is named.
enum RunChoice {
  static func missing(_ id: Int, in ledger: String) -> CommandError {
    CommandError(.noInput, "\(ledger): no run \(id); `fleetplan history` lists the runs")
  }

  /// The run to look at: the one named, else the latest.
  static func latest(_ id: Int?, _ snapshot: LedgerSnapshot, ledger: String) throws -> RunRow {
    if let id {
      guard let run = try snapshot.run(id) else { throw missing(id, in: ledger) }
      return run
    }
    guard let run = try snapshot.latestRun() else {
      throw CommandError(.noInput, "\(ledger): it has no runs yet; `fleetplan run PLAN` makes one")
    }
    return run
  }

  /// The run to resume: the one named, else the only unfinished one, else the latest.
  ///
  /// - Throws: `CommandError` 64 with a list where several are unfinished.
  static func toResume(_ id: Int?, _ snapshot: LedgerSnapshot, ledger: String) throws -> RunRow {
    if id == nil {
      let unfinished = try snapshot.unfinishedRuns()
      if unfinished.count > 1 {
        let list = unfinished.map {
          "  run \($0.id): \($0.kind.rawValue) of \($0.planFile), \($0.counts.unfinished) of \($0.counts.total) changes left"
        }
        throw CommandError(
          .usage, "several runs are unfinished; say which: fleetplan resume RUN\n" + list.joined(separator: "\n"))
      }
      if let run = unfinished.first { return run }
    }
    return try latest(id, snapshot, ledger: ledger)
  }
}

/// The endpoints that are stored with a run: JSON, project id to endpoint.
enum StoredEndpoints {
  static func decode(_ text: String) -> [String: String] {
    var endpoints: [String: String] = [:]
    // Our own column, checked by the ledger to be JSON: what is no text in it is no endpoint.
    for member in (try? JSONParser.parse(text))?.objectValue ?? [] { endpoints[member.name] = member.node.stringValue }
    return endpoints
  }

  static func encode(_ endpoints: [String: String]) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    for (project, endpoint) in endpoints.sorted(by: { $0.key < $1.key }) { writer.member(project, endpoint) }
    writer.endObject()
    return writer.text
  }
}
