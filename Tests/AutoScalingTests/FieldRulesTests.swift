import AutoScaling
import Testing

/// One value and what must be said about it.
struct RuleCase: Sendable, CustomTestStringConvertible {
  var field: GroupField
  var value: FieldValue
  /// `nil`: the value is right.
  var problem: String?

  init(_ field: GroupField, _ value: FieldValue, _ problem: String? = nil) {
    self.field = field
    self.value = value
    self.problem = problem
  }

  var testDescription: String { "\(field.rawValue) \(value.json.prefix(60))" }
}

private let uuid = "c92b1a5d-6f20-43f2-b1b7-7ce35e58e413"

private func listener(_ pool: String = "p", _ port: Int = 80, _ weight: Int = 1) -> Listener {
  Listener(poolID: pool, protocolPort: port, weight: weight)
}

@Suite struct FieldRulesTests {
  static let rightValues: [RuleCase] = [
    RuleCase(.scalingGroupName, .string("a")),
    RuleCase(.scalingGroupName, .string("Web_tier-1")),
    RuleCase(.scalingGroupName, .string(String(repeating: "n", count: 64))),
    RuleCase(.minInstanceNumber, .integer(0)),
    RuleCase(.desireInstanceNumber, .integer(0)),
    RuleCase(.maxInstanceNumber, .integer(1000)),
    RuleCase(.coolDownTime, .integer(0)),
    RuleCase(.coolDownTime, .integer(86400)),
    RuleCase(.availableZones, .strings(["eu-de-01"])),
    RuleCase(.availableZones, .strings(["eu-de-02", "eu-de-01"])),
    RuleCase(.networks, .networks([Network(id: uuid)])),
    RuleCase(.networks, .networks((1...5).map { Network(id: "n\($0)") })),
    RuleCase(.networks, .networks([Network(id: "n", ipv6Enable: true, ipv6BandwidthID: uuid)])),
    RuleCase(.securityGroups, .securityGroups([uuid])),
    RuleCase(.lbListenerID, .string(uuid)),
    RuleCase(.lbListenerID, .string("a,b,c,d,e,f")),
    RuleCase(.lbaasListeners, .listeners([listener("p", 1, 0), listener("p", 65535, 100)])),
    RuleCase(.lbaasListeners, .listeners((1...6).map { listener("p\($0)") })),
    RuleCase(.healthPeriodicAuditMethod, .string("ELB_AUDIT")),
    RuleCase(.healthPeriodicAuditMethod, .string("NOVA_AUDIT")),
    RuleCase(.healthPeriodicAuditTime, .integer(0)),
    RuleCase(.healthPeriodicAuditTime, .integer(180)),
    RuleCase(.healthPeriodicAuditGracePeriod, .integer(0)),
    RuleCase(.healthPeriodicAuditGracePeriod, .integer(86400)),
    RuleCase(.instanceTerminatePolicy, .string("OLD_CONFIG_OLD_INSTANCE")),
    RuleCase(.instanceTerminatePolicy, .string("OLD_CONFIG_NEW_INSTANCE")),
    RuleCase(.instanceTerminatePolicy, .string("OLD_INSTANCE")),
    RuleCase(.instanceTerminatePolicy, .string("NEW_INSTANCE")),
    RuleCase(.scalingConfigurationID, .string(uuid)),
    RuleCase(.notifications, .strings(["EMAIL"])),
    RuleCase(.notifications, .strings([])),
    RuleCase(.deletePublicIP, .boolean(true)),
    RuleCase(.deleteVolume, .boolean(false)),
    RuleCase(.enterpriseProjectID, .string("")),
    RuleCase(.enterpriseProjectID, .string("0")),
    RuleCase(.enterpriseProjectID, .string(uuid)),
    RuleCase(.multiAZPriorityPolicy, .string("EQUILIBRIUM_DISTRIBUTE")),
    RuleCase(.multiAZPriorityPolicy, .string("PICK_FIRST")),
    RuleCase(.description, .string("d")),
    RuleCase(.description, .string(String(repeating: "ü", count: 256))),
  ]

  static let wrongValues: [RuleCase] = [
    RuleCase(.scalingGroupName, .string(""), "has no documented empty value: leave the field out to keep it as it is"),
    RuleCase(
      .scalingGroupName, .string("web tier"), "\"web tier\" may have letters (A to Z), digits, '_' and '-' only"),
    RuleCase(.scalingGroupName, .string("grün"), "\"grün\" may have letters (A to Z), digits, '_' and '-' only"),
    RuleCase(
      .scalingGroupName, .string(String(repeating: "n", count: 65)), "has 65 characters, at most 64 are allowed"),
    RuleCase(.minInstanceNumber, .integer(-1), "-1 is not within 0 to 1000 instances"),
    RuleCase(.desireInstanceNumber, .integer(1001), "1001 is not within 0 to 1000 instances"),
    RuleCase(.maxInstanceNumber, .integer(.max), "9223372036854775807 is not within 0 to 1000 instances"),
    RuleCase(.maxInstanceNumber, .string("3"), "must be an integer"),
    RuleCase(.coolDownTime, .integer(-1), "-1 is not within 0 to 86400 seconds"),
    RuleCase(.coolDownTime, .integer(86401), "86401 is not within 0 to 86400 seconds"),
    RuleCase(
      .availableZones, .strings([]), "has no documented empty list: leave the field out to keep it as it is"),
    RuleCase(.availableZones, .strings(["eu-de-01", ""]), "an id is empty"),
    RuleCase(.availableZones, .strings(["eu-de-01", "eu-de-01"]), "\"eu-de-01\" is given twice"),
    RuleCase(
      .availableZones, .strings(["eu de"]), "\"eu de\" is no id: it may have letters, digits, '-', '_' and '.' only"),
    RuleCase(.networks, .networks([]), "has no documented empty list: leave the field out to keep it as it is"),
    RuleCase(.networks, .networks((1...6).map { Network(id: "n\($0)") }), "has 6 networks, at most 5 are allowed"),
    RuleCase(.networks, .networks([Network(id: "n"), Network(id: "n")]), "network \"n\" is given twice"),
    RuleCase(.networks, .networks([Network(id: "")]), "an id is empty"),
    RuleCase(
      .networks, .networks([Network(id: "n", ipv6BandwidthID: "b")]),
      "network \"n\" has ipv6_bandwidth, which needs ipv6_enable true"),
    RuleCase(
      .networks, .networks([Network(id: "n", ipv6Enable: false, ipv6BandwidthID: "b")]),
      "network \"n\" has ipv6_bandwidth, which needs ipv6_enable true"),
    RuleCase(
      .networks, .networks([Network(id: "n", ipv6Enable: true, ipv6BandwidthID: "b/")]),
      "ipv6_bandwidth: \"b/\" is no id: it may have letters, digits, '-', '_' and '.' only"),
    RuleCase(
      .securityGroups, .securityGroups([]), "has no documented empty list: leave the field out to keep it as it is"),
    RuleCase(.securityGroups, .securityGroups(["a", "b"]), "has 2 security groups, at most 1 is allowed"),
    RuleCase(.securityGroups, .securityGroups([""]), "an id is empty"),
    RuleCase(.lbListenerID, .string(""), "has no documented empty value: leave the field out to keep it as it is"),
    RuleCase(.lbListenerID, .string("a,b,c,d,e,f,g"), "has 7 listener ids, at most 6 are allowed"),
    RuleCase(.lbListenerID, .string("a,,b"), "an id is empty (ids are joined by ',' without spaces)"),
    RuleCase(.lbListenerID, .string("a,b,a"), "\"a\" is given twice"),
    RuleCase(
      .lbaasListeners, .listeners([]), "has no documented empty list: leave the field out to keep it as it is"),
    RuleCase(
      .lbaasListeners, .listeners((1...7).map { listener("p\($0)") }), "has 7 listeners, at most 6 are allowed"),
    RuleCase(.lbaasListeners, .listeners([listener("", 80, 1)]), "pool_id: an id is empty"),
    RuleCase(.lbaasListeners, .listeners([listener("p", 0, 1)]), "protocol_port: 0 is not within 1 to 65535"),
    RuleCase(.lbaasListeners, .listeners([listener("p", 65536, 1)]), "protocol_port: 65536 is not within 1 to 65535"),
    RuleCase(.lbaasListeners, .listeners([listener("p", 80, -1)]), "weight: -1 is not within 0 to 100"),
    RuleCase(.lbaasListeners, .listeners([listener("p", 80, 101)]), "weight: 101 is not within 0 to 100"),
    RuleCase(
      .lbaasListeners, .listeners([listener("p", 80, 1), listener("p", 80, 2)]),
      "pool \"p\" with port 80 is given twice"
    ),
    RuleCase(
      .healthPeriodicAuditMethod, .string("elb_audit"), "\"elb_audit\" is not one of ELB_AUDIT, NOVA_AUDIT"),
    RuleCase(.healthPeriodicAuditTime, .integer(10), "10 is not one of 0, 1, 5, 15, 60, 180 minutes"),
    RuleCase(.healthPeriodicAuditGracePeriod, .integer(86401), "86401 is not within 0 to 86400 seconds"),
    RuleCase(
      .instanceTerminatePolicy, .string("OLDEST"),
      "\"OLDEST\" is not one of OLD_CONFIG_OLD_INSTANCE, OLD_CONFIG_NEW_INSTANCE, OLD_INSTANCE, NEW_INSTANCE"),
    RuleCase(
      .scalingConfigurationID, .string(""), "has no documented empty value: leave the field out to keep it as it is"),
    RuleCase(
      .scalingConfigurationID, .string(String(repeating: "i", count: 65)),
      "\"\(String(repeating: "i", count: 60))…\" has 65 bytes: an id has at most 64"),
    RuleCase(.notifications, .strings(["SMS"]), "\"SMS\" is not EMAIL"),
    RuleCase(.notifications, .strings(["EMAIL", "EMAIL"]), "\"EMAIL\" is given twice"),
    RuleCase(.deletePublicIP, .integer(1), "must be true or false"),
    RuleCase(.deleteVolume, .string("true"), "must be true or false"),
    RuleCase(
      .enterpriseProjectID, .string("prod"), "\"prod\" is neither a UUID nor \"0\" (the default enterprise project)"),
    RuleCase(
      .multiAZPriorityPolicy, .string(""), "\"\" is not one of EQUILIBRIUM_DISTRIBUTE, PICK_FIRST"),
    RuleCase(.description, .string(""), "has no documented empty value: leave the field out to keep it as it is"),
    RuleCase(
      .description, .string(String(repeating: "ü", count: 257)), "has 257 characters, at most 256 are allowed"),
  ]

  @Test(arguments: rightValues) func `a value within the limits has no problem`(_ rule: RuleCase) {
    #expect(rule.field.problem(with: rule.value) == nil)
  }

  @Test(arguments: wrongValues) func `a value beyond the limits is named with what would be right`(_ rule: RuleCase) {
    #expect(rule.field.problem(with: rule.value) == rule.problem)
  }

  @Test(arguments: GroupField.allCases) func `every field has right and wrong values in the tables`(_ field: GroupField)
  {
    #expect(Self.rightValues.contains { $0.field == field })
    #expect(Self.wrongValues.contains { $0.field == field })
  }

  @Test(arguments: GroupField.allCases) func `null is a value of no field`(_ field: GroupField) {
    #expect(field.problem(with: .null) == "null is no value: leave the field out to keep it as it is")
  }

  @Test(arguments: GroupField.allCases) func `a value of another kind says which kind is right`(_ field: GroupField) {
    let other: FieldValue = field.kind == .boolean ? .integer(1) : .boolean(true)
    #expect(field.problem(with: other) == "must be \(field.kind.phrase)")
  }

  @Test func `a message shows no control characters and stays short`() {
    let problem = GroupField.scalingGroupName.problem(
      with: .string("a\u{1b}[31m\u{202e}\n\"" + String(repeating: "x", count: 500)))
    #expect(problem?.hasPrefix("\"a\\u{1b}[31m\\u{202e}\\u{a}\\\"xxx") == true)
    #expect((problem ?? "").count < 150)
  }

  // MARK: Between fields

  @Test func `the maximum must not be below the minimum`() {
    let change: GroupModification = .init([.minInstanceNumber: .integer(5), .maxInstanceNumber: .integer(2)])
    #expect(
      change.crossFieldProblems() == [
        FieldProblem(field: .maxInstanceNumber, message: "2 is below min_instance_number (5)")
      ])
  }

  @Test func `the desired number must be within the minimum and maximum that are named`() {
    let low: GroupModification = .init([.minInstanceNumber: .integer(5), .desireInstanceNumber: .integer(4)])
    #expect(
      low.crossFieldProblems() == [
        FieldProblem(field: .desireInstanceNumber, message: "4 is below min_instance_number (5)")
      ])
    let high: GroupModification = .init([.desireInstanceNumber: .integer(4), .maxInstanceNumber: .integer(3)])
    #expect(
      high.crossFieldProblems() == [
        FieldProblem(field: .desireInstanceNumber, message: "4 is above max_instance_number (3)")
      ])
    let right: GroupModification = .init([
      .minInstanceNumber: .integer(3), .desireInstanceNumber: .integer(3), .maxInstanceNumber: .integer(3),
    ])
    #expect(right.crossFieldProblems().isEmpty)
  }

  @Test func `listeners of both kinds exclude each other`() {
    let change: GroupModification = .init([.lbListenerID: .string("l"), .lbaasListeners: .listeners([listener()])])
    #expect(change.crossFieldProblems().map(\.field) == [.lbaasListeners])
  }

  @Test(arguments: ["NOVA_AUDIT", "ELB_AUDIT"]) func `a grace period has no effect with NOVA_AUDIT`(_ method: String) {
    let change: GroupModification = .init([
      .healthPeriodicAuditMethod: .string(method), .healthPeriodicAuditGracePeriod: .integer(60),
    ])
    #expect(
      change.crossFieldWarnings().map(\.field) == (method == "NOVA_AUDIT" ? [.healthPeriodicAuditGracePeriod] : []))
    #expect(change.filter { $0 == .healthPeriodicAuditGracePeriod }.crossFieldWarnings().isEmpty)
  }
}

@Suite struct IdentifierTests {
  @Test(arguments: [uuid, "0215ef11e49d4743be23dd97a1561e91", "eu-de-01", "a.b_c", "0"])
  func `ids as the service gives them are right`(_ id: String) {
    #expect(Identifier.problem(with: id) == nil)
  }

  @Test(arguments: ["", ".", "..", "a/b", "a?b", "a#b", "a%2f", "a b", "a\n", "ä", "a;b", "a:b", "a,b"])
  func `an id that could change the path of a URL is refused`(_ id: String) {
    #expect(Identifier.problem(with: id) != nil)
  }

  @Test func `a UUID may come without hyphens`() {
    #expect(Identifier.isUUID(uuid))
    #expect(Identifier.isUUID(uuid.uppercased()))
    #expect(Identifier.isUUID("0215ef11e49d4743be23dd97a1561e91"))
    for text in ["", "0", uuid + "0", "c92b1a5d06f20-43f2-b1b7-7ce35e58e413", "g92b1a5d-6f20-43f2-b1b7-7ce35e58e413"] {
      #expect(!Identifier.isUUID(text), "\(text)")
    }
  }
}
