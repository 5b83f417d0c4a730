import ArgumentParser
import AutoScaling

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which groups are wanted. It is judged here: the service's own filter of names is fuzzy (the reference, section 3).
struct GroupSelection {
  /// Patterns of names, one of which must fit; all names where there is none.
  var names: [String] = []
  /// `nil`: all.
  var statuses: Set<String>?

  func includes(_ group: ScalingGroup) -> Bool {
    if let statuses, !statuses.contains(group.status ?? "") { return false }
    return names.isEmpty || names.contains { fnmatch($0, group.name ?? "", 0) == 0 }
  }
}

/// `--status INSERVICE,paused`
enum GroupStatuses {
  /// The statuses that are known (the reference, section 2.1).
  private static let known = ["INSERVICE", "PAUSED", "ERROR", "DELETING", "FREEZED"]

  /// Reads lists of statuses, in any case.
  ///
  /// - Returns: `nil` where there is no list.
  /// - Throws: `ValidationError` for a word that is no status: no group would ever have it.
  static func read(_ lists: [String]) throws -> Set<String>? {
    if lists.isEmpty { return nil }
    var statuses: Set<String> = []
    for word in lists.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
      let status = word.uppercased()
      guard known.contains(status) else {
        throw ValidationError(
          "--status: \(String(word).quotedForMessage) is not one of \(known.joined(separator: ", ")).")
      }
      statuses.insert(status)
    }
    return statuses
  }
}
