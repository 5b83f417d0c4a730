package import AutoScaling

/// Writes changes as a CSV plan, which `PlanReader` reads back as the same changes (contract, section 2).
package struct CSVPlanWriter: Sendable {
  /// The columns that some changes need: those of fields that none of them has are left out.
  package struct Columns: Sendable, Hashable {
    package private(set) var planned: Set<GroupField> = []
    package private(set) var expected: Set<GroupField> = []
    package private(set) var hasComment = false

    package init() {}

    /// The columns of these fields.
    package init(planned: Set<GroupField>, expected: Set<GroupField>) {
      self.planned = planned
      self.expected = expected
    }

    /// Takes in what one change needs.
    package mutating func add(planned: GroupModification, expected: GroupModification, comment: String?) {
      for entry in planned.entries { self.planned.insert(entry.field) }
      for entry in expected.entries where entry.value != .null { self.expected.insert(entry.field) }
      if comment?.isEmpty == false { hasComment = true }
    }
  }

  private let planned: [GroupField]
  private let expected: [GroupField]
  private let hasComment: Bool
  private let separator: CSVSeparator

  package init(_ columns: Columns, separator: CSVSeparator = .comma) {
    planned = columns.planned.sorted()
    // A group always has a name: Excel leaves out the separators before cells that are empty down to the last column.
    expected =
      columns.expected.filter { $0 != .scalingGroupName }.sorted() + columns.expected.filter { $0 == .scalingGroupName }
    hasComment = columns.hasComment
    self.separator = separator
  }

  /// The header line, with its line feed.
  package var header: String {
    CSVText.line(
      ["project_id", "scaling_group_id"] + planned.map(\.rawValue) + expected.map { "expect:" + $0.rawValue }
        + (hasComment ? ["comment"] : []), separator: separator)
  }

  /// One change as a line, with its line feed. An expected null has no cell that says it: it is left out.
  package func line(
    group: GroupReference, planned: GroupModification, expected: GroupModification, comment: String?
  ) -> String {
    CSVText.line(
      [group.projectID, group.groupID] + self.planned.map { Self.cell(planned[$0]) }
        + self.expected.map { Self.cell(expected[$0]) } + (hasComment ? [comment ?? ""] : []),
      separator: separator)
  }

  /// A value in the grammar of cells; empty where there is none.
  package static func cell(_ value: FieldValue?) -> String {
    guard let value else { return "" }
    switch value {
    case .null: return ""
    case .integer(let number): return String(number)
    case .boolean(let flag): return flag ? "true" : "false"
    case .string(let text): return text.isEmpty ? "\"\"" : text
    case .strings(let list): return list.allSatisfy(isPlain) ? joined(list, value) : value.json
    case .networks(let list):
      let isShort = list.allSatisfy { isPlain($0.id) && $0.ipv6Enable == nil && $0.ipv6BandwidthID == nil }
      return isShort ? joined(list.map(\.id), value) : value.json
    case .securityGroups(let list): return list.allSatisfy(isPlain) ? joined(list, value) : value.json
    case .listeners(let list):
      let isShort = list.allSatisfy { isPlain($0.poolID) && !$0.poolID.contains(":") }
      return isShort ? joined(list.map { "\($0.poolID):\($0.protocolPort):\($0.weight)" }, value) : value.json
    }
  }

  private static func joined(_ elements: [String], _ value: FieldValue) -> String {
    elements.isEmpty ? value.json : elements.joined(separator: ";")
  }

  /// Whether an element may stand in a list without JSON.
  private static func isPlain(_ element: String) -> Bool {
    !element.isEmpty
      && element.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "\""), 0...0x20: false
        default: true
        }
      }
  }
}
