import AutoScaling
import ChangeRun
import Ledger

/// One change as it would be carried out.
struct PreviewChange {
  var change: ClaimedChange
  /// The line of the plan file where it begins.
  var line: Int
  var comment: String?
}

/// What a preview is about: the changes that a run would carry out, found by their groups.
///
/// The closures may be called at any time; each answers from one snapshot, in portions.
struct PreviewSource {
  enum Kind {
    case apply
    case rollback(runID: Int)
  }

  var kind: Kind
  /// How the subject is called in the summary.
  var title: String
  /// `nil` where the plan is in no ledger.
  var planID: Int?
  var planFile: String
  var planSHA256: String
  /// The changes' numbers are not higher.
  var highestNumber: Int
  /// The projects that have changes, and how many.
  var projects: [ProjectChangeCount]
  /// The next changes to a group, in the order in which they would be carried out, after the one with this number.
  var changes: (_ group: GroupReference, _ after: Int?, _ limit: Int) throws -> [PreviewChange]
  /// Calls with every change, in the order of the plan or the rollback.
  var forEach: (_ body: (PreviewChange) throws -> Void) throws -> Void
  /// The groups of the next changes, in that order.
  var addresses: (_ after: Int?, _ limit: Int) throws -> [ChangeAddress]

  var changeCount: Int { projects.reduce(0) { $0 + $1.changes } }

  /// A plan that `read` lets one look at; its id means something to the user only where it is in a ledger.
  static func plan(_ plan: PlanRow, isInLedger: Bool, read: @escaping SnapshotReading) throws -> PreviewSource {
    PreviewSource(
      kind: .apply, title: plan.file, planID: isInLedger ? plan.id : nil, planFile: plan.file,
      planSHA256: plan.sha256, highestNumber: plan.changeCount,
      projects: try ask(read) { try $0.changeCounts(ofPlan: plan.id) },
      changes: { group, last, limit in
        try ask(read) { try $0.changes(ofPlan: plan.id, to: group, after: last ?? 0, limit: limit) }
          .map(PreviewChange.init)
      },
      forEach: { body in
        try ask(read) { try $0.forEachChange(ofPlan: plan.id) { try body(PreviewChange($0)) } }
      },
      addresses: { last, limit in
        try ask(read) { try $0.addresses(ofPlan: plan.id, after: last ?? 0, limit: limit) }
      })
  }

  /// What takes a run back.
  static func rollback(
    of run: RunRow, highestNumber: Int, read: @escaping SnapshotReading
  ) throws -> PreviewSource {
    PreviewSource(
      kind: .rollback(runID: run.id), title: "rollback of run \(run.id)", planID: run.planID, planFile: run.planFile,
      planSHA256: run.planSHA256, highestNumber: highestNumber,
      projects: try ask(read) { try $0.inverseCounts(ofRun: run) },
      changes: { group, last, limit in
        try ask(read) { try $0.inverses(ofRun: run, to: group, after: last, limit: limit) }.map(PreviewChange.init)
      },
      forEach: { body in
        try ask(read) { try $0.forEachInverse(ofRun: run.id) { try body(PreviewChange($0)) } }
      },
      addresses: { last, limit in
        try ask(read) { try $0.inverseAddresses(ofRun: run, after: last, limit: limit) }
      })
  }

  /// Lets a closure look at a snapshot, of a ledger or of a temporary database.
  typealias SnapshotReading = ((LedgerSnapshot) throws -> Void) throws -> Void

  private static func ask<T>(
    _ read: @escaping SnapshotReading, _ question: (LedgerSnapshot) throws -> T
  ) throws -> T {
    var answer: T?
    try mappingErrors { try read { answer = try question($0) } }
    guard let answer else { preconditionFailure("a snapshot was read, and nothing came of it") }
    return answer
  }
}

extension PreviewChange {
  init(_ row: PlanChangeRow) {
    change = ClaimedChange(number: row.change, group: row.group, planned: row.planned, expected: row.expected)
    line = row.line
    comment = row.comment
  }

  init(_ row: InverseRow) {
    change = ClaimedChange(
      number: row.change, group: row.group, planned: row.inverse.planned, expected: row.inverse.expected,
      blocked: row.inverse.blocked)
    line = row.line
    comment = row.comment
  }
}
