import ChangeRun
import JSONText
import Ledger

/// Which plan, by whom, where, when and why: the head of a report.
struct RunFacts {
  private let run: RunRow
  private let plan: PlanRow?
  private let style: ReportStyle

  init(_ run: RunRow, plan: PlanRow?, style: ReportStyle) {
    self.run = run
    self.plan = plan
    self.style = style
  }

  func write(to output: (String) throws -> Void) throws {
    var table = TextTable([.init(title: ""), .init(title: "", maximumWidth: 200)])
    for (name, text) in rows { table.append([name, text]) }
    try table.write(indent: "  ", to: output)
  }

  /// The facts in their order, each with its name.
  var rows: [(name: String, text: String)] {
    var rows = [
      ("plan", planText), ("file", run.planFile), ("sha256", run.planSHA256),
      ("started", "\(style.time(run.startedAt)) by \(run.operatorName) on \(run.host)"),
    ]
    if let finishedAt = run.finishedAt { rows.append(("finished", style.time(finishedAt))) }
    rows.append(("worked for", ReportStyle.duration(run.elapsed)))
    if let reason = run.reason { rows.append(("reason", reason)) }
    if let endpointText { rows.append(("endpoint", endpointText)) }
    rows.append(("made by", "fleetplan \(run.toolVersion)"))
    return rows
  }

  private var planText: String {
    var text = "\(run.planID) \(run.planName)"
    if let plan {
      text += ", \(DisplayText.count(plan.changeCount, "change")) to \(DisplayText.count(plan.groupCount, "group"))"
      text += " in \(DisplayText.count(plan.projectCount, "project"))"
    }
    return text
  }

  /// The different endpoints, three at most.
  private var endpointText: String? {
    // The table lets only JSON in; what is no object has no endpoints to show.
    guard let members = try? JSONParser.parse(run.endpoints).objectValue else { return nil }
    let endpoints = Set(members.compactMap(\.node.stringValue)).sorted()
    guard !endpoints.isEmpty else { return nil }
    let more = endpoints.count > 3 ? " and \(endpoints.count - 3) more" : ""
    return endpoints.prefix(3).joined(separator: ", ") + more
  }
}

/// What to do next with a run.
struct NextStep {
  var purpose: String
  /// A whole command line.
  var command: String

  init(_ summary: RunSummary, style: ReportStyle) {
    let id = String(summary.runID)
    let counts = summary.counts
    switch summary.state {
    case .running:
      purpose = "To follow it:"
      command = style.command("status", id, "--watch")
    case .stopped:
      purpose = "To go on:"
      command = style.command("resume", id) + style.cloudFlags
    case .completed where counts.failed + counts.blocked + counts.conflicted > 0:
      purpose = "To take up again what has failed, was blocked or conflicted:"
      command = style.command("resume", id, "--retry-failed") + style.cloudFlags
    case .completed, .abandoned:
      purpose = "To undo it:"
      command = style.command("rollback", id) + style.cloudFlags
    }
  }
}
