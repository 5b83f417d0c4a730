package import AutoScaling
package import ChangeRun

/// One row of `change_report`: a change in a run, begun or not.
package struct ChangeReportRow: Sendable, Hashable {
  /// The change's number in the plan, from 1.
  package var change: Int
  /// The line of the plan file where it begins; of a rollback, where the change it restores does.
  package var line: Int
  package var group: GroupReference
  package var groupName: String?
  package var state: ChangeState
  package var applied: Applied
  /// PUTs sent.
  package var attempts: Int
  package var httpStatus: Int?
  package var errorCode: String?
  package var errorMessage: String?
  /// JSON, as the ledger has it.
  package var planned: String
  /// JSON: the record in force.
  package var prior: String?
  /// JSON: what was found where that was in the way.
  package var found: String?
  /// Milliseconds since 1970-01-01 UTC.
  package var startedAt: Int?
  package var finishedAt: Int?
  package var comment: String?
}

/// One row of `attempt_report`: a PUT, or a GET that failed.
package struct AttemptReportRow: Sendable, Hashable {
  package var change: Int
  package var line: Int
  package var group: GroupReference
  package var attempt: Int
  /// `GET` or `PUT`.
  package var method: String
  /// Milliseconds since 1970-01-01 UTC.
  package var sentAt: Int?
  /// Milliseconds.
  package var duration: Int?
  package var httpStatus: Int?
  package var errorCode: String?
  package var errorMessage: String?
  package var requestID: String?
  /// `succeeded`, `refused`, `lost`, `not_sent`; `in_flight` while its answer has not come.
  package var outcome: String
}
