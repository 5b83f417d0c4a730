import ChangeRun
import Ledger

/// How the run went over time.
extension HTMLReport {
  func writeCourse(to output: HTMLOutput) throws {
    let stretches = samples.stretches
    guard !stretches.isEmpty, run.elapsed > 0 else {
      return try output.write(
        """
        <p>There are no samples of this run: one is kept about every ten seconds, and at the end of a session. It was \
        worked on for \(ReportStyle.duration(run.elapsed)).</p>
        """)
    }
    try output.write("<p>\(courseText)</p>\n<div class=\"charts\">")
    try output.write(progressChart.html)
    try output.write(rateChart.html)
    if stretches.contains(where: { $0.retries + $0.throttled > 0 }) {
      try output.write(retryChart.html)
      try output.write("</div>")
    } else {
      try output.write("</div>\n<p>Nothing was tried again, and nothing slowed the run down.</p>")
    }
    try writeFigures(to: output)
  }

  private var duration: Int { max(run.elapsed, samples.stretches.last?.end ?? 0) }

  private var courseText: String {
    let every = "Time is the time of work: pauses between sessions are left out."
    let thinned =
      samples.isThinned
      ? " Of \(DisplayText.count(samples.sampleCount, "sample")), several are one point." : ""
    let unlimited = samples.stretches.contains { $0.rate > 0 } ? "" : " The rate was unlimited."
    return every + thinned + unlimited
  }

  private var progressChart: TimeChart {
    let stretches = samples.stretches
    let start = TimeChart.Point(time: 0, value: 0)
    var finished = [start] + stretches.map { TimeChart.Point(time: $0.end, value: Double($0.finished)) }
    if let last = finished.last, run.elapsed > last.time {
      finished.append(TimeChart.Point(time: run.elapsed, value: Double(run.counts.finished)))
    }
    var lines = [TimeChart.Line(name: "changes that have ended", points: finished)]
    if stretches.contains(where: { $0.failed > 0 }) {
      let failed = [start] + stretches.map { TimeChart.Point(time: $0.end, value: Double($0.failed)) }
      lines.append(TimeChart.Line(name: "of them failed", points: failed))
    }
    return TimeChart(
      id: "progress", title: "Progress", unit: "changes", lines: lines, duration: duration, breaks: samples.breaks)
  }

  private var rateChart: TimeChart {
    let stretches = samples.stretches
    var lines = [line("requests sent") { $0.perSecond($0.requests) }]
    if stretches.contains(where: { $0.rate > 0 }) { lines.append(line("configured rate") { $0.rate }) }
    let isSlowed = stretches.contains {
      $0.effectiveRate > 0 && ($0.rate == 0 || $0.effectiveRate < $0.rate * 0.99)
    }
    if isSlowed { lines.append(line("slowed down to, at each sample") { $0.effectiveRate }) }
    return TimeChart(
      id: "rate", title: "Requests", unit: "a second, of all kinds", lines: lines, duration: duration,
      breaks: samples.breaks)
  }

  private var retryChart: TimeChart {
    TimeChart(
      id: "retries", title: "Retries and throttling", unit: "a second",
      lines: [
        line("tried again") { $0.perSecond($0.retries) },
        line("answers that slowed the run down (429, 503)") { $0.perSecond($0.throttled) },
      ], duration: duration, breaks: samples.breaks)
  }

  /// A value that holds for each stretch.
  private func line(_ name: String, _ value: (SampleSeries.Stretch) -> Double) -> TimeChart.Line {
    let stretches = samples.stretches
    let first = stretches.first.map { TimeChart.Point(time: $0.end - $0.length, value: value($0)) }
    return TimeChart.Line(
      name: name,
      points: (first.map { [$0] } ?? []) + stretches.map { TimeChart.Point(time: $0.end, value: value($0)) },
      // Steps as narrow as a line are no steps to see.
      isStepped: stretches.count <= 80)
  }

  /// The same as numbers, for those who cannot see charts or want to know exactly.
  private func writeFigures(to output: HTMLOutput) throws {
    try output.write("<details><summary>The figures of these charts</summary>")
    let table = try HTMLTable(
      "The run over time", isTall: true,
      [
        .init(title: "Work until", kind: .number), .init(title: "Ended", kind: .number),
        .init(title: "Failed", kind: .number), .init(title: "Requests/s", kind: .number),
        .init(title: "Rate", kind: .number), .init(title: "Slowed to", kind: .number),
        .init(title: "Retries", kind: .number), .init(title: "Throttled", kind: .number),
      ], to: output)
    for stretch in samples.stretches {
      try table.row([
        "\(ReportStyle.duration(stretch.end))", "\(DisplayText.count(stretch.finished))",
        "\(DisplayText.count(stretch.failed))", "\(ChartText.number(stretch.perSecond(stretch.requests)))",
        stretch.rate == 0 ? "unlimited" : "\(ChartText.number(stretch.rate))",
        stretch.effectiveRate == 0 ? "" : "\(ChartText.number(stretch.effectiveRate))",
        "\(DisplayText.count(stretch.retries))", "\(DisplayText.count(stretch.throttled))",
      ])
    }
    try table.end()
    try output.write("</details>")
  }
}
