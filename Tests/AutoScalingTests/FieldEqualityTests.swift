import AutoScaling
import Testing

struct EqualityCase: Sendable, CustomTestStringConvertible {
  var field: GroupField
  var left: FieldValue
  var right: FieldValue
  var areEqual: Bool
  var zonesAreOrdered = false

  init(_ field: GroupField, _ left: FieldValue, _ right: FieldValue, _ areEqual: Bool, zonesAreOrdered: Bool = false) {
    self.field = field
    self.left = left
    self.right = right
    self.areEqual = areEqual
    self.zonesAreOrdered = zonesAreOrdered
  }

  var testDescription: String { "\(field.rawValue) \(left.json) \(areEqual ? "=" : "≠") \(right.json)" }
}

@Suite struct FieldEqualityTests {
  private static let web = Listener(poolID: "p", protocolPort: 80, weight: 1)
  private static let tls = Listener(poolID: "p", protocolPort: 443, weight: 1)

  static let cases: [EqualityCase] = [
    EqualityCase(.scalingGroupName, .string("a"), .string("a"), true),
    EqualityCase(.scalingGroupName, .string("a"), .string("A"), false),
    EqualityCase(.coolDownTime, .integer(0), .null, false),
    EqualityCase(.coolDownTime, .integer(300), .integer(300), true),
    EqualityCase(.deletePublicIP, .boolean(false), .null, false),
    EqualityCase(.deletePublicIP, .boolean(false), .boolean(true), false),
    EqualityCase(.availableZones, .strings(["a", "b"]), .strings(["b", "a"]), true),
    EqualityCase(.availableZones, .strings(["a", "b"]), .strings(["b", "a"]), false, zonesAreOrdered: true),
    EqualityCase(.availableZones, .strings(["a", "b"]), .strings(["a", "b"]), true, zonesAreOrdered: true),
    EqualityCase(.availableZones, .strings(["a"]), .strings(["a", "b"]), false),
    EqualityCase(.availableZones, .strings([]), .null, true),
    EqualityCase(
      .networks, .networks([Network(id: "a"), Network(id: "b")]), .networks([Network(id: "b"), Network(id: "a")]), false
    ),
    EqualityCase(.networks, .networks([Network(id: "a")]), .networks([Network(id: "a", ipv6Enable: false)]), true),
    EqualityCase(.networks, .networks([Network(id: "a")]), .networks([Network(id: "a", ipv6Enable: true)]), false),
    EqualityCase(
      .networks, .networks([Network(id: "a", ipv6Enable: true, ipv6BandwidthID: "b")]),
      .networks([Network(id: "a", ipv6Enable: true)]), false),
    EqualityCase(.securityGroups, .securityGroups(["a"]), .securityGroups(["a"]), true),
    EqualityCase(.securityGroups, .securityGroups(["a"]), .securityGroups(["b"]), false),
    EqualityCase(.securityGroups, .securityGroups([]), .null, true),
    EqualityCase(.lbListenerID, .string("a,b"), .string("b,a"), true),
    EqualityCase(.lbListenerID, .string("a,b"), .string("b, a"), true),
    EqualityCase(.lbListenerID, .string("a,b"), .string("a"), false),
    EqualityCase(.lbListenerID, .string(""), .null, true),
    EqualityCase(.lbListenerID, .string("a"), .null, false),
    EqualityCase(.lbaasListeners, .listeners([web, tls]), .listeners([tls, web]), true),
    EqualityCase(.lbaasListeners, .listeners([web, web, tls]), .listeners([tls, web]), true),
    EqualityCase(.lbaasListeners, .listeners([web]), .listeners([tls]), false),
    EqualityCase(
      .lbaasListeners, .listeners([web]), .listeners([Listener(poolID: "p", protocolPort: 80, weight: 2)]), false),
    EqualityCase(.lbaasListeners, .listeners([]), .null, true),
    EqualityCase(.notifications, .strings([]), .null, true),
    EqualityCase(.notifications, .strings(["EMAIL"]), .null, false),
    EqualityCase(.enterpriseProjectID, .null, .string("0"), true),
    EqualityCase(.enterpriseProjectID, .string(""), .string("0"), true),
    EqualityCase(.enterpriseProjectID, .null, .string(""), true),
    EqualityCase(.enterpriseProjectID, .string("0"), .string("c92b1a5d-6f20-43f2-b1b7-7ce35e58e413"), false),
    EqualityCase(.multiAZPriorityPolicy, .null, .string("EQUILIBRIUM_DISTRIBUTE"), true),
    EqualityCase(.multiAZPriorityPolicy, .null, .string("PICK_FIRST"), false),
    EqualityCase(.multiAZPriorityPolicy, .string(""), .null, true),
    EqualityCase(.description, .string(""), .null, true),
    EqualityCase(.description, .string("0"), .null, false),
    EqualityCase(.scalingConfigurationID, .null, .string(""), true),
    EqualityCase(.healthPeriodicAuditMethod, .null, .string("NOVA_AUDIT"), false),
  ]

  @Test(arguments: cases) func `values are equal as the service means it`(_ pair: EqualityCase) {
    #expect(pair.field.areEqual(pair.left, pair.right, zonesAreOrdered: pair.zonesAreOrdered) == pair.areEqual)
    #expect(pair.field.areEqual(pair.right, pair.left, zonesAreOrdered: pair.zonesAreOrdered) == pair.areEqual)
  }

  @Test(arguments: GroupField.allCases) func `a field that is not shown is unknown`(_ field: GroupField) {
    let group = ScalingGroup(id: "g", values: GroupModification())
    #expect(group.holds(.null, for: field, given: GroupModification()) == nil)
  }

  @Test func `the planned policy decides whether the order of zones counts, else the live one`() {
    var group = ScalingGroup(id: "g", values: .init([.availableZones: .strings(["a", "b"])]))
    let planned = FieldValue.strings(["b", "a"])
    let pickFirst: GroupModification = .init([.multiAZPriorityPolicy: .string("PICK_FIRST")])
    let distribute: GroupModification = .init([.multiAZPriorityPolicy: .string("EQUILIBRIUM_DISTRIBUTE")])
    #expect(group.holds(planned, for: .availableZones, given: GroupModification()) == true)
    #expect(group.holds(planned, for: .availableZones, given: pickFirst) == false)
    group.values[.multiAZPriorityPolicy] = .string("PICK_FIRST")
    #expect(group.holds(planned, for: .availableZones, given: GroupModification()) == false)
    #expect(group.holds(planned, for: .availableZones, given: distribute) == true)
  }
}
