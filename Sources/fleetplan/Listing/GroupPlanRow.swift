import AutoScaling

/// A live group as a row of a plan.
struct GroupPlanRow: Hashable {
  var planned = GroupModification()
  var expected = GroupModification()
  /// Fields with a live value that the plan cannot hold.
  var unheld: [GroupField] = []
  /// The group holds everything already that is to be set. `false` where nothing is to be set.
  var holdsAssignments = false
}

/// Makes live groups rows of a plan (contract, sections 2 and 3).
struct GroupPlanRowMaker {
  /// The fields that rows have.
  let fields: [GroupField]
  /// What all groups are to get.
  let assignments: GroupModification
  /// With the live values as expected ones: a row then changes nothing until it is edited, whatever it holds.
  let expectsLiveValues: Bool
  /// Rows of CSV, whose cells can hold less than JSON.
  let isCSV: Bool

  /// - Parameters:
  ///   - fields: those asked for; `nil` where none were: then all, or those to be set.
  ///   - assignments: what all groups are to get.
  ///   - expectsLiveValues: with the live values as expected ones.
  ///   - isCSV: rows of CSV.
  init(fields: [GroupField]?, assignments: GroupModification, expectsLiveValues: Bool, isCSV: Bool) {
    var wanted = Set(fields ?? (assignments.isEmpty ? GroupField.allCases : []))
    wanted.formUnion(assignments.fields)
    // The name is for the reader; expected as it is, it is no part of the change. Without, it could undo a new name.
    if expectsLiveValues { wanted.insert(.scalingGroupName) }
    self.fields = wanted.sorted()
    self.assignments = assignments
    self.expectsLiveValues = expectsLiveValues
    self.isCSV = isCSV
  }

  func row(_ group: ScalingGroup) -> GroupPlanRow {
    var row = GroupPlanRow()
    row.holdsAssignments = !assignments.isEmpty
    for field in fields {
      let live = group.values[field].flatMap { value in
        let held = expectsLiveValues ? heldForm(value, of: field) : sendableForm(value, of: field)
        if held == nil, !value.isEmpty { row.unheld.append(field) }
        return held
      }
      if expectsLiveValues { row.expected[field] = live }
      guard let assigned = assignments[field] else {
        row.planned[field] = live
        continue
      }
      row.planned[field] = assigned
      guard group.holds(assigned, for: field, given: assignments) == true else {
        row.holdsAssignments = false
        continue
      }
      // A plan takes another order of zones for a change, where it makes none: in the group's own order it is none.
      if let live, !field.areEqual(assigned, live, zonesAreOrdered: true) { row.planned[field] = live }
    }
    if !expectsLiveValues { dropContradictions(&row) }
    return row
  }

  /// A live value in the form that a plan can hold.
  private func heldForm(_ value: FieldValue, of field: GroupField) -> FieldValue? {
    isCSV ? value.withCell(of: field) : value.withoutNull(of: field)
  }

  /// A live value in the form in which it can be sent; `nil` where a plan with it would be refused.
  private func sendableForm(_ value: FieldValue, of field: GroupField) -> FieldValue? {
    guard case .value(let value) = field.restoration(of: value), field.problem(with: value) == nil else { return nil }
    return heldForm(value, of: field)
  }

  /// Takes out live values that cannot be in one change with what is to be set, and those that have no effect.
  private func dropContradictions(_ row: inout GroupPlanRow) {
    var dropped = Set(row.planned.crossFieldWarnings().map(\.field))
    if !row.planned.crossFieldProblems().isEmpty {
      dropped.formUnion([
        .minInstanceNumber, .desireInstanceNumber, .maxInstanceNumber, .lbListenerID, .lbaasListeners,
      ])
    }
    if dropped.isEmpty { return }
    row.planned = row.planned.filter { assignments[$0] != nil || !dropped.contains($0) }
  }
}
