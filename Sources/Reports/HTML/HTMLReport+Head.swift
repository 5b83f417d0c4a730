import ChangeRun
import JSONText
import Ledger

/// The head of the page: which run, of what, by whom, how it ended.
extension HTMLReport {
  func writeHead(to output: HTMLOutput) throws {
    let name = "Run \(run.id): \(run.planName)"
    try output.write(
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="referrer" content="no-referrer">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>\(name)</title>
      <style>
      \(HTML(stringLiteral: PageStyle.css))</style>
      </head>
      <body>
      <header>
      <p class="kind">Fleetplan report · \(kindText)</p>
      <h1>\(name)</h1>
      <p class="verdict"><span class="badge \(verdict.tone)"><span aria-hidden="true">\(verdict.sign)</span> \
      \(RunReport.stateText(summary))</span> \(verdict.sentence)</p>
      """)
    try writeFacts(to: output)
    try output.write(
      """
      <nav aria-label="Sections"><a href="#outcome">Outcome</a> <a href="#next">How to go on</a> \
      \(hasTrouble ? "<a href=\"#trouble\">What went wrong</a> " as HTML : "")<a href="#fields">What was changed</a> \
      <a href="#course">Course</a> <a href="#requests">Requests</a> <a href="#changes">Changes</a></nav>
      </header>
      <main>
      """)
  }

  func writeFoot(to output: HTMLOutput) throws {
    try output.write(
      """
      </main>
      <footer><p>Made by fleetplan on \(style.time(generatedAt)) from the ledger. This page needs no network.</p></footer>
      </body>
      </html>
      """)
  }

  private var kindText: String { run.rollsBack.map { "rollback of run \($0)" } ?? "\(run.kind.rawValue) run" }

  /// How it went in a sentence, with a sign and a tone of colour.
  private var verdict: (sign: String, tone: HTML, sentence: String) {
    let counts = run.counts
    let good = counts.succeeded + counts.unchanged
    let trouble = counts.failed + counts.blocked + counts.conflicted
    let done = "\(DisplayText.count(good)) of \(DisplayText.count(counts.total, "change")) are as planned"
    let more = trouble > 0 ? ", \(DisplayText.count(trouble)) need\(trouble == 1 ? "s" : "") somebody to look" : ""
    switch summary.state {
    case .running:
      return (
        "▶", "info", "An executor is at work. So far \(done)\(more); \(DisplayText.count(counts.unfinished)) are left."
      )
    case .stopped:
      return ("■", "warn", "\(done.capitalizedFirst)\(more); \(DisplayText.count(counts.unfinished)) are left.")
    case .abandoned: return ("–", "warn", "\(done.capitalizedFirst)\(more); the rest was given up.")
    case .completed where counts.total == 0: return ("✓", "good", "There was nothing to change.")
    case .completed where trouble > 0: return ("!", "bad", "\(done.capitalizedFirst)\(more).")
    case .completed: return ("✓", "good", "Every change is as planned.")
    }
  }

  private func writeFacts(to output: HTMLOutput) throws {
    var rows = RunFacts(run, plan: report.plan, style: style).rows
    rows.append(("ledger", ledgerPath))
    // Why stands first, for those who were not there; the short ones stand in pairs.
    let order = ["reason", "plan", "file", "sha256", "started", "finished", "worked for", "made by"]
    let place = { (name: String) in order.firstIndex(of: name) ?? order.count }
    rows.sort { (place($0.name), $0.name) < (place($1.name), $1.name) }
    let items = rows.map { name, text in
      let isCode = ["sha256", "ledger", "file", "endpoint"].contains(name)
      let isWide = ["sha256", "reason", "ledger", "endpoint"].contains(name)
      let wide: HTML = isWide ? " class=\"wide\"" : ""
      return "<div\(wide)><dt>\(name)</dt><dd>\(isCode ? "<code>\(text)</code>" as HTML : "\(text)")</dd></div>\n"
        as HTML
    }
    try output.write("<dl class=\"facts\">\n\(items.joined())</dl>")
    // The table lets only JSON in; what is no object has no options to show.
    guard let options = try? JSONParser.parse(run.options).objectValue, !options.isEmpty else { return }
    let shown = options.filter { !$0.node.isNull }.map { option in
      var writer = JSONWriter()
      writer.node(option.node)
      return "<div><dt>\(option.name)</dt><dd>\(option.node.stringValue ?? writer.text)</dd></div>\n" as HTML
    }
    try output.write(
      "<details><summary>Options of the run</summary>\n<dl class=\"facts options\">\n\(shown.joined())</dl></details>")
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
