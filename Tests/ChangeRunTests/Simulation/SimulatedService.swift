import AutoScaling

@testable import ChangeRun

/// The service as a run sees it: groups with fields, and faults chosen by the seed. Its journal is the truth.
///
/// All times are ticks (nanoseconds) of the simulation.
final class SimulatedService {
  struct Group {
    let reference: GroupReference
    var values: GroupModification
    let initial: GroupModification
    /// The group does not exist.
    var isMissing = false
    /// Before its last PUT, for stale reads, and when that was.
    var former: GroupModification?
    var formerUntil = 0
    var scalingUntil = 0
    /// The instances that there are; the desired number once it has come to rest.
    var current = 1
    /// When somebody else last changed it.
    var touchedAt: Int?
    /// The PUT that last left for it.
    var lastLeft = -1
  }

  /// A PUT, from its departure on.
  struct Put {
    var number: Int
    var group: Int
    var body: GroupModification
    /// When the group was last read for the change before, other than from a replica that lags behind.
    var readAt: Int
    /// When it took effect, and the values that its fields had before.
    var effectAt: Int?
    var before = GroupModification()
    /// Somebody else changed the group after the read that the PUT was based on.
    var isExcused = false
  }

  /// What is to happen to a request.
  enum Fault {
    case none
    /// Answered without an effect, judged as the client does.
    case refused(status: Int, code: String?, retryAfter: Double?)
    /// No answer. `after` says how long the client waits for it; the effect comes `late` after that the request came in.
    case lost(after: Int, effect: Bool, late: Int)
    /// An answer that tells nothing (5xx, a 200 that names another group).
    case useless(status: Int, effect: Bool, retryAfter: Double?)
    case notSent
    /// GET: the state before the last PUT, where that is not long ago.
    case stale
    /// PUT: somebody else sets the planned number just before.
    case overtaken
  }

  /// Replicas lag behind no longer than this.
  static let staleness = 8_000_000_000

  var groups: [Group]
  private(set) var puts: [Put] = []
  private(set) var violations: [String] = []
  /// By change: when the last read that was not stale was made.
  private var readAt: [Int]
  /// By change: whether the group was seen to hold all planned values during it.
  private(set) var hasHeld: [Bool]
  private let changes: [PlannedChange]
  private let weather: SimulationScenario.Weather

  init(groups: [Group], changes: [PlannedChange], weather: SimulationScenario.Weather) {
    self.groups = groups
    self.changes = changes
    self.weather = weather
    readAt = Array(repeating: -1, count: changes.count + 1)
    hasHeld = Array(repeating: false, count: changes.count + 1)
  }

  // MARK: Requests

  func departed(_ number: Int, body: GroupModification) -> Int {
    let group = changes[number - 1].groupIndex
    puts.append(Put(number: number, group: group, body: body, readAt: readAt[number]))
    groups[group].lastLeft = puts.count - 1
    return puts.count - 1
  }

  func read(_ number: Int, isStale: Bool, now: Int) -> ServiceResult<ScalingGroup> {
    let index = changes[number - 1].groupIndex
    if groups[index].isMissing { return .failure(.answered(404, "AS.2007", "The AS group does not exist.")) }
    settleScaling(index, now: now)
    let group = groups[index]
    var values = group.values
    if isStale, let former = group.former, now - group.formerUntil < Self.staleness {
      values = former
    } else {
      readAt[number] = now
    }
    noteHolding(number)
    return .success(
      ServiceSuccess(
        value: ScalingGroup(
          id: group.reference.groupID, values: values, status: "INSERVICE", isScaling: now < group.scalingUntil,
          currentInstanceNumber: group.current)))
  }

  /// Judges a PUT that has come in, and carries it out unless something speaks against it.
  func modify(_ put: Int, now: Int) -> ServiceResult<Void> {
    let body = puts[put].body
    let index = puts[put].group
    settleScaling(index, now: now)
    let group = groups[index]
    if group.isMissing { return .failure(.answered(404, "AS.2007", "The AS group does not exist.")) }
    if now < group.scalingUntil {
      if body[.availableZones] != nil { return .failure(.answered(400, "AS.2054", "availability zones, scaling")) }
      if body[.desireInstanceNumber] != nil { return .failure(.answered(400, "AS.2033", "current status")) }
    }
    if let desired = body[.desireInstanceNumber], desired == group.values[.desireInstanceNumber] {
      return .failure(.answered(400, "AS.2028", "the number is the original number"))
    }
    takeEffect(put, now: now)
    return .success(ServiceSuccess(value: ()))
  }

  /// The values change.
  func takeEffect(_ put: Int, now: Int) {
    let index = puts[put].group
    guard !groups[index].isMissing else { return }
    if groups[index].lastLeft != put {
      violations.append("service: PUT \(put) of change \(puts[put].number) landed on top of a later one of its group")
    }
    settleScaling(index, now: now)
    puts[put].effectAt = now
    puts[put].isExcused = groups[index].touchedAt.map { $0 > puts[put].readAt } ?? false
    groups[index].former = groups[index].values
    groups[index].formerUntil = now
    for entry in puts[put].body.entries {
      puts[put].before[entry.field] = groups[index].values[entry.field] ?? .null
      groups[index].values[entry.field] = entry.value
    }
    if puts[put].body[.desireInstanceNumber] != nil, weather.scalingTime > 0 {
      groups[index].scalingUntil = now + weather.scalingTime
    }
    settleScaling(index, now: now)
    noteHolding(puts[put].number)
  }

  /// Somebody else changes a field.
  func touch(_ index: Int, _ field: GroupField, _ value: FieldValue, now: Int) {
    groups[index].values[field] = value
    groups[index].touchedAt = now
    for change in changes where change.groupIndex == index { noteHolding(change.number) }
  }

  /// Somebody else deletes the group.
  func delete(_ index: Int, now: Int) {
    groups[index].isMissing = true
    groups[index].touchedAt = now
  }

  private func settleScaling(_ index: Int, now: Int) {
    if now >= groups[index].scalingUntil {
      groups[index].current = groups[index].values[.desireInstanceNumber]?.integerValue ?? 0
    }
  }

  private func noteHolding(_ number: Int) {
    guard !hasHeld[number] else { return }
    let change = changes[number - 1]
    let values = groups[change.groupIndex].values
    hasHeld[number] = change.planned.entries.allSatisfy { entry in
      entry.field.areEqual(values[entry.field] ?? .boolean(true), entry.value, zonesAreOrdered: false)
        && values[entry.field] != nil
    }
  }
}

extension ServiceFailure {
  /// An answer, judged as the client judges it.
  static func answered(_ status: Int, _ code: String?, _ message: String, retryAfter: Double? = nil) -> ServiceFailure {
    let judged = AnswerClassification(status: status, code: code)
    return ServiceFailure(
      certainty: judged.certainty, disposition: judged.disposition, status: status, code: code, message: message,
      retryAfterSeconds: retryAfter)
  }

  static let lostAnswer = ServiceFailure(
    certainty: .lost, disposition: .retryable, code: FleetplanCode.connectionReset, message: "connection reset")
  static let notSent = ServiceFailure(
    certainty: .notSent, disposition: .retryable, code: FleetplanCode.connectionRefused, message: "refused")
}
