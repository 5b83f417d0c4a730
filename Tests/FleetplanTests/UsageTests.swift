import AutoScaling
import Foundation
import Testing

/// Exit status 64, and what the program says about itself.
struct UsageTests {
  @Test(arguments: [
    ["frobnicate"],
    ["run", "plan.csv", "--frobnicate"],
    ["run"],
    ["check"],
    ["load"],
    ["run", "plan.csv", "--plan", "1"],
    ["load", "--plan", "1"],
    ["run", "--plan", "1", "--project", "p"],
    ["run", "plan.csv", "--rate", "fast"],
    ["run", "plan.csv", "--rate=-1"],
    ["run", "plan.csv", "--backoff", "1s"],
    ["run", "plan.csv", "--request-timeout", "30"],
    ["run", "plan.csv", "--request-timeout", "0s"],
    ["run", "plan.csv", "--max-failures", "150%"],
    ["run", "plan.csv", "--max-attempts", "0"],
    ["run", "plan.csv", "--concurrency", "0"],
    ["run", "plan.csv", "--retry-on", "sometimes"],
    ["run", "plan.csv", "--waves", "10%,0"],
    ["run", "plan.csv", "--confirm-waves", "--wave-pause", "1s"],
    ["run", "plan.csv", "--until", "25:00"],
    ["run", "plan.csv", "--expect-sha256", "abc"],
    ["run", "plan.csv", "--quiet", "--verbose"],
    ["check", "plan.txt"],
    ["check", "-"],
    ["abandon"],
    ["rollback", "--waves", "1"],
    ["rollback", "--dry-run", "--export", "x.csv"],
    ["report", "--format", "pdf"],
    ["report", "--state", "sad"],
    ["report", "--json", "--format", "csv"],
    ["tune"],
    ["tune", "--concurrency", "0"],
    ["groups", "--project", "a/b"],
    ["groups", "--project", "p", "--fields", "cool_down"],
    ["groups", "--project", "p", "--fields", "cool_down_time,"],
    ["groups", "--project", "p", "--set", "cool_down_time"],
    ["groups", "--project", "p", "--set", "cool_down_time=90000"],
    ["groups", "--project", "p", "--set", "cool_down_time=60", "--set", "cool_down_time=90"],
    ["groups", "--project", "p", "--set", "min_instance_number=5", "--set", "max_instance_number=2"],
    ["groups", "--project", "p", "--status", "INSERVCE"],
    ["groups", "--project", "p", "--json", "--bom"],
    ["groups", "--project", "p", "--output", "fleet.json"],
    ["groups", "--project", "p", "--output", "fleet.csv", "--json"],
    ["simulate", "--fault", "409"],
    ["simulate", "--port", "70000"],
    ["simulate", "--token-lifetime", "1h"],
    ["simulate", "--auth", "token", "--token-lifetime", "900ms"],
    ["simulate", "--auth", "token", "--token-lifetime", "5"],
  ])
  func `a command line that cannot be meant ends with 64 and touches nothing`(arguments: [String]) async throws {
    let folder = try TemporaryFolder()
    try folder.file("plan.csv", "scaling_group_id,cool_down_time\ng-1,60\n")
    let result = try await FleetplanProcess(arguments, folder: folder).wait()
    #expect(result.ending == .exit(64), "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("Usage: fleetplan"))
    #expect(try folder.names.filter { !$0.hasPrefix(".") } == ["plan.csv"])
  }

  @Test(arguments: [["run", "plan.csv"], ["resume"], ["rollback"]])
  func `without a terminal a change of the cloud needs --yes`(arguments: [String]) async throws {
    try await Stage.with { stage in
      stage.addGroup("g-1")
      stage.addGroup("g-2")
      try stage.folder.file(
        "plan.csv", "project_id,scaling_group_id,cool_down_time\n\(Stage.project),g-1,60\n\(Stage.project),g-2,60\n")
      if arguments[0] != "run" {
        // A run with something left to resume and something to roll back.
        let stopped = try await stage.fleetplan(
          stage.running("plan.csv", "--waves", "1,100%", "--confirm-waves"))
        #expect(stopped.ending == .exit(76))
      }
      let before = (stage.values, stage.journal.count)
      let result = try await stage.fleetplan(
        arguments + (arguments[0] == "run" ? stage.connection : []))
      #expect(result.ending == .exit(64))
      #expect(
        result.errors.hasSuffix(
          "fleetplan: error: nobody can be asked here: --yes says that it is meant. Nothing was changed\n"))
      #expect(stage.values == before.0)
      #expect(stage.journal.count == before.1)
    }
  }

  @Test func `of several unfinished runs the one that is meant has to be said`() async throws {
    try await Stage.with { stage in
      for group in ["g-1", "g-2"] {
        stage.addGroup(group)
        try stage.folder.file(
          "\(group).csv", "project_id,scaling_group_id,desire_instance_number\n\(Stage.project),\(group),1\n")
        let stopped = try await stage.fleetplan(stage.running("\(group).csv", "--max-removed", "0"))
        #expect(stopped.ending == .exit(76))
      }
      let result = try await stage.fleetplan("resume", "--yes")
      #expect(result.ending == .exit(64))
      #expect(result.errors.contains("several runs are unfinished; say which: fleetplan resume RUN\n"))
      #expect(result.errors.contains("  run 1: apply of g-1.csv, 1 of 1 changes left\n"))
      #expect(result.errors.contains("  run 2: apply of g-2.csv, 1 of 1 changes left"))
      #expect(try await stage.fleetplan("resume", "2", "--yes", "--max-removed", "1").ending == .exit(0))
    }
  }

  @Test(arguments: [
    "check", "load", "preview", "run", "resume", "abandon", "rollback", "status", "report", "history", "tune",
    "groups", "simulate", "demo",
  ])
  func `every command has a help with an example`(command: String) async throws {
    let folder = try TemporaryFolder()
    let result = try await FleetplanProcess(["help", command], folder: folder).wait()
    #expect(result.ending == .exit(0))
    #expect(result.output.contains("USAGE: fleetplan \(command)"))
    #expect(result.output.contains("Example"))
    #expect(result.errors.isEmpty)
  }

  @Test func `the version is one line`() async throws {
    let result = try await FleetplanProcess(["--version"], folder: TemporaryFolder()).wait()
    #expect(result.ending == .exit(0))
    #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}
