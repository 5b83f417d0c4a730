/// The sign that a load is going on: a shared lock on the sibling file `<ledger>.loading`.
///
/// Whoever can have that lock exclusively knows that no other load is alive, so that plans which are marked
/// `loading` were left behind by dead ones.
struct LoadMark: Sendable {
  private let lock: FileLock

  /// No other load was alive when the mark was taken.
  let isOnly: Bool

  /// Takes it for the ledger with that resolved path.
  static func take(ledger: String) throws -> LoadMark {
    let path = ledger + ".loading"
    if let lock = try FileLock.acquire(path, .exclusive, patience: 0) { return LoadMark(lock: lock, isOnly: true) }
    guard let lock = try FileLock.acquire(path, .shared, patience: nil) else {
      preconditionFailure("waiting without end for \(path) has ended with nothing")
    }
    return LoadMark(lock: lock, isOnly: false)
  }

  /// Lets other loads begin, once the orphans are swept.
  func share() throws { try lock.share() }

  func release() throws { try lock.removeIfLast() }
}
