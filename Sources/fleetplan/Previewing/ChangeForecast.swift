import AutoScaling
import ChangeRun

/// What would become of one change if it were carried out now.
struct ChangeForecast {
  /// The raw values are those of `--json`.
  enum Verdict: String, CaseIterable {
    /// It would be sent.
    case apply
    /// The group holds everything already.
    case unchanged
    /// The live values, or a former change of the group, forbid it.
    case blocked
    /// A value is neither the expected nor the planned one.
    case conflicted
    /// It would be sent when the group's scaling action has ended.
    case waiting
    /// There is no such group.
    case missing
    /// The group cannot be read.
    case failed
  }

  /// A field that would change.
  struct FieldChange {
    var field: GroupField
    /// `.null` also where the group does not show it.
    var prior: FieldValue
    var planned: FieldValue
    /// Why the prior value cannot be written back; `nil` where it can.
    var unrestorable: String?
  }

  var change: PreviewChange
  /// As the service shows it.
  var groupName: String?
  /// The line of the change to the same group that would be carried out before it: the prior values are what that one
  /// leaves.
  var followsLine: Int?
  var verdict: Verdict
  /// What differs from the live values; for those that would not be sent too.
  var fields: [FieldChange] = []
  /// How many instances it would add (positive) or remove.
  var instanceChange = 0
  /// Of the service, or `FP.…`.
  var code: String?
  var reason: String?
  /// What a later plan may expect: the live values of the fields that are planned or expected.
  var seen = GroupModification()

  /// It would be sent, at once or later.
  var isSent: Bool { verdict == .apply || verdict == .waiting || (verdict == .blocked && isPartlySent) }
  /// A rollback sends what can be restored, and ends as blocked because of the rest.
  var isPartlySent = false
  /// It cannot be taken back wholly (contract, guarantee 7).
  var isIrreversible: Bool { isSent && (instanceChange < 0 || fields.contains { $0.unrestorable != nil }) }
}

/// Forecasts the changes to one group, in their order: each on the group as those before it would leave it.
struct GroupForecaster {
  private let options: RunOptions
  private let name: String?
  private let initialDesired: Int?
  private var group: ScalingGroup
  /// The change that ended in a way that holds up those after it.
  private var obstacle: (line: Int, state: ChangeState)?
  /// The last change that would be sent.
  private var formerLine: Int?

  init(_ group: ScalingGroup, options: RunOptions) {
    self.group = group
    self.options = options
    name = group.name
    initialDesired = group.values[.desireInstanceNumber]?.integerValue
  }

  /// The changes so far would leave the group without instances, and it was to have some: its name, or id.
  var emptiedGroup: String? {
    guard let initialDesired, initialDesired > 0, group.values[.desireInstanceNumber]?.integerValue == 0 else {
      return nil
    }
    return name ?? group.id
  }

  mutating func forecast(_ change: PreviewChange) -> ChangeForecast {
    var forecast = ChangeForecast(change: change, groupName: name, followsLine: formerLine, verdict: .apply)
    forecast.fields = differences(of: change.change)
    forecast.seen = seenValues(for: change.change)
    judge(change.change, &forecast)
    if forecast.isSent {
      leave(forecast)
      formerLine = change.line
    }
    if !ChangeState(forecast.verdict).letsGroupGoOn {
      obstacle = (change.line, ChangeState(forecast.verdict))
    }
    return forecast
  }

  private func judge(_ change: ClaimedChange, _ forecast: inout ChangeForecast) {
    func end(_ verdict: ChangeForecast.Verdict, _ code: String?, _ reason: String) {
      forecast.verdict = verdict
      forecast.code = code
      forecast.reason = reason
    }
    if let reason = change.blocked, change.planned.isEmpty {
      return end(.blocked, FleetplanCode.unrestorable, reason)
    }
    if let obstacle, !options.keepGoing {
      return end(
        .blocked, FleetplanCode.predecessor,
        "line \(obstacle.line) is for the same group and would end \(obstacle.state.rawValue) (--keep-going goes on)")
    }
    var assessment = LiveAssessment.assess(change, group: group, attempt: 1, options: options)
    if case .busy(let reason) = assessment {
      end(.waiting, FleetplanCode.busy, reason)
      // What is sent after the wait is known already.
      var later = options
      later.skipPreconditions = true
      assessment = LiveAssessment.assess(change, group: group, attempt: 1, options: later)
    }
    switch assessment {
    case .holds: forecast.verdict = .unchanged
    case .conflicted(_, let reason): end(.conflicted, FleetplanCode.conflict, reason)
    case .blocked(let code, let reason): end(.blocked, code, reason)
    case .busy(let reason): end(.waiting, FleetplanCode.busy, reason)
    case .send(_, let instanceChange): forecast.instanceChange = instanceChange
    }
    // As the run does: the rest is restored, and the change ends as blocked.
    if let reason = change.blocked, [.apply, .waiting, .unchanged].contains(forecast.verdict) {
      forecast.isPartlySent = forecast.verdict != .unchanged
      end(.blocked, FleetplanCode.unrestorable, reason)
    }
  }

  private func differences(of change: ClaimedChange) -> [ChangeForecast.FieldChange] {
    change.planned.entries.compactMap { entry in
      guard group.holds(entry.value, for: entry.field, given: change.planned) != true else { return nil }
      let live = group.values[entry.field]
      var difference = ChangeForecast.FieldChange(field: entry.field, prior: live ?? .null, planned: entry.value)
      if case .impossible(let reason) = entry.field.restoration(of: live) { difference.unrestorable = reason }
      return difference
    }
  }

  private func seenValues(for change: ClaimedChange) -> GroupModification {
    var seen = GroupModification()
    for field in change.planned.fields + change.expected.fields { seen[field] = group.values[field] }
    return seen
  }

  /// Leaves the group as it will be when the change was applied and the scaling action it starts has ended.
  private mutating func leave(_ forecast: ChangeForecast) {
    for difference in forecast.fields { group.values[difference.field] = difference.planned }
    if forecast.instanceChange != 0 {
      group.currentInstanceNumber = group.values[.desireInstanceNumber]?.integerValue
    }
  }
}

extension ChangeState {
  /// How the change would end.
  fileprivate init(_ verdict: ChangeForecast.Verdict) {
    self =
      switch verdict {
      case .apply, .waiting: .succeeded
      case .unchanged: .unchanged
      case .blocked: .blocked
      case .conflicted: .conflicted
      case .missing, .failed: .failed
      }
  }
}
