import AutoScaling
package import ChangeRun
import JSONText
package import Ledger

/// What `--json` tells of a run (contract, section 3).
package struct RunSummary: Sendable, Hashable {
  /// What the ledger and the executor's lock say together.
  package enum State: String, Sendable, Hashable {
    /// An executor holds it.
    case running
    /// It can be resumed; also after a crash.
    case stopped
    case completed
    case abandoned
  }

  package var runID: Int
  package var planID: Int
  package var kind: RunRow.Kind
  package var state: State
  package var stopReason: String?
  package var counts: RunCounts
  package var requests: RequestCounts
  /// Milliseconds since 1970-01-01 UTC.
  package var startedAt: Int
  package var finishedAt: Int?
  /// The time that executors have worked on it, in milliseconds.
  package var elapsed: Int
  /// The first changes that have failed, were blocked or conflicted.
  package var failures: [ChangeReportRow]

  /// - Parameters:
  ///   - run: as the ledger has it.
  ///   - failures: the first of them.
  ///   - isRunning: an executor is at work on this run.
  package init(_ run: RunRow, failures: [ChangeReportRow], isRunning: Bool) {
    runID = run.id
    planID = run.planID
    kind = run.kind
    state =
      switch run.state {
      case .unfinished: isRunning ? .running : .stopped
      case .completed: .completed
      case .abandoned: .abandoned
      }
    stopReason = run.stopReason
    counts = run.counts
    requests = run.requests
    startedAt = run.startedAt
    finishedAt = run.finishedAt
    elapsed = run.elapsed
    self.failures = failures
  }

  /// One JSON object, without a line feed.
  package var json: String {
    var writer = JSONWriter()
    write(to: &writer, withFailures: true)
    return writer.text
  }

  /// Writes the object; `history` leaves the failures out.
  func write(to writer: inout JSONWriter, withFailures: Bool) {
    writer.beginObject()
    writer.member("run_id", runID)
    writer.member("plan_id", planID)
    writer.member("kind", kind.rawValue)
    writer.member("state", state.rawValue)
    writer.member("stop_reason", stopReason)
    writer.key("changes")
    writer.beginObject()
    writer.member("total", counts.total)
    writer.member("succeeded", counts.succeeded)
    writer.member("unchanged", counts.unchanged)
    writer.member("failed", counts.failed)
    writer.member("blocked", counts.blocked)
    writer.member("conflicted", counts.conflicted)
    writer.member("abandoned", counts.abandoned)
    writer.member("unfinished", counts.unfinished)
    writer.endObject()
    writer.key("requests")
    writer.beginObject()
    writer.member("get", requests.gets)
    writer.member("put", requests.puts)
    writer.member("retries", requests.retries)
    writer.endObject()
    writer.member("started_at", LedgerTime.iso8601(startedAt))
    writer.member("finished_at", finishedAt.map(LedgerTime.iso8601))
    writer.key("elapsed_seconds")
    writer.decimal(Double(elapsed) / 1000, fractionDigits: 3)
    if withFailures {
      writer.key("failures")
      writer.beginArray()
      for failure in failures { Self.write(failure, to: &writer) }
      writer.endArray()
    }
    writer.endObject()
  }

  private static func write(_ failure: ChangeReportRow, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("change", failure.change)
    writer.member("line", failure.line)
    writer.member("project_id", failure.group.projectID)
    writer.member("scaling_group_id", failure.group.groupID)
    writer.member("state", failure.state.rawValue)
    writer.member("http_status", failure.httpStatus)
    writer.member("error_code", failure.errorCode)
    writer.member("message", failure.errorMessage)
    writer.endObject()
  }
}
