import Ledger

/// Brings what is known of the changes, in whatever order the live groups come, into the order of the plan or rollback.
///
/// What comes too early waits in a temporary database. In memory are the addresses of one portion of changes.
struct ChangeOrder {
  /// Changes whose addresses are looked up at a time.
  private static let portion = 256

  private let source: PreviewSource
  private let spool: TextSpool
  private var coming: ArraySlice<ChangeAddress> = []

  /// - Throws: `CommandError` 74 where the temporary database cannot be made.
  init(_ source: PreviewSource) throws {
    self.source = source
    spool = try mappingErrors { try TextSpool() }
    try lookAhead(after: nil)
  }

  /// Takes in what is known of a change, and calls with everything whose turn it is.
  mutating func add(_ piece: PreviewPiece, of change: Int, _ body: (PreviewPiece) throws -> Void) throws {
    guard change == coming.first?.change else {
      return try mappingErrors { try spool.put(piece.spooled, at: change) }
    }
    try body(piece)
    try advance()
    while let next = coming.first, let waiting = try take(next.change) {
      try body(waiting)
      try advance()
    }
  }

  /// Calls with everything that still waits, where some of what comes before it has never come.
  mutating func finish(_ body: (PreviewPiece) throws -> Void) throws {
    while spool.count > 0, let next = coming.first {
      if let waiting = try take(next.change) { try body(waiting) }
      try advance()
    }
  }

  private func take(_ change: Int) throws -> PreviewPiece? {
    try mappingErrors { try spool.take(change) }.map(PreviewPiece.init(spooled:))
  }

  private mutating func advance() throws {
    guard let done = coming.popFirst() else { return }
    if coming.isEmpty { try lookAhead(after: done.change) }
  }

  private mutating func lookAhead(after change: Int?) throws {
    coming = try source.addresses(change, Self.portion)[...]
  }
}
