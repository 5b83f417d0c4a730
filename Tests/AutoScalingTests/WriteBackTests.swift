import AutoScaling
import Testing

@Suite struct WriteBackTests {
  @Test(arguments: GroupField.allCases) func `what was not shown cannot be written back`(_ field: GroupField) {
    guard case .impossible(let reason) = field.restoration(of: nil) else {
      Issue.record("\(field) can be restored from nothing")
      return
    }
    #expect(reason.contains(field.rawValue))
    #expect(reason.contains("unknown"))
  }

  /// The reference, section 2.3, and the fields for which no page has a way to write null.
  @Test(arguments: GroupField.allCases) func `null has a way back for two fields only`(_ field: GroupField) {
    switch (field, field.restoration(of: .null)) {
    case (.enterpriseProjectID, let restoration): #expect(restoration == .value(.string("0")))
    case (.multiAZPriorityPolicy, let restoration): #expect(restoration == .value(.string("EQUILIBRIUM_DISTRIBUTE")))
    case (_, .impossible(let reason)): #expect(!reason.isEmpty)
    case (_, .value(let value)): Issue.record("\(field) would be restored to \(value)")
    }
  }

  @Test(arguments: [
    (GroupField.lbListenerID, FieldValue.string("")), (.lbaasListeners, .listeners([])), (.notifications, .strings([])),
    (.securityGroups, .securityGroups([])), (.description, .string("")), (.scalingConfigurationID, .string("")),
    (.availableZones, .strings([])), (.networks, .networks([])),
  ])
  func `empty values that no request brings back are impossible`(_ field: GroupField, _ value: FieldValue) {
    guard case .impossible = field.restoration(of: value) else {
      Issue.record("\(field) would be restored to \(value)")
      return
    }
  }

  @Test(arguments: FieldRulesTests.rightValues.filter { !$0.value.isEmpty })
  func `a value that can be planned comes back as it was`(_ rule: RuleCase) {
    #expect(rule.field.restoration(of: rule.value) == .value(rule.value))
  }

  @Test func `networks are sent without the defaults that reading shows`() {
    let prior = FieldValue.networks([
      Network(id: "b", ipv6Enable: false), Network(id: "a", ipv6Enable: true, ipv6BandwidthID: "w"), Network(id: "c"),
    ])
    #expect(
      GroupField.networks.restoration(of: prior)
        == .value(
          .networks([Network(id: "b"), Network(id: "a", ipv6Enable: true, ipv6BandwidthID: "w"), Network(id: "c")])))
  }

  @Test func `an empty enterprise project is the default one`() {
    #expect(GroupField.enterpriseProjectID.restoration(of: .string("")) == .value(.string("0")))
  }

  @Test func `zero and false are values that come back`() {
    #expect(GroupField.coolDownTime.restoration(of: .integer(0)) == .value(.integer(0)))
    #expect(GroupField.deleteVolume.restoration(of: .boolean(false)) == .value(.boolean(false)))
  }

  @Test func `a description longer than the API takes cannot come back`() {
    guard case .impossible = GroupField.description.restoration(of: .string(String(repeating: "d", count: 257))) else {
      Issue.record("257 characters would be sent")
      return
    }
  }
}
