import AutoScaling
import ChangeRun
import Ledger
import Synchronization
import Testing

@testable import fleetplan

/// The order in which changes are shown, and what is held meanwhile.
struct PreviewOrderTests {
  /// A service with so many groups, which it lists from the last to the first.
  private final class Fleet: GroupReader {
    let groups: Int
    let given = Mutex(0)

    init(groups: Int) { self.groups = groups }

    func readGroup(
      _ group: GroupReference, headWritten: @escaping HeadWritten,
      completion: @escaping @Sendable (ServiceResult<ScalingGroup>) -> Void
    ) {
      Issue.record("\(group.groupID) is in the list, and asked for all the same")
      headWritten()
      completion(
        .failure(ServiceFailure(certainty: .refused, disposition: .permanent, status: 404, message: "not asked for")))
    }

    func listGroups(
      projectID: String, query: GroupListQuery, headWritten: @escaping HeadWritten,
      completion: @escaping @Sendable (ServiceResult<GroupPage>) -> Void
    ) {
      headWritten()
      let rows = query.startNumber..<min(query.startNumber + query.limit, groups)
      given.withLock { $0 += rows.count }
      let page = rows.map { row in
        ScalingGroup(id: "g-\(groups - row)", values: GroupModification([.coolDownTime: .integer(300)]))
      }
      completion(
        .success(
          ServiceSuccess(
            value: GroupPage(groups: page, totalNumber: groups, startNumber: query.startNumber))))
    }
  }

  /// One change for each of so many groups; only every `step`th number is used.
  private static func source(groups: Int, step: Int = 1) -> PreviewSource {
    PreviewSource(
      kind: .apply, title: "plan.csv", planFile: "plan.csv", planSHA256: "", highestNumber: groups * step,
      projects: [ProjectChangeCount(projectID: "p", changes: groups, groups: groups)],
      changes: { group, last, _ in
        guard last == nil, let number = Int(group.groupID.dropFirst(2)) else { return [] }
        let change = ClaimedChange(
          number: number * step, group: group, planned: GroupModification([.coolDownTime: .integer(60)]))
        return [PreviewChange(change: change, line: number + 1)]
      },
      forEach: { _ in },
      addresses: { last, limit in
        let first = (last ?? 0) / step + 1
        guard first <= groups else { return [] }
        return (first...min(first + limit - 1, groups)).map {
          ChangeAddress(change: $0 * step, group: GroupReference(projectID: "p", groupID: "g-\($0)"))
        }
      })
  }

  private static func piece(_ number: Int) -> PreviewPiece { PreviewPiece(shown: "\(number)", exported: nil) }

  @Test(arguments: [UInt64(1), 2, 3])
  func `whatever the order of the groups, changes are shown in that of the plan`(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let numbers = (1...700).map { $0 * 3 }
    var order = try ChangeOrder(Self.source(groups: 700, step: 3))
    var shown: [String] = []
    for number in numbers.shuffled(using: &generator) {
      try order.add(Self.piece(number), of: number) { shown.append($0.shown) }
    }
    #expect(shown == numbers.map(String.init), "seed \(seed)")
    try order.finish { shown.append($0.shown) }
    #expect(shown.count == numbers.count)
  }

  @Test func `what is in order is shown at once, and what never comes holds nothing back at the end`() throws {
    var order = try ChangeOrder(Self.source(groups: 600))
    var shown: [String] = []
    for number in [1, 2, 4, 600, 5] { try order.add(Self.piece(number), of: number) { shown.append($0.shown) } }
    #expect(shown == ["1", "2"])
    try order.add(Self.piece(3), of: 3) { shown.append($0.shown) }
    #expect(shown == ["1", "2", "3", "4", "5"])
    try order.finish { shown.append($0.shown) }
    #expect(shown == ["1", "2", "3", "4", "5", "600"])
  }

  @Test(arguments: [
    PreviewPiece(shown: "", exported: nil), PreviewPiece(shown: "a \"quoted\"\n  → ü\u{0}", exported: nil),
    PreviewPiece(shown: "a", exported: PlanExport.Row(line: nil, warnings: [])),
    PreviewPiece(shown: "a", exported: PlanExport.Row(line: "p,g,1\n", warnings: [])),
    PreviewPiece(shown: "", exported: PlanExport.Row(line: "", warnings: ["one", "two"])),
    PreviewPiece(shown: "a", exported: PlanExport.Row(line: nil, warnings: ["one"])),
  ])
  func `a piece that has waited is the same`(piece: PreviewPiece) throws {
    #expect(try PreviewPiece(spooled: piece.spooled) == piece)
  }

  @Test(arguments: [500, 5_000])
  func `never are more groups held than four pages, however many there are`(groups: Int) async throws {
    let fleet = Fleet(groups: groups)
    var options = RunOptions()
    options.rate = 0
    var order = try ChangeOrder(Self.source(groups: groups))
    var preview = LivePreview(
      Self.source(groups: groups), reader: PacedReader(fleet, options: options), options: options)
    var told = 0
    var mostHeld = 0
    var shown = 0
    try await preview.run { forecast in
      mostHeld = max(mostHeld, fleet.given.withLock { $0 } - told)
      told += 1
      try order.add(Self.piece(forecast.change.change.number), of: forecast.change.change.number) { piece in
        shown += 1
        #expect(piece.shown == "\(shown)")
      }
    }
    #expect((told, shown) == (groups, groups))
    #expect(mostHeld <= 400)
    #expect(mostHeld >= 100)
  }
}
