import ChangeRun
import Ledger

/// The summary of a preview before the question of a run.
enum PreviewSummary {
  /// Looks at the live groups and shows on standard error what the plan would do to them.
  ///
  /// - Throws: `CommandError`: 77 where the credentials are refused, 69 where the service cannot be asked.
  static func show(
    _ plan: PlanRow, _ writer: LedgerWriter, context: CommandContext, access: CloudAccess,
    options: RunOptions
  ) async throws {
    let source = try PreviewSource.plan(plan, isInLedger: true) { body in try writer.read(body) }
    let session = PreviewSession(context: context, access: access, options: options)
    let progress = PreviewProgress(context, total: source.changeCount)
    defer { progress.clear() }
    let totals = try await session.look(source, afterPage: { progress.update($0.changes) })
    progress.clear()
    let text = PreviewText(
      usesColor: context.usesColor(on: context.errors), namesProjects: source.projects.count > 1,
      columns: context.errors.columns)
    context.errors.write(
      text.summary(
        totals, title: source.title, projects: source.projects.count, rate: options.rate,
        hint: "`fleetplan preview` shows each change"))
  }
}
