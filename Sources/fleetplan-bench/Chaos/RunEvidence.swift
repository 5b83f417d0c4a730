import AutoScaling
import AutoScalingSimulator

/// All that is known about one run under fire, from the service and from the ledger.
struct RunEvidence: Sendable {
  /// The time of one process that worked on the run.
  struct Lifetime: Sendable {
    /// In the simulator's time: from its start to where its end was seen.
    var span: Range<Duration>
    /// What the ledger said then.
    var facts: LedgerFacts
    /// How many requests the journal had by then.
    var requests: Int
  }

  var expected: ExpectedRun
  /// The requests of this run.
  var journal: [JournalEntry] = []
  var lifetimes: [Lifetime] = []
  /// What the ledger says at the end.
  var facts = LedgerFacts()
  /// What all groups hold at the end, and what they are to hold.
  var values: [GroupReference: GroupModification] = [:]
  var expectedValues: [GroupReference: GroupModification] = [:]
  var requestTimeout = Duration.seconds(1)
  /// Requests a second; 0 where there was no limit.
  var rate = 0.0
  /// How long this process could not be looking at its sockets, at most, around that second.
  var stall: @Sendable (_ beginning: Duration) -> Duration = { _ in .zero }
  /// It was taken back before it had ended: what had not been sent is `abandoned`.
  var isAbandoned = false
  /// It takes back a run that was abandoned: what had not been applied is `unchanged`.
  var mayFindNothingToDo = false
}

/// Something that must not be.
struct Violation: Sendable, Hashable, CustomStringConvertible {
  enum Check: String, Sendable, CaseIterable {
    case overlap = "two PUTs of a group at once"
    case foreignBody = "a PUT that is no change of the plan"
    case order = "an older change took effect after a newer one"
    case sentAfterSuccess = "a PUT after its success was known"
    case unrecorded = "a PUT without a record"
    case state = "the end of a change or run"
    case record = "the record in force"
    case ledger = "the ledger's file"
    case values = "what a group holds at the end"
    case rate = "the rate"
    case program = "the program's own end"
  }

  var check: Check
  var facts: String

  var description: String { "\(check.rawValue): \(facts)" }
}
