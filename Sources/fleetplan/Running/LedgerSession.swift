import ArgumentParser
import ChangePlan
import Ledger

/// A ledger that is held for executing: the lock first, then the connection that writes.
struct LedgerSession {
  let writer: LedgerWriter
  private let lock: ExecutorLock
  private let context: CommandContext

  /// Takes the executor's lock and opens the ledger; makes it where there is none and `creates` is set.
  ///
  /// - Throws: `CommandError`: 75 where another executor holds it, 66 where there is none, 73, 74.
  private static func open(
    _ context: CommandContext, _ options: GlobalOptions, command: String, creates: Bool
  ) throws -> LedgerSession {
    let path = options.ledgerPath(context)
    return try mappingErrors {
      if !creates, try LedgerFile.inspect(path) == .absent { throw LedgerError(path: path, reason: .missing) }
      let lock = try ExecutorLock.acquire(ledger: path, command: command)
      let writer = try LedgerWriter.open(
        path, lock: lock, command: command, toolVersion: ToolVersion.text, vfs: LedgerFault.fromEnvironment(context),
        onBackup: { context.note("the ledger is brought up to date; a copy of it as it was is \($0)") })
      return LedgerSession(writer: writer, lock: lock, context: context)
    }
  }

  /// Opens a ledger, lets the body work with it, and closes it, whatever came of that.
  ///
  /// Says the ledger's path at the beginning and at the end, so that both ends of a long log have it.
  ///
  /// - Throws: what the body throws, or what `open` and `close` do.
  static func with(
    _ context: CommandContext, _ options: GlobalOptions, command: String, creates: Bool,
    _ body: (LedgerSession) async throws -> ExitStatus
  ) async throws {
    let session = try open(context, options, command: command, creates: creates)
    context.note("ledger: \(session.writer.path)")
    let status: ExitStatus
    do {
      status = try await body(session)
    } catch {
      // The body's error is the one to be told; a ledger that could not be written may not close well either.
      try? session.close()
      throw error
    }
    try session.close()
    context.note("ledger: \(session.writer.path)")
    if status != .success { throw ExitCode(status.rawValue) }
  }

  /// A clean end: one file is the whole ledger, and the lock is free.
  private func close() throws {
    try mappingErrors {
      try writer.close()
      try lock.release()
    }
  }

  /// Loads a plan, unless it is there already, and says so.
  func plan(_ options: PlanOptions) throws -> PlanRow {
    try PlanLoading.load(options, writer: writer, context: context)
  }
}

/// Loading as the commands show it.
enum PlanLoading {
  /// - Throws: `CommandError` 65 after the problems of a bad plan were listed, 66 where there is none.
  static func load(_ options: PlanOptions, writer: LedgerWriter, context: CommandContext) throws -> PlanRow {
    try mappingErrors {
      if let id = options.planID {
        guard let plan = try writer.read({ try $0.plan(id) }) else {
          throw CommandError(.noInput, "\(writer.path): no plan \(id); `fleetplan history` lists the plans")
        }
        return plan
      }
      let file = try PlanFile(argument: options.plan ?? "-", format: options.format)
      let progress = LoadProgress(context)
      let outcome = try PlanStore(writer).load(
        file.source, format: file.format, defaultProjectID: options.project, progress: progress.changes)
      progress.finish()
      switch outcome {
      case .loaded(let plan):
        for warning in plan.warnings { context.tell(warning) }
        context.note("plan \(plan.id) loaded: \(PlanWords.size(of: plan)), sha256 \(plan.sha256)")
        return plan
      case .existing(let plan):
        context.note("plan \(plan.id) is in the ledger already: \(PlanWords.size(of: plan)), sha256 \(plan.sha256)")
        return plan
      case .refused(let summary):
        PlanWords.list(summary.diagnostics, in: context)
        throw CommandError(.invalidPlan, PlanWords.refusal(summary))
      }
    }
  }
}

/// How plans and their problems are put into words.
enum PlanWords {
  static func size(of plan: PlanRow) -> String {
    size(changes: plan.changeCount, groups: plan.groupCount, projects: plan.projectCount)
  }

  static func size(changes: Int, groups: Int, projects: Int) -> String {
    "\(count(changes, "change")) to \(count(groups, "group")) in \(count(projects, "project"))"
  }

  static func count(_ number: Int, _ noun: String) -> String {
    grouped(number) + " " + noun + (number == 1 ? "" : "s")
  }

  /// The number with a comma between groups of three digits.
  static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (number < 0 ? "-" : "") + text
  }

  /// Lists the problems, one a line, on standard error.
  static func list(_ diagnostics: DiagnosticList, in context: CommandContext) {
    for diagnostic in diagnostics.listed { context.tell(diagnostic.description) }
    if diagnostics.unlistedCount > 0 {
      context.tell("… and \(grouped(diagnostics.unlistedCount)) more")
    }
  }

  static func refusal(_ summary: PlanSummary) -> String {
    "\(summary.file): \(count(summary.diagnostics.errorCount, "error")): nothing was loaded"
  }
}

/// Shows on a terminal that a large plan is being read.
final class LoadProgress {
  private let context: CommandContext
  private let isShown: Bool
  private var shown = 0

  init(_ context: CommandContext) {
    self.context = context
    isShown = context.errors.isTerminal && !context.isQuiet
  }

  func changes(_ count: Int) {
    // A line for every 20,000 changes is about ten a second.
    guard isShown, count - shown >= 20_000 else { return }
    shown = count
    context.errors.write("\rloading: \(PlanWords.grouped(count)) changes")
  }

  func finish() {
    if shown > 0 { context.errors.write("\r\u{1B}[K") }
  }
}
