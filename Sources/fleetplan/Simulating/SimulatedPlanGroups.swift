import AutoScaling
import AutoScalingSimulator
import ChangePlan

/// Gives the simulator the groups that a plan is about, in a state in which the plan makes sense.
enum SimulatedPlanGroups {
  /// Adds a group for every change whose group it does not have.
  ///
  /// - Throws: `CommandError` 65 where the plan has errors, 66 where there is none.
  static func add(plan path: String, to cloud: SimulatedCloud) throws {
    let file = try PlanFile(argument: path, format: nil)
    let summary = try mappingErrors {
      try PlanReader().read(file.source, format: file.format) { change in
        if cloud.group(change.group, now: .zero) == nil { add(change, to: cloud) }
      }
    }
    if !summary.isValid { throw CommandError(.invalidPlan, PlanWords.refusal(summary)) }
  }

  private static func add(_ change: PlanChange, to cloud: SimulatedCloud) {
    let planned = change.planned
    var values = GroupModification()
    let (low, high) = (planned[.minInstanceNumber]?.integerValue, planned[.maxInstanceNumber]?.integerValue)
    // The live numbers leave room for each other and for what is planned, and differ from it.
    let lowest = max((low ?? 1) - 1, 0)
    let highest = high.map { $0 > 1 ? $0 - 1 : $0 + 1 } ?? 100
    values[.minInstanceNumber] = .integer(min(lowest, highest))
    values[.maxInstanceNumber] = .integer(max(highest, low ?? 0, 1))
    values[.desireInstanceNumber] = .integer(min(max(low ?? 2, lowest), min(highest, high ?? highest)))
    // Some fields change only in a group that is out of service and empty (API page, tables 2 and 3).
    let needsRest: [GroupField] = [.networks, .securityGroups, .lbListenerID, .lbaasListeners]
    let rests = needsRest.contains { planned[$0] != nil }
    if rests {
      values[.minInstanceNumber] = .integer(0)
      values[.desireInstanceNumber] = .integer(0)
    }
    if planned[.healthPeriodicAuditMethod] == .string("ELB_AUDIT"), planned[.lbaasListeners] == nil,
      planned[.lbListenerID] == nil
    {
      values[.lbaasListeners] = .listeners([
        Listener(poolID: "3d2b54a5-6b2c-4d0e-9b57-2f7b9d8f1c11", protocolPort: 80, weight: 1)
      ])
    }
    values = change.expected.merging(defaults: values)
    cloud.addGroup(change.group, values: values, status: rests ? "PAUSED" : "INSERVICE")
  }
}
