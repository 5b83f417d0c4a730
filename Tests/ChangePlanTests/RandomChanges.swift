import AutoScaling
import ChangePlan
import TestSupport

/// Makes random changes that pass every rule.
struct RandomChanges {
  private var values: RandomFieldValues

  init(seed: UInt64) { values = RandomFieldValues(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int { values.number(range) }
  mutating func flag() -> Bool { values.flag() }
  mutating func pick<Element>(_ list: [Element]) -> Element { values.pick(list) }
  mutating func shuffled<Element>(_ list: [Element]) -> [Element] { values.shuffled(list) }

  mutating func change(number position: Int) -> PlanChange {
    var planned = GroupModification()
    var expected = GroupModification()
    let fields = shuffled(GroupField.allCases).prefix(number(1...6))
    for field in fields { planned[field] = values.value(of: field) }
    // The fields that are judged together.
    if planned[.lbListenerID] != nil { planned[.lbaasListeners] = nil }
    let sizes: [GroupField] = [.minInstanceNumber, .desireInstanceNumber, .maxInstanceNumber]
    for (field, size) in zip(sizes, sizes.map { _ in values.number(0...1_000) }.sorted()) where planned[field] != nil {
      planned[field] = .integer(size)
    }
    if planned[.healthPeriodicAuditGracePeriod] != nil { planned[.healthPeriodicAuditMethod] = nil }
    for field in shuffled(GroupField.allCases).prefix(number(0...3)) {
      let value = values.value(of: field)
      if let own = planned[field], field.areEqual(own, value, zonesAreOrdered: true) { continue }
      expected[field] = value
    }
    return PlanChange(
      number: position, line: 0, group: GroupReference(projectID: values.id(), groupID: values.id()), planned: planned,
      expected: expected, comment: flag() ? values.text() : nil)
  }
}
