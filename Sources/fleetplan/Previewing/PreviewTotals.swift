import AutoScaling
import ChangeRun
import JSONText

/// The sums of a preview.
struct PreviewTotals {
  /// The change that moves the most instances.
  struct LargestChange {
    var instances: Int
    var line: Int
    var group: GroupReference
    var groupName: String?
  }

  private(set) var changes = 0
  private(set) var groups = 0
  private var verdicts: [ChangeForecast.Verdict: Int] = [:]
  private(set) var instancesAdded = 0
  private(set) var instancesRemoved = 0
  private(set) var largest: LargestChange?
  private(set) var groupsToZero = 0
  private var fieldCounts: [GroupField: Int] = [:]
  /// Changes that cannot be wholly taken back, and why: a change may count for both reasons.
  private(set) var irreversible = 0
  private(set) var unrestorable = 0
  private(set) var removing = 0
  /// What a run would send if nothing is throttled or refused.
  private(set) var requests = 0

  subscript(verdict: ChangeForecast.Verdict) -> Int { verdicts[verdict, default: 0] }

  /// The fields that would be sent, with the number of changes that do, in the order of `GroupField`.
  var fields: [(field: GroupField, changes: Int)] {
    fieldCounts.sorted { $0.key < $1.key }.map { (field: $0.key, changes: $0.value) }
  }

  /// Nothing would be blocked, conflicted, missing or failed.
  var isClean: Bool { self[.blocked] + self[.conflicted] + self[.missing] + self[.failed] == 0 }

  /// Counts a change.
  mutating func add(_ forecast: ChangeForecast) {
    changes += 1
    verdicts[forecast.verdict, default: 0] += 1
    requests += Self.requests(for: forecast)
    guard forecast.isSent else { return }
    for difference in forecast.fields { fieldCounts[difference.field, default: 0] += 1 }
    if forecast.isIrreversible { irreversible += 1 }
    if forecast.fields.contains(where: { $0.unrestorable != nil }) { unrestorable += 1 }
    let instances = forecast.instanceChange
    if instances == 0 { return }
    if instances > 0 { instancesAdded += instances } else { instancesRemoved -= instances }
    if instances < 0 { removing += 1 }
    if instances.magnitude > (largest?.instances.magnitude ?? 0) {
      largest = LargestChange(
        instances: instances, line: forecast.change.line, group: forecast.change.change.group,
        groupName: forecast.groupName)
    }
  }

  /// Counts a group whose changes were all counted.
  mutating func addGroup(isEmptied: Bool) {
    groups += 1
    if isEmptied { groupsToZero += 1 }
  }

  /// One read, one PUT, and one more read for one that has to wait.
  private static func requests(for forecast: ChangeForecast) -> Int {
    if forecast.code == FleetplanCode.predecessor { return 0 }
    // What has nothing to restore is not even read.
    if forecast.change.change.planned.isEmpty { return 0 }
    return 1 + (forecast.isSent ? 1 : 0) + (forecast.verdict == .waiting ? 1 : 0)
  }

  /// How long a run would take; `nil` where the rate is unlimited.
  func seconds(rate: Double) -> Double? { rate > 0 ? Double(requests) / rate : nil }
}
