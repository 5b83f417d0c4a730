import ChangePlan
import ChangeRun
import JSONText
package import Ledger

/// The plans and runs of a ledger.
package struct HistoryReport: Sendable {
  private let plans: [PlanRow]
  private let runs: [RunSummary]
  private let rows: [RunRow]

  /// Takes the last so many plans and runs; `activeRun` is the one that an executor is at work on.
  package init(_ snapshot: LedgerSnapshot, activeRun: Int?, limit: Int = .max) throws {
    plans = try snapshot.plans(limit: limit)
    rows = try snapshot.runs(limit: limit)
    runs = rows.map { RunSummary($0, failures: [], isRunning: $0.id == activeRun) }
  }

  package func writeText(style: ReportStyle, to output: (String) throws -> Void) throws {
    var planTable = TextTable([
      .init(title: "plan", alignment: .right), .init(title: "name", maximumWidth: 32),
      .init(title: "changes", alignment: .right), .init(title: "groups", alignment: .right), .init(title: "loaded"),
      .init(title: "sha256"),
    ])
    for plan in plans {
      planTable.append([
        String(plan.id), plan.name, DisplayText.count(plan.changeCount), DisplayText.count(plan.groupCount),
        style.time(plan.loadedAt), String(plan.sha256.prefix(12)),
      ])
    }
    if planTable.isEmpty { try output("no plans\n") } else { try planTable.write(to: output) }
    var runTable = TextTable([
      .init(title: "run", alignment: .right), .init(title: "plan", alignment: .right), .init(title: "kind"),
      .init(title: "state", maximumWidth: 32), .init(title: "done", alignment: .right),
      .init(title: "of", alignment: .right), .init(title: "trouble", alignment: .right), .init(title: "started"),
      .init(title: "took"), .init(title: "by", maximumWidth: 24), .init(title: "reason", maximumWidth: 40),
    ])
    for (run, row) in zip(runs, rows) {
      let counts = run.counts
      runTable.append([
        String(run.runID), String(run.planID), row.rollsBack.map { "rollback of \($0)" } ?? run.kind.rawValue,
        RunReport.stateText(run), DisplayText.count(counts.succeeded + counts.unchanged),
        DisplayText.count(counts.total), DisplayText.count(counts.failed + counts.blocked + counts.conflicted),
        style.time(run.startedAt), ReportStyle.duration(run.elapsed), row.operatorName, row.reason ?? "",
      ])
    }
    try output("\n")
    if runTable.isEmpty { try output("no runs\n") } else { try runTable.write(to: output) }
  }

  /// One JSON object, without a line feed.
  package var json: String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("plans")
    writer.beginArray()
    for plan in plans {
      writer.beginObject()
      writer.member("plan_id", plan.id)
      writer.member("name", plan.name)
      writer.member("file", plan.file)
      writer.member("format", plan.format.rawValue)
      writer.member("sha256", plan.sha256)
      writer.member("changes", plan.changeCount)
      writer.member("groups", plan.groupCount)
      writer.member("projects", plan.projectCount)
      writer.member("loaded_at", LedgerTime.iso8601(plan.loadedAt))
      writer.endObject()
    }
    writer.endArray()
    writer.key("runs")
    writer.beginArray()
    for run in runs { run.write(to: &writer, withFailures: false) }
    writer.endArray()
    writer.endObject()
    return writer.text
  }
}
