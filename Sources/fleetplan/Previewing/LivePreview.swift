import AutoScaling
import ChangeRun
import Ledger

/// Looks at the live groups that changes are for, and says what would become of each change.
///
/// It goes by the groups, as the service lists them, so that 100 of them cost one request, for as long as there are
/// pages enough to be worth it; what is left is asked for group by group. Held at a time are a few pages, and one bit
/// for every change.
struct LivePreview {
  /// The most that a page can have (the reference, section 3).
  static let pageSize = 100
  /// Pages asked for at the same time.
  private static let pagesInFlight = 4
  /// Changes to one group that are looked up at a time.
  private static let portion = 256

  /// Told of each change once, in the order of the list; those of one group one after the other.
  typealias Visitor = (ChangeForecast) throws -> Void

  private let source: PreviewSource
  private let reader: PacedReader
  private let options: RunOptions
  private let afterPage: (PreviewTotals) throws -> Void
  private var seen: ChangeSet
  /// The first request goes alone: bad credentials cost one refusal, not one for each of the first reads.
  private var hasAnswer = false
  private(set) var totals = PreviewTotals()

  /// `afterPage` is called whenever a request has brought what was to be told.
  init(
    _ source: PreviewSource, reader: PacedReader, options: RunOptions,
    afterPage: @escaping (PreviewTotals) throws -> Void = { _ in }
  ) {
    self.source = source
    self.reader = reader
    self.options = options
    self.afterPage = afterPage
    seen = ChangeSet(highest: source.highestNumber)
  }

  /// Goes through all changes.
  ///
  /// - Throws: `CommandError`: 77 where the credentials are refused, 69 where the service cannot be asked.
  mutating func run(_ visit: Visitor) async throws {
    for project in source.projects { try await goThroughList(project.projectID, groups: project.groups, visit) }
    if totals.changes < source.changeCount { try await readTheRest(visit) }
  }

  // MARK: By the list

  /// Pages through a project's groups, as long as that is the cheaper way to those that were not seen yet.
  private mutating func goThroughList(_ projectID: String, groups: Int, _ visit: Visitor) async throws {
    var listing = GroupListing(pageSize: Self.pageSize)
    var unseen = groups
    var answers: [(rows: Range<Int>, answer: PendingAnswer<PacedReader.Outcome<GroupPage>>)] = []
    while true {
      // So many pages are needed at least: none of them is asked for in vain.
      let useful = min((unseen + Self.pageSize - 1) / Self.pageSize, Self.pagesInFlight)
      while answers.count < useful, listing.isWorthwhile(for: unseen), let rows = listing.next() {
        answers.append((rows, reader.page(projectID: projectID, start: rows.lowerBound, limit: rows.count)))
      }
      if answers.isEmpty { return }
      let (rows, answer) = answers.removeFirst()
      switch await answer.value {
      case .success(let page):
        hasAnswer = true
        listing.received(page.groups.count, of: rows, total: page.totalNumber)
        for group in page.groups {
          let reference = GroupReference(projectID: projectID, groupID: group.id)
          if try visitGroup(reference, .success(group), visit) { unseen -= 1 }
        }
        try afterPage(totals)
      case .failure(let failure): throw LookingFailure.listing(failure, projectID: projectID)
      }
    }
  }

  // MARK: One by one

  /// Asks for the groups that the lists did not show, in the order of the changes.
  private mutating func readTheRest(_ visit: Visitor) async throws {
    var answers: [(group: GroupReference, answer: PendingAnswer<PacedReader.Outcome<ScalingGroup>>)] = []
    let atOnce = options.rate > 0 ? min(max(Int(options.rate), 8), 64) : 64
    var last: Int?
    while true {
      let addresses = try source.addresses(last, Self.portion)
      for address in addresses {
        if seen.contains(address.change) || answers.contains(where: { $0.group == address.group }) { continue }
        if answers.count == atOnce { try await takeAnswer(&answers, visit) }
        answers.append((address.group, reader.group(address.group)))
        if !hasAnswer { try await takeAnswer(&answers, visit) }
      }
      guard let final = addresses.last else { break }
      last = final.change
    }
    while !answers.isEmpty { try await takeAnswer(&answers, visit) }
  }

  private mutating func takeAnswer(
    _ answers: inout [(group: GroupReference, answer: PendingAnswer<PacedReader.Outcome<ScalingGroup>>)],
    _ visit: Visitor
  ) async throws {
    let (group, answer) = answers.removeFirst()
    let outcome = await answer.value
    if case .failure(let failure) = outcome, let error = LookingFailure.ofAll(failure) { throw error }
    hasAnswer = true
    _ = try visitGroup(group, outcome, visit)
    try afterPage(totals)
  }

  // MARK: One group

  /// - Returns: whether there are changes to the group, and it was not visited before.
  private mutating func visitGroup(
    _ group: GroupReference, _ outcome: PacedReader.Outcome<ScalingGroup>, _ visit: Visitor
  ) throws -> Bool {
    var forecaster: GroupForecaster?
    if case .success(let live) = outcome { forecaster = GroupForecaster(live, options: options) }
    var last: Int?
    while true {
      let changes = try source.changes(group, last, Self.portion)
      // A list that changes meanwhile can show a group twice (the reference, section 3).
      guard let first = changes.first, !seen.contains(first.change.number) else { break }
      for change in changes {
        seen.insert(change.change.number)
        let forecast =
          switch outcome {
          case .success: forecaster?.forecast(change)
          case .failure(let failure): ChangeForecast(change, failure: failure)
          }
        guard let forecast else { preconditionFailure("a group that was read has a forecaster") }
        totals.add(forecast)
        try visit(forecast)
      }
      last = changes.last?.change.number
    }
    if last == nil { return false }
    totals.addGroup(emptied: forecaster?.emptiedGroup)
    return true
  }
}
