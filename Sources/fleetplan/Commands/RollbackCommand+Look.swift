import ArgumentParser
import AutoScaling
import ChangeRun
import JSONText
import Ledger
import Reports

/// `fleetplan rollback --dry-run` and `--export FILE`: they only look.
extension RollbackCommand {
  /// Shows what would be restored, by the live groups, or writes the inverse plan from the ledger.
  func look(_ context: CommandContext) async throws {
    let reader = try mappingErrors { try LedgerReader(global.ledgerPath(context)) }
    let run = try mappingErrors { try reader.read { try Self.choose(runID, $0, ledger: reader.path) } }
    if run.state == .unfinished {
      context.note("run \(run.id) is unfinished: this is what it has, or may have, applied so far")
    }
    if let export {
      try writeInverse(of: run, reader, to: export, context)
    } else {
      try await showInverse(of: run, reader, context)
    }
  }

  // MARK: --dry-run

  private func showInverse(of run: RunRow, _ reader: LedgerReader, _ context: CommandContext) async throws {
    let plan = try mappingErrors { try reader.read { try $0.plan(run.planID) } }
    guard let plan else {
      throw CommandError(
        .ledger,
        "\(reader.path): plan \(run.planID) of run \(run.id) is gone: somebody has changed the ledger. Restore it from a copy"
      )
    }
    var source = try PreviewSource.rollback(of: run, highestNumber: plan.changeCount) { body in try reader.read(body) }
    if let done = try mappingErrors({ try reader.read { try $0.wholeRollback(ofRun: run.id) } }) {
      context.note("run \(run.id) was wholly rolled back by run \(done.id): nothing is left to do")
      source.projects = []
    }
    var options = RunOptions()
    options.overwriteDrift = overwriteDrift
    execution.apply(to: &options)
    let access = try await EndpointDiscovery.access(
      projects: source.projects.map(\.projectID), stored: StoredEndpoints.decode(run.endpoints),
      CloudConnector(cloud, context), run: options)
    let session = PreviewSession(context: context, access: access, options: options)
    let totals: PreviewTotals
    do {
      totals = try await session.show(source, PreviewSession.Presentation(isJSON: global.json))
    } catch is PreviewOutput.ReaderGone {
      return
    }
    if !totals.isClean { throw ExitCode(ExitStatus.someChangesFailed.rawValue) }
  }

  // MARK: --export

  /// Newest first, with what the run has set as expected values.
  private func writeInverse(
    of run: RunRow, _ reader: LedgerReader, to path: String, _ context: CommandContext
  ) throws {
    var changes = 0
    var unrestorable = 0
    let export = try mappingErrors {
      // One snapshot for the columns and the rows.
      try reader.read { snapshot in
        var columns = CSVPlanWriter.Columns()
        try snapshot.forEachInverse(ofRun: run.id) { row in
          columns.add(planned: row.inverse.planned, expected: row.inverse.expected, comment: row.comment)
        }
        var export = try PlanExport(path: path, columns: columns, context: context)
        try snapshot.forEachInverse(ofRun: run.id) { row in
          changes += 1
          if row.inverse.blocked != nil { unrestorable += 1 }
          try export.write(
            export.row(PreviewChange(row), expected: row.inverse.expected, reason: row.inverse.blocked))
        }
        return export
      }
    }
    try export.finish()
    guard global.json else { return }
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("run_id", run.id)
    writer.member("plan_id", run.planID)
    writer.member("file", path)
    writer.member("changes", changes)
    writer.member("written", export.rows)
    writer.member("unrestorable", unrestorable)
    writer.endObject()
    context.output.write(writer.text + "\n")
  }
}
