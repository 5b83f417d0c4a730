import AutoScalingClient
import ChangeRun
import Execution
import Foundation
import JSONText
import Ledger
import Logging
import Reports

/// One session of a run, from its beginning in the ledger to the exit status.
struct RunSession {
  let context: CommandContext
  let global: GlobalOptions
  let cloud: CloudOptions
  let ledger: LedgerSession

  /// What a session is asked to do.
  struct Request {
    var runID: Int
    /// In force and stored; `nil` keeps the stored ones.
    var options: RunOptions?
    var retryFailed = false
    var isAbandoning = false
    /// It is only a step of a command that has a report of its own: nothing is reported but that it has stopped.
    var isStep = false
    /// Stops the session at this wall time, in milliseconds since 1970.
    var until: Int?
  }

  /// Carries out a run until it is completed or stopped.
  ///
  /// - Parameters:
  ///   - request: which run, and how.
  ///   - access: the way to the service.
  /// - Returns: the exit status.
  /// - Throws: `CommandError`, where the ledger could not be written or the client not be made.
  func execute(_ request: Request, access: CloudAccess) async throws -> ExitStatus {
    if let options = request.options { try checkCloud(access, options) }
    let registry = RunRegistry(writer: ledger.writer, operator: context.runOperator())
    let clock = RunClock()
    var start = try mappingErrors {
      try registry.beginSession(
        runID: request.runID, options: request.options, retryFailed: request.retryFailed,
        isAbandoning: request.isAbandoning, now: clock.now().wall)
    }
    // These two belong to one session and are not stored.
    start.options.stopAfter = request.options?.stopAfter
    start.options.concurrency = try OpenFiles.concurrency(start.options.concurrency, context)
    if start.inDoubt > 0 {
      context.note(
        "\(PlanWords.count(start.inDoubt, "change")) in doubt after the last interruption: settled by reading")
    }
    let client = try access.modifier(start.options)
    let display = ProgressDisplay(context, start: start)
    let executor = try mappingErrors {
      try RunExecutor(
        start, writer: ledger.writer, modifier: client, credentials: access.credentials(client),
        clock: clock, seed: UInt64.random(in: .min ... .max),
        observers: RunExecutor.Observers(progress: { display.update($0) }, step: CrashPoint.fromEnvironment(context)))
    }
    let signals = try StopSignals(
      first: { name in
        executor.stop(.signal)
        display.say("\(name): stopping; what is in flight ends (again: exit at once)")
      },
      second: { _exit(ExitStatus.stopped.rawValue) })
    let alarm = request.until.map { StopAlarm(at: $0) { executor.stop(.until) } }
    let outcome = await executor.run()
    display.finish(outcome.progress)
    context.logger.debug(
      "session ended", metadata: ["elapsed_ms": "\(outcome.elapsed)", "commits": "\(outcome.commits)"])
    alarm?.cancel()
    try client.shutdown()
    if let error = outcome.ledgerError { throw ledgerFailure(error, request) }
    try mappingErrors {
      try registry.endSession(start, ending: outcome.ending, elapsed: outcome.elapsed, now: clock.now().wall)
    }
    signals.cancel()
    return try conclude(request, outcome)
  }

  /// The error that ended the session, with the command that goes on from what is recorded.
  private func ledgerFailure(_ error: any Error, _ request: Request) -> any Error {
    guard var failure = CommandError.wrapping(error) as? CommandError else { return error }
    failure.message += "\nto go on: \(GoingOn(request, global, cloud, context).command)"
    return failure
  }

  /// Finds out whether the service can be talked to as it is configured, before anything is written down for it:
  /// a run that could never begin would be in the way of the next one.
  ///
  /// - Throws: `CommandError` 78.
  func checkCloud(_ access: CloudAccess, _ options: RunOptions) throws {
    try OpenFiles.check()
    try access.modifier(options).shutdown()
  }

  /// Another unfinished run that shares a group must end first, where this one is taken back or taken up again.
  ///
  /// - Throws: `CommandError` 75.
  func refuseOverlap(with run: RunRow) throws {
    let overlaps = try mappingErrors { try ledger.writer.read { try $0.overlappingRuns(planID: run.planID) } }
    guard let other = overlaps.first(where: { $0.run.id != run.id })?.run else { return }
    throw CommandError(
      .stopped,
      "run \(other.id) (\(other.kind.rawValue) of \(other.planFile)) is unfinished and shares a group with run "
        + "\(run.id): \(GoingOn.ways(other.id, global, context)). Nothing was changed")
  }

  // MARK: The end

  private func conclude(_ request: Request, _ outcome: RunExecutor.Outcome) throws -> ExitStatus {
    let runID = request.runID
    let run = try mappingErrors {
      try ledger.writer.read { snapshot in
        let run = try RunChoice.latest(runID, snapshot, ledger: ledger.writer.path)
        if request.isStep, outcome.ending == .completed { return run }
        let report = try RunReport(run, in: snapshot, isRunning: false)
        if global.json {
          context.output.write(report.summary.json + "\n")
        } else {
          let goOn = outcome.ending == .completed ? nil : GoingOn(request, global, cloud, context).command
          let style = ReportStyle(ledger: global.ledger, cloudFlags: cloud.repeatedFlags(context))
          try report.writeText(style: style, goOn: goOn) { context.output.write($0) }
        }
        return run
      }
    }
    switch outcome.ending {
    case .completed:
      return run.counts.isCleanSuccess ? .success : .someChangesFailed
    case .stopped(let cause, let detail):
      let status = ExitStatus(rawValue: cause.exitStatus) ?? .stopped
      context.tell(StopWords.explanation(cause, detail: detail))
      // The text report ends with it already.
      if global.json { context.tell("to go on: \(GoingOn(request, global, cloud, context).command)") }
      return status
    }
  }

  func summary(ofRun id: Int) throws -> (RunSummary, RunRow) {
    try ledger.writer.read { snapshot in
      guard let run = try snapshot.run(id) else { throw RunChoice.missing(id, in: ledger.writer.path) }
      return (RunSummary(run, failures: try snapshot.failures(of: run), isRunning: false), run)
    }
  }
}

/// Why a run stopped, in words.
enum StopWords {
  static func explanation(_ cause: StopCause, detail: String) -> String {
    let reason =
      switch cause {
      case .signal: "stopped by a signal"
      case .until: "stopped at the time of --until"
      case .stopAfter: "stopped after the time of --stop-after"
      case .endpointUnreachable: "stopped: the endpoint does not answer (--wait-endpoint)"
      case .unauthorized: "stopped: the credentials are no longer accepted"
      case .maxFailures: "stopped: too many failures; look at `fleetplan report` first"
      case .maxRemoved: "stopped: --max-removed would be exceeded, and a higher one is needed to go on"
      case .waveConfirmation: "stopped after a wave (--confirm-waves)"
      case .neverConnected: "stopped: the endpoint cannot be reached; nothing was changed"
      case .credentialsRefused: "stopped: the credentials were refused; nothing was changed"
      case .ledger: "stopped: the ledger cannot be written"
      }
    return detail.isEmpty ? reason : "\(reason): \(detail)"
  }
}
