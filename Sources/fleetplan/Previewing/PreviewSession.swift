import AutoScaling
import AutoScalingClient
import ChangeRun
import Ledger
import Logging
import Reports

/// One look at the cloud, and how it is shown.
struct PreviewSession {
  /// What the user wants to see.
  struct Presentation {
    var isJSON = false
    /// Without the single changes.
    var isSummaryOnly = false
    /// Where to write the plan with the values seen.
    var exportPath: String?
  }

  let context: CommandContext
  let access: CloudAccess
  let options: RunOptions

  /// Looks at the groups of all changes and shows what would become of them, as the answers come.
  ///
  /// - Throws: `CommandError`.
  func show(_ source: PreviewSource, _ presentation: Presentation) async throws -> PreviewTotals {
    let output = PreviewOutput(context.output)
    let text = PreviewText(usesColor: context.usesColor, namesProjects: source.projects.count > 1)
    var json = PreviewJSON(source, withChanges: !presentation.isSummaryOnly)
    var export = try presentation.exportPath.map { try Self.export(source, to: $0, context) }
    var hasBegun = false
    func begin() throws {
      if presentation.isJSON, !hasBegun { try output.write(json.opening()) }
      hasBegun = true
    }
    let showsProgress = presentation.isSummaryOnly || !context.output.isTerminal
    let progress = PreviewProgress(context, total: source.changeCount, isShown: showsProgress)
    let totals = try await look(
      source,
      afterPage: { totals in
        try output.flush()
        progress.update(totals.changes)
      },
      visit: { forecast in
        try begin()
        // What the plan itself expects stays: else a conflict would be agreed to unseen.
        try export?.add(forecast.change, expected: forecast.change.change.expected.merging(defaults: forecast.seen))
        if presentation.isSummaryOnly { return }
        try output.write(presentation.isJSON ? json.change(forecast) : text.text(forecast))
      })
    progress.finish()
    try begin()
    if presentation.isJSON {
      try output.write(json.closing(totals, rate: options.rate))
    } else {
      if !presentation.isSummaryOnly, totals.changes > 0 { try output.write("\n") }
      try output.write(
        text.summary(totals, title: source.title, projects: source.projects.count, rate: options.rate))
    }
    try output.flush()
    try export?.finish()
    return totals
  }

  /// Looks at the groups of all changes: `visit` is told of each change once, of those to one group one after the
  /// other, and `afterPage` of the sums whenever a request has brought some.
  func look(
    _ source: PreviewSource, afterPage: @escaping (PreviewTotals) throws -> Void = { _ in },
    visit: LivePreview.Visitor = { _ in }
  ) async throws -> PreviewTotals {
    if source.changeCount == 0 { return PreviewTotals() }
    if options.rate == 0 { context.note("rate unlimited: as fast as the service answers") }
    let client = try access.reader(options)
    let reader = PacedReader(client, options: options, credentials: access.credentials(client))
    var preview = LivePreview(source, reader: reader, options: options, afterPage: afterPage)
    do {
      try await preview.run(visit)
    } catch {
      reader.stop()
      try client.shutdown()
      throw error
    }
    try client.shutdown()
    context.logger.debug("looked", metadata: ["requests": "\(reader.requestCount)"])
    return preview.totals
  }

  private static func export(
    _ source: PreviewSource, to path: String, _ context: CommandContext
  ) throws -> PlanExport {
    var columns = CSVPlanWriter.Columns()
    try source.forEach { change in
      let planned = change.change.planned
      columns.add(
        planned: planned, expected: change.change.expected.merging(defaults: planned), comment: change.comment)
    }
    return try PlanExport(path: path, columns: columns, context: context)
  }
}

/// Shows on a terminal how far a look at the cloud is whose findings are not shown there.
final class PreviewProgress {
  private let context: CommandContext
  private let total: Int?
  private let noun: String
  private let isShown: Bool
  private var next = ContinuousClock.now + .milliseconds(500)
  private var isDrawn = false

  /// - Parameters:
  ///   - context: has standard error.
  ///   - total: how many there are; `nil` where that is not known.
  ///   - noun: what is counted, in the singular.
  ///   - isShown: whether to show anything at all.
  init(_ context: CommandContext, total: Int?, noun: String = "change", isShown: Bool) {
    self.context = context
    self.total = total
    self.noun = noun
    self.isShown = isShown && context.errors.isTerminal && !context.isQuiet && context.environment["TERM"] != "dumb"
  }

  func update(_ count: Int) {
    guard isShown, ContinuousClock.now >= next else { return }
    next = .now + .milliseconds(100)
    let text =
      total.map { "\(PlanWords.grouped(count)) of \(PlanWords.count($0, noun))" } ?? PlanWords.count(count, noun)
    context.errors.write("\rlooking: \(text)\u{1B}[K")
    isDrawn = true
  }

  func finish() {
    if isDrawn { context.errors.write("\r\u{1B}[K") }
  }
}

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
    let progress = PreviewProgress(context, total: source.changeCount, isShown: true)
    let totals = try await session.look(source, afterPage: { progress.update($0.changes) })
    progress.finish()
    let usesColor = context.errors.isTerminal && context.environment["NO_COLOR", default: ""].isEmpty
    let text = PreviewText(usesColor: usesColor, namesProjects: source.projects.count > 1)
    context.errors.write(
      text.summary(totals, title: source.title, projects: source.projects.count, rate: options.rate))
  }
}
