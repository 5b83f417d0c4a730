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

  /// Looks at the groups of all changes and shows what would become of them, in the order of the plan or rollback.
  ///
  /// - Throws: `CommandError`; what was seen before it is shown.
  func show(_ source: PreviewSource, _ presentation: Presentation) async throws -> PreviewTotals {
    var page = PreviewPage(context, source, presentation)
    var export = try presentation.exportPath.map { try Self.export(source, to: $0, context) }
    var order = presentation.isSummaryOnly && export == nil ? nil : try ChangeOrder(source)
    // A document's lines do not end where its pieces do.
    let isInTheWay = presentation.isJSON && context.output.isTerminal
    let progress = PreviewProgress(context, total: source.changeCount, isShown: !isInTheWay)
    defer { progress.clear() }
    var looked = 0
    func write(_ piece: PreviewPiece) throws {
      try page.write(piece.shown)
      if let row = piece.exported { try export?.write(row) }
    }
    let totals: PreviewTotals
    do {
      totals = try await look(
        source,
        afterPage: { totals in
          if page.hasText { progress.clear() }
          try page.flush()
          progress.update(totals.changes)
        },
        visit: { forecast in
          looked += 1
          let piece = PreviewPiece(shown: page.text(forecast), exported: export.map { Self.row(forecast, in: $0) })
          try order?.add(piece, of: forecast.change.change.number, write)
        })
    } catch let error as CommandError {
      progress.clear()
      try order?.finish { try page.write($0.shown) }
      let seen = "\(PlanWords.grouped(looked)) of \(PlanWords.count(source.changeCount, "change"))"
      let whole = CommandError(
        error.status, looked == 0 ? error.message : "\(error.message). Looked at before that: \(seen)")
      try page.end(whole)
      throw whole
    }
    progress.clear()
    try page.end(totals, rate: options.rate)
    try export?.finish()
    return totals
  }

  /// What the plan itself expects stays: else a conflict would be agreed to unseen.
  private static func row(_ forecast: ChangeForecast, in export: PlanExport) -> PlanExport.Row {
    let isUnseen = forecast.verdict == .missing || forecast.verdict == .failed
    return export.row(
      forecast.change, expected: forecast.change.change.expected.merging(defaults: forecast.seen),
      remark: isUnseen ? "\(forecast.verdict.rawValue): no live values were seen, so none are expected" : nil)
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
