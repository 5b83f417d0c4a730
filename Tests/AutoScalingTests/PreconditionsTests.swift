import AutoScaling
import Testing

private let listeners = FieldValue.listeners([Listener(poolID: "p", protocolPort: 80, weight: 1)])

/// A group that may change everything: paused, empty and not scaling.
private func idleGroup(_ change: (inout ScalingGroup) -> Void = { _ in }) -> ScalingGroup {
  var group = ScalingGroup(
    id: "g",
    values: .init([
      .minInstanceNumber: .integer(0), .desireInstanceNumber: .integer(0), .maxInstanceNumber: .integer(10),
      .networks: .networks([Network(id: "n")]), .securityGroups: .securityGroups(["s"]), .lbListenerID: .null,
      .lbaasListeners: listeners, .availableZones: .strings(["a"]), .healthPeriodicAuditMethod: .string("NOVA_AUDIT"),
    ]),
    status: "PAUSED", isScaling: false, currentInstanceNumber: 0)
  change(&group)
  return group
}

/// The fields with the three conditions, each with a value that differs.
private let guardedFields: [(GroupField, FieldValue)] = [
  (.networks, .networks([Network(id: "m")])), (.securityGroups, .securityGroups(["t"])),
  (.lbListenerID, .string("l")),
  (.lbaasListeners, .listeners([Listener(poolID: "q", protocolPort: 80, weight: 1)])),
]

extension LiveObjection {
  fileprivate var isScaling: Bool {
    if case .scaling = self { true } else { false }
  }

  fileprivate var code: String? {
    if case .forbidden(let code, _, _) = self { code } else { nil }
  }

  fileprivate var field: GroupField {
    switch self {
    case .scaling(let field, _), .forbidden(_, let field, _): field
    }
  }

  fileprivate var reason: String {
    switch self {
    case .scaling(_, let reason), .forbidden(_, _, let reason): reason
    }
  }
}

@Suite struct PreconditionsTests {
  private func change(_ field: GroupField, _ value: FieldValue) -> GroupModification {
    var change = GroupModification()
    change[field] = value
    return change
  }

  @Test(arguments: guardedFields) func `guarded fields change in a group that is paused, empty and not scaling`(
    _ field: GroupField, _ value: FieldValue
  ) {
    #expect(idleGroup().objection(to: change(field, value)) == nil)
  }

  @Test(arguments: guardedFields) func `a group in service is refused at once, also while it is scaling`(
    _ field: GroupField, _ value: FieldValue
  ) {
    for scaling in [false, true] {
      let group = idleGroup {
        $0.status = "INSERVICE"
        $0.isScaling = scaling
      }
      let objection = group.objection(to: change(field, value))
      #expect(objection?.code == FleetplanCode.precondition)
      #expect(objection?.field == field)
      #expect(objection?.reason.contains("INSERVICE") == true)
    }
  }

  @Test(arguments: guardedFields) func `a group with instances is refused`(_ field: GroupField, _ value: FieldValue) {
    let objection = idleGroup { $0.currentInstanceNumber = 1 }.objection(to: change(field, value))
    #expect(objection?.code == FleetplanCode.precondition)
    #expect(objection?.reason.contains("1 instance;") == true)
  }

  @Test(arguments: guardedFields) func `a group that is scaling is waited for`(_ field: GroupField, _ value: FieldValue)
  {
    #expect(idleGroup { $0.isScaling = true }.objection(to: change(field, value))?.isScaling == true)
  }

  @Test func `instances that are on their way out are waited for, others are not`() {
    let planned = change(.networks, .networks([Network(id: "m")]))
    let emptying = idleGroup {
      $0.isScaling = true
      $0.currentInstanceNumber = 3
    }
    #expect(emptying.objection(to: planned)?.isScaling == true)
    let staying = idleGroup {
      $0.isScaling = true
      $0.currentInstanceNumber = 3
      $0.values[.desireInstanceNumber] = .integer(2)
    }
    #expect(staying.objection(to: planned)?.code == FleetplanCode.precondition)
  }

  @Test func `weight and port are free, the set of pools is not`() {
    let busy = idleGroup {
      $0.status = "INSERVICE"
      $0.currentInstanceNumber = 2
      $0.isScaling = true
    }
    let weight = change(.lbaasListeners, .listeners([Listener(poolID: "p", protocolPort: 81, weight: 50)]))
    #expect(busy.objection(to: weight) == nil)
    let twice = change(
      .lbaasListeners,
      .listeners([
        Listener(poolID: "p", protocolPort: 81, weight: 50), Listener(poolID: "p", protocolPort: 82, weight: 50),
      ]))
    #expect(busy.objection(to: twice) == nil)
    let more = change(
      .lbaasListeners,
      .listeners([
        Listener(poolID: "p", protocolPort: 80, weight: 1), Listener(poolID: "q", protocolPort: 80, weight: 1),
      ]))
    #expect(busy.objection(to: more)?.code == FleetplanCode.precondition)
  }

  @Test func `zones wait for a scaling action and for nothing else`() {
    let planned = change(.availableZones, .strings(["b"]))
    let inService = idleGroup {
      $0.status = "INSERVICE"
      $0.currentInstanceNumber = 4
    }
    #expect(inService.objection(to: planned) == nil)
    var scaling = inService
    scaling.isScaling = true
    #expect(scaling.objection(to: planned)?.isScaling == true)
  }

  @Test func `what will never be possible is said before what is waited for`() {
    let group = idleGroup {
      $0.isScaling = true
      $0.status = "INSERVICE"
    }
    var planned = change(.availableZones, .strings(["b"]))
    planned[.securityGroups] = .securityGroups(["t"])
    #expect(group.objection(to: planned)?.code == FleetplanCode.precondition)
  }

  @Test func `a group that is being deleted takes no change`() {
    let group = idleGroup { $0.status = "DELETING" }
    #expect(group.objection(to: change(.coolDownTime, .integer(1)))?.code == FleetplanCode.groupDeleting)
    #expect(group.objection(to: GroupModification()) == nil)
  }

  @Test func `what the group does not show is left to the service`() {
    let unknown = ScalingGroup(id: "g", values: GroupModification())
    for (field, value) in guardedFields { #expect(unknown.objection(to: change(field, value)) == nil) }
    #expect(unknown.objection(to: change(.minInstanceNumber, .integer(5))) == nil)
    #expect(unknown.objection(to: change(.healthPeriodicAuditMethod, .string("ELB_AUDIT"))) == nil)
  }

  // MARK: Numbers

  /// min, desire, max as planned (nil: not), on a group with 2, 4, 6; the field that is to blame.
  @Test(
    arguments: [
      (nil, 5, nil, nil), (nil, 2, nil, nil), (nil, 6, nil, nil), (4, nil, nil, nil), (nil, nil, 4, nil),
      (5, 5, 5, nil),
      (nil, 1, nil, GroupField.desireInstanceNumber), (nil, 7, nil, .desireInstanceNumber),
      (5, nil, nil, .minInstanceNumber),
      (7, nil, nil, .minInstanceNumber), (nil, nil, 3, .maxInstanceNumber), (nil, nil, 1, .maxInstanceNumber),
      (5, 4, nil, .desireInstanceNumber), (nil, 7, 7, nil), (1, 1, nil, nil), (nil, 8, 7, .maxInstanceNumber),
    ] as [(Int?, Int?, Int?, GroupField?)])
  func `minimum, desired and maximum must fit together as they will hold`(
    _ minimum: Int?, _ desired: Int?, _ maximum: Int?, _ blamed: GroupField?
  ) {
    let group = idleGroup {
      $0.values[.minInstanceNumber] = .integer(2)
      $0.values[.desireInstanceNumber] = .integer(4)
      $0.values[.maxInstanceNumber] = .integer(6)
    }
    var planned = GroupModification()
    planned[.minInstanceNumber] = minimum.map { .integer($0) }
    planned[.desireInstanceNumber] = desired.map { .integer($0) }
    planned[.maxInstanceNumber] = maximum.map { .integer($0) }
    let objection = group.objection(to: planned)
    #expect(objection?.field == blamed)
    #expect(objection?.code == (blamed == nil ? nil : FleetplanCode.instanceRange))
  }

  @Test func `the reason names both numbers and where they come from`() {
    let group = idleGroup { $0.values[.minInstanceNumber] = .integer(2) }
    #expect(
      group.objection(to: change(.desireInstanceNumber, .integer(1)))
        == .forbidden(
          code: "FP.INSTANCE_RANGE", field: .desireInstanceNumber,
          reason: "1 is below the group's min_instance_number (2)"))
  }

  @Test func `a group whose numbers are wrong already may change other things`() {
    let group = idleGroup { $0.values[.maxInstanceNumber] = .integer(-1) }
    #expect(group.objection(to: change(.coolDownTime, .integer(1))) == nil)
  }

  @Test(arguments: [(4, 7, 3), (4, 1, -3), (4, 4, 0)]) func `only the desired number moves instances`(
    _ live: Int, _ planned: Int, _ expected: Int
  ) {
    let group = idleGroup { $0.values[.desireInstanceNumber] = .integer(live) }
    #expect(group.instanceChange(by: change(.desireInstanceNumber, .integer(planned))) == expected)
    #expect(group.instanceChange(by: change(.maxInstanceNumber, .integer(planned))) == 0)
  }

  @Test func `without a desired number the instances there are count`() {
    let group = idleGroup {
      $0.values[.desireInstanceNumber] = nil
      $0.currentInstanceNumber = 5
    }
    #expect(group.instanceChange(by: change(.desireInstanceNumber, .integer(2))) == -3)
  }

  // MARK: Health check

  @Test func `ELB_AUDIT needs a listener that is there or comes with the change`() {
    let bare = idleGroup { $0.values[.lbaasListeners] = .listeners([]) }
    var planned = change(.healthPeriodicAuditMethod, .string("ELB_AUDIT"))
    #expect(bare.objection(to: planned)?.code == FleetplanCode.noListener)
    #expect(idleGroup().objection(to: planned) == nil)
    planned[.lbListenerID] = .string("l")
    #expect(bare.objection(to: planned) == nil)
  }
}
