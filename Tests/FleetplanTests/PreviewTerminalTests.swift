import AutoScaling
import Testing

/// `preview` as it looks on a terminal.
struct PreviewTerminalTests {
  @Test(arguments: [
    (["TERM": "xterm"], true), (["TERM": "xterm", "NO_COLOR": "1"], false), (["TERM": "xterm", "NO_COLOR": ""], true),
    (["TERM": "dumb"], false),
  ])
  func `it is coloured unless that is unwanted, and no wider than the terminal`(
    environment: [String: String], isColoured: Bool
  ) async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1", GroupModification([.description: .null]))
      try stage.folder.file(
        "plan.csv",
        "project_id,scaling_group_id,cool_down_time,description\n\(Stage.project),g-1,60,three words and a few more here\n"
      )
      let terminal = try PseudoTerminal(columns: 50)
      let process = try stage.start(
        ["preview", "plan.csv"] + stage.connection, environment: environment.merging(["TTY": terminal.path]) { $1 },
        script: #"exec "$@" >"$TTY" 2>"$TTY""#)
      #expect(try await process.wait().ending == .exit(0))
      terminal.look()
      // How far it is is shown where the machine is slow, and taken away again.
      let text = terminal.text.replacing("\r\n", with: "\n")
        .replacing(/(\rlooking: [^\r]*)+\r\x1B\[K/, with: "")
      #expect(text.contains("\u{1B}[32m60\u{1B}[0m") == isColoured)
      let plain = text.replacing(/\x1B\[[0-9]+m/, with: "")
      #expect((plain != text) == isColoured)
      #expect(
        plain == """
          g-1 g-1, line 2
            cool_down_time: 300 → 60
            description:
              - null
              + "three words and a few more here"
            cannot be taken back: description was empty
              before the change, and the API takes no empty
              description

          plan.csv: 1 change to 1 group in 1 project
            to apply        1
            unchanged       0
            instances       none added, none removed
            fields          cool_down_time 1, description 1
            not reversible  1 change: 1 with a prior value
                            that cannot be written back
            a run sends     2 requests, about 200 ms at 10/s

          """)
    }
  }
}
