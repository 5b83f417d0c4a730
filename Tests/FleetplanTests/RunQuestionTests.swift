import AutoScaling
import Foundation
import Testing

/// `run` by somebody who sits at a terminal.
struct RunQuestionTests {
  private static let plan = """
    project_id,scaling_group_id,desire_instance_number,cool_down_time
    \(Stage.project),g-1,4,60
    \(Stage.project),g-2,,300
    \(Stage.project),g-3,9,
    \(Stage.project),g-4,1,

    """

  /// Runs the plan at a terminal, and gives the answer.
  private static func run(
    _ stage: Stage, answer: String, environment: [String: String] = [:]
  ) async throws -> (text: String, result: FleetplanProcess.Result) {
    for group in ["g-1", "g-2", "g-3", "g-4"] { stage.addGroup(group) }
    try stage.folder.file("plan.csv", Self.plan)
    let terminal = try PseudoTerminal()
    let environment = environment.merging(["TTY": terminal.path, "TERM": "xterm"]) { mine, _ in mine }
    let process = try stage.start(
      ["run", "plan.csv", "--json", "--max-failures", "5"] + stage.connection + Stage.quick, environment: environment,
      script: #"exec "$@" <"$TTY" 2>"$TTY""#)
    try await stage.wait(for: "the question") {
      terminal.look()
      return terminal.text.hasSuffix("Go on? [y/N] ")
    }
    #expect(stage.puts.isEmpty)
    let asked = terminal.text.replacing("\r\n", with: "\n")
    terminal.type(answer)
    return (asked, try await process.wait())
  }

  @Test func `the summary of the preview comes before the question, and a yes goes on`() async throws {
    try await Stage.with { stage in
      let (text, result) = try await Self.run(stage, answer: "y", environment: ["NO_COLOR": "1"])
      let summary = try #require(text.range(of: "plan.csv: 4 changes to 4 groups in 1 project\n"))
      #expect(
        text[summary.lowerBound...].hasPrefix(
          """
          plan.csv: 4 changes to 4 groups in 1 project
            to apply        2
            unchanged       1
            blocked         1 (line 4)
            instances       2 added, at most 2 by one change (line 2, g-1)
                            1 removed, at most 1 by one change (line 5, g-4)
            fields          desire_instance_number 2, cool_down_time 1
            not reversible  1 change: 1 removing instances
            a run sends     6 requests, as fast as the service answers
            reasons         `fleetplan preview` shows each change
          run: 4 changes to 4 groups in 1 project; rate unlimited
          """))
      #expect(result.ending == .exit(1))
      #expect(stage.puts.count == 2)
      #expect(stage.value("g-1", .desireInstanceNumber) == .integer(4))
    }
  }

  @Test(arguments: ["", "n", "yess"])
  func `anything but a yes changes nothing`(answer: String) async throws {
    try await Stage.with { stage in
      let (text, result) = try await Self.run(stage, answer: answer)
      // It is painted where nobody minds.
      #expect(text.contains("\u{1B}[31m1 removed,\u{1B}[0m"))
      #expect(result.ending == .exit(75))
      #expect(stage.puts.isEmpty)
      #expect(try stage.rows("SELECT * FROM run").isEmpty)
    }
  }
}
