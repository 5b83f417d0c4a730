import AutoScaling
import ChangeRun
import JSONText

/// The sums of a preview.
struct PreviewTotals {
  /// The change that adds, or removes, the most instances.
  struct LargestChange {
    /// Negative where they are removed.
    var instances: Int
    /// Its number.
    var change: Int
    var line: Int
    var group: GroupReference
    var groupName: String?

    /// The one that is first in the plan counts where they are equal.
    func isLarger(than other: LargestChange?) -> Bool {
      guard let other else { return true }
      if instances != other.instances { return instances.magnitude > other.instances.magnitude }
      return line < other.line
    }
  }

  /// So many lines of held-back changes, and names of emptied groups, are kept.
  static let namedCount = 5

  private(set) var changes = 0
  private(set) var groups = 0
  private var verdicts: [ChangeForecast.Verdict: Int] = [:]
  private var lines: [ChangeForecast.Verdict: [Int]] = [:]
  private(set) var instancesAdded = 0
  private(set) var instancesRemoved = 0
  private(set) var largestAddition: LargestChange?
  private(set) var largestRemoval: LargestChange?
  private(set) var groupsToZero = 0
  /// The names of the first ones of these.
  private(set) var emptiedGroups: [String] = []
  private var fieldCounts: [GroupField: Int] = [:]
  /// Changes that cannot be wholly taken back, and why: a change may count for both reasons.
  private(set) var irreversible = 0
  private(set) var unrestorable = 0
  private(set) var removing = 0
  /// What a run would send if nothing is throttled or refused.
  private(set) var requests = 0

  subscript(verdict: ChangeForecast.Verdict) -> Int { verdicts[verdict, default: 0] }

  /// The lowest lines with changes of which this becomes; in order.
  func firstLines(_ verdict: ChangeForecast.Verdict) -> [Int] { lines[verdict, default: []] }

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
    if forecast.verdict != .apply, forecast.verdict != .unchanged { note(forecast.change.line, forecast.verdict) }
    requests += Self.requests(for: forecast)
    guard forecast.isSent else { return }
    for difference in forecast.fields { fieldCounts[difference.field, default: 0] += 1 }
    if forecast.isIrreversible { irreversible += 1 }
    if forecast.fields.contains(where: { $0.unrestorable != nil }) { unrestorable += 1 }
    let instances = forecast.instanceChange
    if instances == 0 { return }
    let movement = LargestChange(
      instances: instances, change: forecast.change.change.number, line: forecast.change.line,
      group: forecast.change.change.group, groupName: forecast.groupName)
    if instances > 0 {
      instancesAdded += instances
      if movement.isLarger(than: largestAddition) { largestAddition = movement }
    } else {
      instancesRemoved -= instances
      removing += 1
      if movement.isLarger(than: largestRemoval) { largestRemoval = movement }
    }
  }

  private mutating func note(_ line: Int, _ verdict: ChangeForecast.Verdict) {
    var known = lines[verdict, default: []]
    known.insert(line, at: known.firstIndex { $0 > line } ?? known.endIndex)
    lines[verdict] = Array(known.prefix(Self.namedCount))
  }

  /// Counts a group whose changes were all counted.
  ///
  /// - Parameter emptied: its name, where it would lose its last instances.
  mutating func addGroup(emptied: String?) {
    groups += 1
    guard let emptied else { return }
    groupsToZero += 1
    if emptiedGroups.count < Self.namedCount { emptiedGroups.append(emptied) }
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
