import Foundation

/// The seed of a randomised test, from the environment: `FLEETPLAN_SEED=4711 swift test` plays one seed again.
package enum ReplaySeed {
  /// The seed to replay, or `nil` where all are played.
  package static var requested: UInt64? {
    ProcessInfo.processInfo.environment["FLEETPLAN_SEED"].flatMap { UInt64($0) }
  }

  /// The seeds that a test plays: the requested one alone, or those of the range.
  package static func seeds(_ range: Range<UInt64>) -> [UInt64] {
    guard let requested else { return Array(range) }
    return range.contains(requested) ? [requested] : []
  }
}
