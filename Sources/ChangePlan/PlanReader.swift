internal import AutoScaling

/// Reads plan files: bytes in, checked changes out, or diagnostics.
///
/// Reading is a pull over chunks of 64 KiB and holds one change at a time: memory does not depend on the plan's
/// length. A row or change may have 1 MiB.
package struct PlanReader: Sendable {
  /// Characters of a plan's own name.
  static let longestName = 256

  private let defaultProjectID: String?
  private let chunkSize: Int

  /// - Parameters:
  ///   - defaultProjectID: the project of changes that name none (`--project`).
  ///   - chunkSize: how many bytes are read at a time; other values than the usual one are for tests.
  /// - Throws: `PlanReadError.invalidDefaultProject`.
  package init(defaultProjectID: String? = nil, chunkSize: Int = 65_536) throws(PlanReadError) {
    if let defaultProjectID, let problem = PlanID.problem(with: defaultProjectID) {
      throw .invalidDefaultProject(reason: problem)
    }
    self.defaultProjectID = defaultProjectID
    self.chunkSize = chunkSize
  }

  /// Reads a whole plan.
  ///
  /// - Parameters:
  ///   - source: where its bytes come from.
  ///   - format: what they are.
  ///   - each: is given the changes in the order of the plan. After the first error there are no more of them, but
  ///     the plan is read on, so that every problem is counted.
  /// - Returns: what was found. The caller must forget the changes it was given where that `hasErrors`.
  /// - Throws: `PlanReadError` where the bytes cannot be read, and whatever `each` throws, which ends the reading.
  package func read(
    _ source: PlanSource, format: PlanFormat, each: (PlanChange) throws -> Void = { _ in }
  ) throws -> PlanSummary {
    let input = try PlanInput(source, chunkSize: chunkSize)
    var builder = PlanBuilder(file: source.displayName, format: format, defaultProjectID: defaultProjectID)
    var name: String?
    try input.fill(atLeast: 4)
    let encoding = TextEncodingCheck.inspect(input.unread)
    if let problem = encoding.problem {
      builder.report(at: input.position, problem)
    } else {
      input.skipByteOrderMark(length: encoding.byteOrderMarkLength)
      switch format {
      case .csv: try CSVPlanReader.read(input, into: &builder, each: each)
      case .json: name = try JSONPlanReader.read(input, into: &builder, each: each)
      case .jsonl: try JSONLinesPlanReader.read(input, into: &builder, each: each)
      }
    }
    try input.drain()
    return PlanSummary(
      name: name ?? source.baseName, file: source.displayName, format: format, sha256: input.digest(),
      byteCount: input.byteCount, changeCount: builder.changeCount, unchangedCount: builder.unchangedCount,
      emptyCount: builder.emptyCount, diagnostics: builder.diagnostics)
  }
}
