import AutoScalingSimulator
import Foundation
import GRDB
import Testing

/// Few open files, and standard streams that are not there.
struct OpenFilesTests {
  @Test(arguments: [16, 24, 32])
  func `with too few open files nothing is begun, and the limit is named`(limit: Int) async throws {
    try await Stage.with(groups: 4) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let refused = try await stage.start(
        stage.running("plan.csv", "--concurrency", "64"), script: "ulimit -n \(limit); exec \"$@\""
      ).wait()
      #expect(refused.ending == .exit(78), "\(refused.errors)")
      #expect(refused.errors.contains("ulimit -n"))
      #expect(stage.journal.isEmpty)
      // Nothing is in the way of the next one.
      let run = try await stage.fleetplan(stage.running("plan.csv"))
      #expect(run.ending == .exit(0), "\(run.errors)")
      #expect(stage.values == model.after)
    }
  }

  @Test(arguments: [(64, true), (24, false)])
  func `few open files make a run slower, and fail no change`(limit: Int, isHard: Bool) async throws {
    try await Stage.with(groups: 60, { $0.latency = .milliseconds(20) ... .milliseconds(40) }) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try await stage.start(
        // Answers have time: what is to be seen is that no connection fails, not that a busy machine is slow.
        stage.running("plan.csv", "--concurrency", "200", "--request-timeout", "20s"),
        script: "ulimit \(isHard ? "" : "-S") -n \(limit); exec \"$@\""
      ).wait()
      #expect(run.ending == .exit(0), "\(run.errors)")
      // A soft limit is raised; a hard one holds, and fewer requests are in flight.
      #expect(run.errors.contains("ulimit -n") == isHard, "\(run.errors)")
      #expect(stage.values == model.after)
      model.checkJournal(stage)
      try model.checkRecords(stage)
      #expect(try stage.rows("SELECT * FROM attempt WHERE outcome <> 'succeeded'").isEmpty)
    }
  }

  @Test(arguments: [">&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
  func `a run whose streams are not there ends with its status, and writes them nowhere else`(
    redirection: String
  ) async throws {
    try await Stage.with(groups: 6) { stage in
      let model = PlanModel.twoChanges(of: stage.server.cloud.references, stage)
      try stage.folder.file("plan.csv", model.csv)
      let run = try await stage.start(
        stage.running("plan.csv", "--json", "--verbose"), script: "exec \"$@\" \(redirection)"
      ).wait()
      #expect(run.ending == .exit(0))
      #expect(stage.values == model.after)
      model.checkJournal(stage)
      try model.checkRecords(stage)
      #expect(try stage.rows("PRAGMA integrity_check").map { $0[0] as String } == ["ok"])
    }
  }
}
