import AutoScaling
import Testing

@testable import ChangeRun

@Suite struct LiveAssessmentTests {
  private static func change(_ planned: GroupModification, expected: GroupModification = [:]) -> ClaimedChange {
    ClaimedChange(
      number: 1, group: GroupReference(projectID: "p", groupID: "g"), planned: planned, expected: expected)
  }

  private static func assess(
    _ planned: GroupModification, expected: GroupModification = [:], live: GroupModification, isScaling: Bool = false,
    omitted: Set<GroupField> = [], options: RunOptions = RunOptions()
  ) -> LiveAssessment {
    LiveAssessment.assess(
      change(planned, expected: expected), group: .with(live, isScaling: isScaling), attempt: 1, options: options,
      omitted: omitted)
  }

  private static func body(_ assessment: LiveAssessment) -> GroupModification? {
    if case .send(let record, _) = assessment { record.planned } else { nil }
  }

  // MARK: Equality as the API means it

  static let equal: [(GroupField, FieldValue, FieldValue)] = [
    (.availableZones, ["a", "b"], ["b", "a"]), (.enterpriseProjectID, "0", .null), (.enterpriseProjectID, "", "0"),
    (.multiAZPriorityPolicy, "EQUILIBRIUM_DISTRIBUTE", .null), (.lbListenerID, "x,y", "y,x"),
    (
      .lbaasListeners,
      .listeners([
        Listener(poolID: "p", protocolPort: 1, weight: 2), Listener(poolID: "q", protocolPort: 1, weight: 2),
      ]),
      .listeners([
        Listener(poolID: "q", protocolPort: 1, weight: 2), Listener(poolID: "p", protocolPort: 1, weight: 2),
      ])
    ),
    (.networks, .networks([Network(id: "n")]), .networks([Network(id: "n", ipv6Enable: false)])),
    (.notifications, .strings([]), .null),
  ]

  @Test(arguments: equal)
  func `what is equal to the service is not sent`(field: GroupField, planned: FieldValue, live: FieldValue) {
    #expect(Self.assess([field: planned], live: [field: live]) == .holds)
  }

  static let different: [(GroupField, FieldValue, FieldValue)] = [
    (.coolDownTime, 0, .null), (.deleteVolume, false, .null), (.desireInstanceNumber, 0, 1),
    (.scalingGroupName, "a", "A"), (.enterpriseProjectID, "0", "x"), (.availableZones, ["a"], ["a", "b"]),
  ]

  @Test(arguments: different)
  func `what differs is sent`(field: GroupField, planned: FieldValue, live: FieldValue) {
    #expect(Self.body(Self.assess([field: planned], live: [field: live])) == [field: planned])
  }

  @Test func `under PICK_FIRST the order of zones counts`() {
    let live: GroupModification = [.availableZones: ["b", "a"], .multiAZPriorityPolicy: "PICK_FIRST"]
    #expect(Self.body(Self.assess([.availableZones: ["a", "b"]], live: live)) == [.availableZones: ["a", "b"]])
  }

  @Test func `a field that is not shown is unknown, and is sent`() {
    #expect(Self.body(Self.assess([.deleteVolume: false], live: [:])) == [.deleteVolume: false])
  }

  // MARK: Expected values

  @Test func `an expected value that holds lets the change go`() {
    let assessment = Self.assess([.coolDownTime: 9], expected: [.coolDownTime: 1], live: [.coolDownTime: 1])
    #expect(Self.body(assessment) == [.coolDownTime: 9])
  }

  @Test func `a live value that is neither expected nor planned is a conflict`() {
    let assessment = Self.assess([.coolDownTime: 9], expected: [.coolDownTime: 1], live: [.coolDownTime: 5])
    #expect(
      assessment == .conflicted(found: [.coolDownTime: 5], reason: "cool_down_time is 5, expected was 1"))
  }

  @Test func `the planned value is as good as the expected one`() {
    #expect(Self.assess([.coolDownTime: 9], expected: [.coolDownTime: 1], live: [.coolDownTime: 9]) == .holds)
  }

  @Test func `an expectation of a field that is not planned must hold even where nothing is to do`() {
    let assessment = Self.assess([.coolDownTime: 9], expected: [.scalingGroupName: "a"], live: [.coolDownTime: 9])
    #expect(
      assessment
        == .conflicted(found: [.scalingGroupName: .null], reason: "scaling_group_name is not shown, expected was \"a\"")
    )
  }

  // MARK: Preconditions

  @Test func `zones of a group that is scaling have to wait`() {
    guard case .busy = Self.assess([.availableZones: ["a"]], live: [.availableZones: ["b"]], isScaling: true) else {
      Issue.record("not busy")
      return
    }
  }

  @Test func `networks of a group in service are forbidden`() {
    let assessment = Self.assess(
      [.networks: .networks([Network(id: "n")])], live: [.networks: .networks([Network(id: "m")])])
    guard case .blocked(FleetplanCode.precondition, _) = assessment else {
      Issue.record("\(assessment)")
      return
    }
  }

  @Test func `--skip-preconditions asks for none of it`() {
    var options = RunOptions()
    options.skipPreconditions = true
    let assessment = Self.assess(
      [.availableZones: ["a"]], live: [.availableZones: ["b"]], isScaling: true, options: options)
    #expect(Self.body(assessment) == [.availableZones: ["a"]])
  }

  // MARK: The way back

  @Test func `the record has the priors of the fields that are sent`() {
    let assessment = Self.assess(
      [.coolDownTime: 9, .description: "new", .desireInstanceNumber: 1],
      live: [.coolDownTime: 0, .description: .null, .desireInstanceNumber: 5])
    #expect(
      assessment
        == .send(
          PriorRecord(
            attempt: 1, prior: [.desireInstanceNumber: 5, .coolDownTime: 0, .description: .null],
            planned: [.desireInstanceNumber: 1, .coolDownTime: 9, .description: "new"], unrestorable: [.description]),
          instanceChange: -4))
  }

  @Test func `--require-reversible blocks what has no way back`() {
    var options = RunOptions()
    options.requireReversible = true
    let cases: [(GroupModification, GroupModification)] = [
      ([.description: "new"], [.description: ""]), ([.desireInstanceNumber: 1], [.desireInstanceNumber: 2]),
    ]
    for (planned, live) in cases {
      guard case .blocked(FleetplanCode.irreversible, _) = Self.assess(planned, live: live, options: options) else {
        Issue.record("\(planned) is not blocked")
        continue
      }
    }
    #expect(Self.body(Self.assess([.coolDownTime: 9], live: [.coolDownTime: 0], options: options)) != nil)
  }

  @Test func `what AS.2028 has settled is left out`() {
    let live: GroupModification = [.desireInstanceNumber: 1, .coolDownTime: 0]
    let planned: GroupModification = [.desireInstanceNumber: 2, .coolDownTime: 9]
    #expect(Self.body(Self.assess(planned, live: live, omitted: [.desireInstanceNumber])) == [.coolDownTime: 9])
  }
}

@Suite struct DoubtSettlementTests {
  private static let planned: GroupModification = [.desireInstanceNumber: 2, .coolDownTime: 9, .scalingGroupName: "n"]
  /// The name held its planned value when the record was made, so it was not sent.
  private static let record = PriorRecord(
    attempt: 1, prior: [.desireInstanceNumber: 1, .coolDownTime: 0],
    planned: [.desireInstanceNumber: 2, .coolDownTime: 9], unrestorable: [])

  private static func settle(_ live: GroupModification) -> DoubtSettlement {
    DoubtSettlement.settle(
      ClaimedChange(number: 1, group: GroupReference(projectID: "p", groupID: "g"), planned: planned), record: record,
      group: .with(live))
  }

  @Test func `all planned values hold: applied`() {
    #expect(
      Self.settle([.desireInstanceNumber: 2, .coolDownTime: 9, .scalingGroupName: "n"]) == .applied(.yes))
  }

  @Test func `all prior values hold: not applied`() {
    #expect(
      Self.settle([.desireInstanceNumber: 1, .coolDownTime: 0, .scalingGroupName: "n"])
        == .sendAgain([.desireInstanceNumber: 2, .coolDownTime: 9], applied: .no))
  }

  @Test func `some of each: applied, and the rest has to be sent`() {
    #expect(
      Self.settle([.desireInstanceNumber: 2, .coolDownTime: 0, .scalingGroupName: "n"])
        == .sendAgain([.coolDownTime: 9], applied: .yes))
  }

  @Test func `a third value is a conflict`() {
    #expect(
      Self.settle([.desireInstanceNumber: 7, .coolDownTime: 9, .scalingGroupName: "n"])
        == .conflicted(
          found: [.desireInstanceNumber: 7], applied: .yes,
          reason: "desire_instance_number is 7, neither the planned 2 nor the prior 1"))
  }

  @Test func `a field that was not sent must still be as it was`() {
    guard
      case .conflicted([.scalingGroupName: "other"], .no, _) =
        Self.settle([.desireInstanceNumber: 1, .coolDownTime: 0, .scalingGroupName: "other"])
    else {
      Issue.record("no conflict")
      return
    }
  }

  @Test func `a prior that was not shown is equal to one that is not shown`() {
    let record = PriorRecord(
      attempt: 1, prior: [.deleteVolume: .null], planned: [.deleteVolume: true], unrestorable: [.deleteVolume])
    let change = ClaimedChange(
      number: 1, group: GroupReference(projectID: "p", groupID: "g"), planned: [.deleteVolume: true])
    #expect(
      DoubtSettlement.settle(change, record: record, group: .with([:]))
        == .sendAgain([.deleteVolume: true], applied: .no))
  }
}
