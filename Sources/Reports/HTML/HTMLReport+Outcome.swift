import ChangeRun
import Ledger

/// How many changes have ended how, and what to do next.
extension HTMLReport {
  func writeOutcome(to output: HTMLOutput) throws {
    let counts = StateMark.order.compactMap { state in states[state].map { (state: state, count: $0) } }
    let total = run.counts.total
    guard total > 0 else { return try output.write("<p>The run has no changes.</p>") }
    let parts = counts.map { state, count in
      let label: HTML = count * 12 >= total ? "\(StateMark(state).sign) \(DisplayText.count(count))" : ""
      return "<span class=\"part \(state.rawValue)\" style=\"flex-grow:\(count)\">\(label)</span>" as HTML
    }
    let words = counts.map { "\(DisplayText.count($0.count)) \($0.state.rawValue)" }.joined(separator: ", ")
    try output.write("<div class=\"parts\" role=\"img\" aria-label=\"\(words)\">\(parts.joined())</div>")
    let table = try HTMLTable(
      "Changes by state",
      [
        .init(title: "State"), .init(title: "Changes", kind: .number), .init(title: "Share", kind: .number),
        .init(title: "Meaning", kind: .prose),
      ], to: output)
    for (state, count) in counts {
      let mark = StateMark(state)
      try table.row([
        mark.html, "\(DisplayText.count(count))", "\(RunReport.share(count, of: total))", "\(meaning(of: state, mark))",
      ])
    }
    try table.row(["total", "\(DisplayText.count(total))", "", ""])
    try table.end()
    try output.write("<p>\(instanceText)</p>")
  }

  private func meaning(of state: ChangeState, _ mark: StateMark) -> String {
    // While an executor is there, nothing is in doubt.
    state == .sending && summary.state == .running ? "its request is on the way" : mark.meaning
  }

  private var instanceText: String {
    guard moves.added + moves.removed > 0 else { return "No instances were added or taken away by this run." }
    var parts: [String] = []
    if moves.added > 0 {
      parts.append(
        "\(DisplayText.count(moves.added, "instance")) added in \(DisplayText.count(moves.growing, "change"))")
    }
    if moves.removed > 0 {
      parts.append(
        "\(DisplayText.count(moves.removed, "instance")) taken away in \(DisplayText.count(moves.shrinking, "change"))")
    }
    return parts.joined(separator: ", ") + ", by the groups' desired numbers as read before each request."
  }

  func writeNext(to output: HTMLOutput) throws {
    let step = NextStep(summary, style: style)
    let id = String(run.id)
    var steps = [(step.purpose, step.command)]
    if summary.state == .stopped {
      steps.append(("To settle what is in doubt and give up the rest:", style.command(["abandon", id])))
    }
    let troubled = [ChangeState.failed, .blocked, .conflicted].filter { states[$0] != nil }.map(\.rawValue)
    if !troubled.isEmpty {
      steps.append(
        (
          "To correct what went wrong in a plan of its own:",
          style.command([
            "report", id, "--format", "plan", "--state", troubled.joined(separator: ","), "--output", "again-\(id).csv",
          ])
        ))
    }
    if summary.state != .running, run.counts.succeeded > 0 || states[.sending] != nil {
      steps.append(("To undo it:", style.command(["rollback", id])))
      steps.append(("To see what undoing it would do:", style.command(["rollback", id, "--dry-run"])))
    }
    steps.append(
      (
        "To have every change, as CSV:",
        style.command(["report", id, "--format", "csv", "--output", "run-\(id).csv"])
      ))
    var seen: Set<String> = []
    try output.write("<dl class=\"steps\">")
    for (purpose, command) in steps where seen.insert(command).inserted {
      try output.write("<dt>\(purpose)</dt>\n<dd><pre><code>\(command)</code></pre></dd>")
    }
    try output.write("</dl>")
  }
}
