/// Which of SQLite's operations on files fail, and how.
package struct FaultPlan: Sendable, Hashable {
  package enum Failure: String, Sendable, CaseIterable {
    /// The device fails: whatever is asked of it (`SQLITE_IOERR_…`, `SQLITE_CANTOPEN`).
    case error
    /// No space is left: what writes fails (`SQLITE_FULL`), the rest goes on.
    case full
  }

  /// The files that are counted.
  package enum Scope: String, Sendable, CaseIterable {
    case all
    /// The ledger itself: in WAL mode, only checkpoints write it.
    case database
    /// The write-ahead log.
    case wal
  }

  package var failure: Failure
  /// The operation that fails, counted from 1 over those that could.
  package var nth: Int
  /// All later ones fail too.
  package var lasts: Bool
  package var scope: Scope

  package init(_ failure: Failure, nth: Int, lasts: Bool = false, scope: Scope = .all) {
    self.failure = failure
    self.nth = nth
    self.lasts = lasts
    self.scope = scope
  }

  /// `error|full:N[:forever][:database|wal]`, such as `full:12:forever`.
  package init?(_ text: String) {
    var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
    guard let failure = parts.popFirst().flatMap({ Failure(rawValue: String($0)) }),
      let nth = parts.popFirst().flatMap({ Int($0) }), nth > 0
    else { return nil }
    self.init(failure, nth: nth)
    if parts.first == "forever" {
      lasts = true
      parts.removeFirst()
    }
    if let word = parts.popFirst() {
      guard let scope = Scope(rawValue: String(word)) else { return nil }
      self.scope = scope
    }
    guard parts.isEmpty else { return nil }
  }
}

/// SQLite's operations on files that can be made to fail. Locks and shared memory are no disk, and pass.
package enum FileOperation: Sendable, CaseIterable {
  case open
  case delete
  case read
  case write
  case truncate
  case sync
  case fileSize

  /// Whether it needs room on the disk.
  var takesRoom: Bool { self == .write }
}
