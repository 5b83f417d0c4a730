import AutoScaling
import ChangeRun
import Dispatch
import Ledger
import Synchronization
import Testing

@testable import fleetplan

/// Lists that change while they are gone through, which the simulator's do not.
struct PreviewScriptedTests {
  /// A list whose groups move: what was on one page is on the next one again, and one is skipped.
  private final class MovingList: GroupReader {
    let asked = Mutex<(lists: [Int], groups: [String])>(([], []))

    func readGroup(
      _ group: GroupReference, headWritten: @escaping HeadWritten,
      completion: @escaping @Sendable (ServiceResult<ScalingGroup>) -> Void
    ) {
      asked.withLock { $0.groups.append(group.groupID) }
      headWritten()
      completion(.success(ServiceSuccess(value: Self.group(group.groupID))))
    }

    func listGroups(
      projectID: String, query: GroupListQuery, headWritten: @escaping HeadWritten,
      completion: @escaping @Sendable (ServiceResult<GroupPage>) -> Void
    ) {
      asked.withLock { $0.lists.append(query.startNumber) }
      headWritten()
      // A new group has come in before all others, and the last page was not there yet when it was asked for.
      let shift = query.startNumber == 0 ? 0 : 1
      let numbers = (query.startNumber..<query.startNumber + query.limit).map { $0 - shift }.filter { $0 < 198 }
      completion(
        .success(
          ServiceSuccess(
            value: GroupPage(
              groups: numbers.map { Self.group("g-\($0)") }, totalNumber: 200, startNumber: query.startNumber))))
    }

    private static func group(_ id: String) -> ScalingGroup {
      ScalingGroup(id: id, values: GroupModification([.coolDownTime: .integer(300)]))
    }
  }

  private static let planned = GroupModification([.coolDownTime: .integer(60)])

  /// One change for each of so many groups.
  private static func source(groups: Int) -> PreviewSource {
    @Sendable func reference(_ number: Int) -> GroupReference {
      GroupReference(projectID: "p", groupID: "g-\(number - 1)")
    }
    return PreviewSource(
      kind: .apply, title: "plan.csv", planFile: "plan.csv", planSHA256: "", highestNumber: groups,
      projects: [ProjectChangeCount(projectID: "p", changes: groups, groups: groups)],
      changes: { group, last, _ in
        guard last == nil, let number = Int(group.groupID.dropFirst(2)).map({ $0 + 1 }), number <= groups else {
          return []
        }
        return [
          PreviewChange(change: ClaimedChange(number: number, group: group, planned: planned), line: number + 1)
        ]
      },
      forEach: { _ in },
      addresses: { last, limit in
        let first = (last ?? 0) + 1
        guard first <= groups else { return [] }
        return (first...min(first + limit - 1, groups)).map { ChangeAddress(change: $0, group: reference($0)) }
      })
  }

  @Test func `each change is told once, though groups repeat and are skipped`() async throws {
    let list = MovingList()
    var options = RunOptions()
    options.rate = 0
    var preview = LivePreview(Self.source(groups: 200), reader: PacedReader(list, options: options), options: options)
    var lines: [Int] = []
    try await preview.run { lines.append($0.change.line) }
    #expect(lines.sorted() == Array(2...201))
    #expect(preview.totals[.apply] == 200)
    let asked = list.asked.withLock { $0 }
    #expect(asked.lists.prefix(2) == [0, 100])
    #expect(asked.groups == ["g-198", "g-199"])
  }
}
