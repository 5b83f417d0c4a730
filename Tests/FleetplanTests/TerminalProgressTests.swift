import AutoScaling
import AutoScalingSimulator
import Foundation
import Testing

@testable import fleetplan

/// The progress of a run as it looks on a terminal.
struct TerminalProgressTests {
  /// Starts a run of many changes at a terminal, two at a time.
  private static func start(
    _ stage: Stage, on terminal: PseudoTerminal, _ more: String..., environment: [String: String] = [:]
  ) throws -> FleetplanProcess {
    let rows = stage.server.cloud.references.map { "\($0.projectID),\($0.groupID),77\n" }
    try stage.folder.file("plan.csv", "project_id,scaling_group_id,cool_down_time\n" + rows.joined())
    return try stage.start(
      stage.running("plan.csv", "--concurrency", "2") + more,
      environment: ["TTY": terminal.path, "TERM": "xterm"].merging(environment) { $1 },
      script: #"exec "$@" 2>"$TTY""#)
  }

  private static func wait(
    _ stage: Stage, _ terminal: PseudoTerminal, for what: String, _ pattern: Regex<Substring>
  ) async throws {
    try await stage.wait(for: what) {
      terminal.look()
      return terminal.text.contains(pattern)
    }
  }

  @Test func `a bar is drawn in place, fits a terminal that is made narrower, and leaves a clean screen`() async throws
  {
    try await Stage.with(groups: 400, { $0.latency = .milliseconds(40) ... .milliseconds(50) }) { stage in
      let terminal = try PseudoTerminal(columns: 80)
      let begun = ContinuousClock.now
      let run = try Self.start(stage, on: terminal)
      try await Self.wait(stage, terminal, for: "a bar at 80 columns", /\[[#-]{20}\] \d+\/400 \(\d+%\), ETA/)
      let before = terminal.text.utf8.count
      try terminal.resize(columns: 40)
      try await Self.wait(stage, terminal, for: "a bar at 40 columns", /\[[#-]{10}\] \d+\/400 \(/)
      run.signal(SIGINT)
      #expect(try await run.wait().ending == .exit(75))
      let seconds = Double((ContinuousClock.now - begun) / .seconds(1))
      terminal.look()
      let text = terminal.text.replacing("\r\n", with: "\n")
      #expect(Double(text.matches(of: /\[[#-]+\]/).count) <= 10 * seconds)
      let narrow = try #require(String(terminal.text.utf8.dropFirst(before)))
      for line in narrow.split(separator: "\r\n") where line.contains(/\[[#-]{10}\]/) {
        #expect(line.replacing(/\x1B\[[0-9]*[A-Z]|\r/, with: "").count < 40, "\(line)")
      }
      // The cursor is never hidden; nothing but whole lines comes after the bar was taken away.
      #expect(!text.contains("\u{1B}[?25l"))
      let rest = try #require(text.ranges(of: "\u{1B}[J").last.map { text[$0.upperBound...] })
      #expect(rest.contains(/(?:^|\n)\d+\/400 \(\d+%\)\n/), "\(rest)")
      #expect(text.contains("\u{1B}[JSIGINT: stopping; what is in flight ends"))
    }
  }

  @Test(arguments: [["TERM": "dumb"], ["TERM": "xterm"]])
  func `there are plain lines where nothing can be drawn`(environment: [String: String]) async throws {
    try await Stage.with(groups: 100, { $0.latency = .milliseconds(40) ... .milliseconds(50) }) { stage in
      let terminal = try PseudoTerminal()
      // A log has no place for a bar, on a terminal either.
      let more = environment["TERM"] == "dumb" ? "--verify" : "--log-format=json"
      let run = try Self.start(stage, on: terminal, more, environment: environment)
      try await Self.wait(stage, terminal, for: "a line", /\d+\/100 \(\d+%\),/)
      #expect(try await run.wait().ending == .exit(0))
      terminal.look()
      #expect(!terminal.text.contains("\u{1B}"))
    }
  }

  @Test func `--watch shows a run from another terminal, and ends with it`() async throws {
    try await Stage.with(groups: 100, { $0.latency = .milliseconds(40) ... .milliseconds(50) }) { stage in
      let (mine, others) = (try PseudoTerminal(), try PseudoTerminal(columns: 40))
      let run = try Self.start(stage, on: mine)
      try await stage.wait(for: "the first PUT") { !stage.puts.isEmpty }
      let watch = try stage.start(
        ["status", "--watch"], environment: ["TTY": others.path, "TERM": "xterm"], script: #"exec "$@" >"$TTY""#)
      let piped = try stage.start(["status", "--watch"])
      try await Self.wait(stage, others, for: "a bar", /Run 1 \(apply\): running\e\[K\r\n\[[#-]{10}\] \d+\/100 \(/)
      #expect(try await run.wait().ending == .exit(0))
      #expect(try await watch.wait().ending == .exit(0))
      others.look()
      let text = others.text.replacing("\r\n", with: "\n")
      let rest = try #require(text.ranges(of: "\u{1B}[J").last.map { text[$0.upperBound...] })
      #expect(rest.hasPrefix("Run 1 (apply): completed\n  100 of 100 changes (100 %): 100 succeeded\n"), "\(rest)")
      let lines = try await piped.wait()
      #expect(lines.ending == .exit(0))
      #expect(lines.output.contains(/^\d+\/100 \(\d+%\),/))
      #expect(lines.output.contains("\nRun 1 (apply): completed\n"))
    }
  }
}
