import ChangeRun
import Ledger

/// What was sent, how long answers took, and what did not succeed at once.
extension HTMLReport {
  func writeRequests(to output: HTMLOutput) throws {
    let requests = run.requests
    let total = requests.gets + requests.puts
    let pace = run.elapsed > 0 && total > 0 ? ", \(RunReport.rate(total, in: run.elapsed)) a second" : ""
    try output.write(
      """
      <p>\(DisplayText.count(total, "request"))\(pace): \(DisplayText.count(requests.gets)) GET, \
      \(DisplayText.count(requests.puts)) PUT; \(DisplayText.count(requests.retries)) tried again.</p>
      """)
    try writeLatency(to: output)
    try writeFailures(to: output)
  }

  private func writeLatency(to output: HTMLOutput) throws {
    let latency = report.latency
    guard latency.count > 0 else { return try output.write("<p>No PUT has been answered.</p>") }
    try output.write("<div class=\"charts\">")
    try output.write(
      DistributionChart(
        id: "latency", title: "How long a PUT took", buckets: latency.buckets(30),
        marks: [("p50", 50.0), ("p95", 95), ("p99", 99)].map { ($0, latency.percentile($1)) }
      ).html)
    let table = try HTMLTable(
      "Answers to PUT within", [.init(title: "Share"), .init(title: "Time", kind: .number)], to: output)
    for (name, percent) in [
      ("p50, the median", 50.0), ("p75", 75), ("p90", 90), ("p95", 95), ("p99", 99), ("p99.9", 99.9),
    ] {
      try table.row(["\(name)", "\(ReportStyle.duration(latency.percentile(percent)))"])
    }
    try table.row(["the longest", "\(ReportStyle.duration(latency.maximum))"])
    try table.row(["PUTs with an answer", "\(DisplayText.count(latency.count))"])
    try table.end()
    try output.write("</div>")
  }

  private func writeFailures(to output: HTMLOutput) throws {
    let failures = report.requestFailures
    guard !failures.isEmpty else { return try output.write("<p>Every request succeeded at the first attempt.</p>") }
    let table = try HTMLTable(
      "Requests that did not succeed at once, by cause",
      [
        .init(title: "Request"), .init(title: "Status", kind: .number), .init(title: "Code", kind: .code),
        .init(title: "Times", kind: .number), .init(title: "What became of it"),
        .init(title: "What it means", kind: .prose),
      ], to: output)
    for failure in failures.prefix(Self.rowLimit) {
      let outcome =
        switch failure.outcome {
        case "lost": "no usable answer"
        case "not_sent": "not sent"
        default: failure.outcome
        }
      try table.row([
        "\(failure.method)", "\(failure.httpStatus.map { String($0) } ?? "–")", "\(failure.errorCode ?? "–")",
        "\(DisplayText.count(failure.count))", "\(outcome)",
        "\(meaning(of: failure))",
      ])
    }
    try table.end()
  }

  private func meaning(of failure: AttemptFailures) -> String {
    guard failure.errorCode != nil || failure.httpStatus != nil else { return "" }
    return ErrorGuide(code: failure.errorCode ?? "", status: failure.httpStatus).meaning
  }
}
