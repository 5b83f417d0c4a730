/// The durable steps of a change, announced as they happen.
///
/// Production code only announces; a test that wants to stop the program in the middle of a step listens.
package enum RunStep: String, Sendable, CaseIterable {
  /// It was taken from the ledger and its first GET goes out.
  case claimed
  /// Its record and intent are durable; the PUT has not been sent.
  case recorded
  /// The head of its PUT was written.
  case headWritten = "head_written"
  /// The answer to its PUT has come and is not yet written down.
  case answered
  /// Its outcome is durable.
  case outcome
}
