package import AutoScaling
package import ChangePlan

/// A plan in the ledger.
package struct PlanRow: Sendable, Hashable {
  package var id: Int
  package var name: String
  /// The file as the user named it when it was loaded.
  package var file: String
  package var format: PlanFormat
  /// `--project`; `nil` where none was given.
  package var defaultProjectID: String?
  /// In 64 lowercase hexadecimal digits.
  package var sha256: String
  package var byteCount: Int
  package var changeCount: Int
  package var groupCount: Int
  package var projectCount: Int
  /// One line each, as they were shown on loading.
  package var warnings: [String]
  /// Milliseconds since 1970-01-01 UTC.
  package var loadedAt: Int
}

/// One change of a plan as the ledger keeps it.
package struct PlanChangeRow: Sendable, Hashable {
  /// The change's number in the plan, from 1.
  package var change: Int
  /// The line of the plan file where it begins.
  package var line: Int
  package var group: GroupReference
  package var planned: GroupModification
  /// Empty where nothing is expected.
  package var expected: GroupModification
  package var comment: String?
  /// The number of the previous change to the same group.
  package var after: Int?
}
