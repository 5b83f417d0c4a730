import AutoScaling
import Reports

/// What a change does to a list, element by element: for lists that are too long to be compared by eye.
struct ListDifference {
  /// What has become of an element.
  enum Mark: String {
    case removed = "-"
    case added = "+"
    case kept = " "
  }

  struct Element: Equatable {
    var mark: Mark
    var text: String
  }

  /// The removed ones, then the planned ones in their order.
  let elements: [Element]
  /// The same elements, in another order.
  var isReordered: Bool { !elements.contains { $0.mark != .kept } }

  /// - Returns: `nil` where the field has no list.
  init?(_ field: GroupField, prior: FieldValue, planned: FieldValue) {
    guard let old = Self.elements(prior, of: field), let new = Self.elements(planned, of: field) else { return nil }
    elements =
      old.filter { !new.contains($0) }.map { Element(mark: .removed, text: $0) }
      + new.map { Element(mark: old.contains($0) ? .kept : .added, text: $0) }
  }

  /// Each element as a cell of a plan would have it.
  private static func elements(_ value: FieldValue, of field: GroupField) -> [String]? {
    switch (value, field) {
    case (.strings(let list), _), (.securityGroups(let list), _): list
    case (.networks(let list), _): list.map { CSVPlanWriter.cell(.networks([$0.withoutDefaults])) }
    case (.listeners(let list), _): list.map { CSVPlanWriter.cell(.listeners([$0])) }
    case (.string(let text), .lbListenerID): text.split(separator: ",").map { $0.filter { $0 != " " } }
    case (.null, .lbListenerID): []
    case (.null, _): field.kind == .string || field.kind == .integer || field.kind == .boolean ? nil : []
    case (.string, _), (.integer, _), (.boolean, _): nil
    }
  }
}
