import AutoScaling

/// Goes through all groups of projects by the paged list, and gives each of them once.
///
/// Held at a time are a few pages, and 16 bytes for every group of a project that was given already.
struct GroupInventory {
  /// Pages asked for at the same time.
  private static let pagesInFlight = 4
  /// How often a list is gone through that moves each time.
  static let mostPasses = 3

  /// What is to be said about a list that was gone through.
  struct Outcome: Hashable {
    /// How many groups it has shown.
    var groups = 0
    /// How often it was gone through.
    var passes = 0
    /// It stood still at the last time, so that no group was passed over.
    var hasSettled = false
    /// How many groups the service has counted, in the answer that came last.
    var total = 0
  }

  private let reader: PacedReader
  private let pageSize: Int

  /// - Parameters:
  ///   - reader: sends the requests.
  ///   - pageSize: groups of a page; other numbers than the highest possible only in tests.
  init(_ reader: PacedReader, pageSize: Int = LivePreview.pageSize) {
    self.reader = reader
    self.pageSize = pageSize
  }

  /// Goes through the groups of a project.
  ///
  /// The list has no documented order, and its rows move when groups come and go (the reference, section 3). Where that
  /// was noticed it is gone through again, for those that were passed over.
  ///
  /// - Parameters:
  ///   - projectID: the project.
  ///   - afterPage: called when the groups of a page were given.
  ///   - visit: is given each group once, as it was when it was first seen.
  /// - Returns: what is to be said about it.
  /// - Throws: `CommandError`: 77 where the credentials are refused, 69 where the list cannot be had; what the closures
  ///   throw.
  func list(
    _ projectID: String, afterPage: (Int) throws -> Void = { _ in }, visit: (ScalingGroup) throws -> Void
  ) async throws -> Outcome {
    var seen: Set<GroupFingerprint> = []
    var outcome = Outcome()
    while !outcome.hasSettled, outcome.passes < Self.mostPasses {
      var watch = ListWatch()
      try await goThrough(projectID) { page, start in
        watch.received(page, at: start)
        for group in page.groups where seen.insert(GroupFingerprint(group.id)).inserted { try visit(group) }
        try afterPage(seen.count)
      }
      outcome.passes += 1
      outcome.hasSettled = !watch.hasMoved
      outcome.total = watch.total ?? 0
    }
    outcome.groups = seen.count
    return outcome
  }

  /// Goes through the list once, a page at a time, each with its first row.
  private func goThrough(_ projectID: String, _ visit: (GroupPage, Int) throws -> Void) async throws {
    // The row that two pages share shows whether the list has moved between them.
    var listing = GroupListing(pageSize: pageSize, overlap: 1)
    var answers: [(rows: Range<Int>, answer: PendingAnswer<PacedReader.Outcome<GroupPage>>)] = []
    while true {
      while answers.count < Self.pagesInFlight, let rows = listing.next() {
        answers.append((rows, reader.page(projectID: projectID, start: rows.lowerBound, limit: rows.count)))
      }
      if answers.isEmpty { return }
      let (rows, answer) = answers.removeFirst()
      switch await answer.value {
      case .success(let page):
        listing.received(page.groups.count, of: rows, total: page.totalNumber)
        try visit(page, rows.lowerBound)
      case .failure(let failure): throw LookingFailure.listing(failure, projectID: projectID)
      }
    }
  }
}

extension GroupInventory.Outcome {
  /// What the user should know about how a list was read.
  enum Notice: Hashable {
    /// It is whole, but has cost more requests.
    case movedOnce(String)
    /// It may lack groups.
    case incomplete(String)
  }

  /// `nil` where there is nothing to say.
  var notice: Notice? {
    if !hasSettled {
      return .incomplete(
        "the list moved each of the \(passes) times that it was read: groups that came or went meanwhile can be "
          + "missing, or gone")
    }
    // After several times a group may be among them that has gone since.
    if passes > 1 { return .movedOnce("the list moved while it was read, and was read again until it stood still") }
    if groups == total { return nil }
    return .incomplete(
      "the service counts \(PlanWords.count(total, "group")), and has listed \(PlanWords.grouped(groups))")
  }
}

/// Notices that a list has moved while it was read page by page.
struct ListWatch {
  /// The groups at the ends of pages by their rows, until the neighbouring page has come.
  private var edges: [Int: String] = [:]
  private(set) var total: Int?
  private(set) var hasMoved = false

  /// Takes note of a page.
  ///
  /// - Parameters:
  ///   - page: the page; it shares its first row with the page before it, and its last with the one behind it.
  ///   - start: its first row.
  mutating func received(_ page: GroupPage, at start: Int) {
    if let total, total != page.totalNumber { hasMoved = true }
    total = page.totalNumber
    guard let first = page.groups.first, let last = page.groups.last else { return }
    meet(first.id, at: start)
    if page.groups.count > 1 { meet(last.id, at: start + page.groups.count - 1) }
  }

  private mutating func meet(_ id: String, at row: Int) {
    if let known = edges.removeValue(forKey: row) {
      if known != id { hasMoved = true }
    } else {
      edges[row] = id
    }
  }
}

/// 128 bits of a group's id, whatever its length: that two of a million share them has a chance below 10^-26.
private struct GroupFingerprint: Hashable {
  private let high: Int
  private let low: Int

  init(_ id: String) {
    // The standard library's SipHash with two different beginnings.
    func hash(_ salt: UInt8) -> Int {
      var hasher = Hasher()
      hasher.combine(salt)
      hasher.combine(id)
      return hasher.finalize()
    }
    high = hash(1)
    low = hash(2)
  }
}
