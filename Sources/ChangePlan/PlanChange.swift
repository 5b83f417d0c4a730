package import AutoScaling

/// One change of a plan: checked, and already reduced by its own expectations.
package struct PlanChange: Sendable, Hashable {
  /// Position among the changes of the plan, from 1; rows that change nothing are not counted.
  package var number: Int
  /// Line of the file where the change begins, from 1.
  package var line: Int
  package var group: GroupReference
  /// What to set. Never empty, and every value has passed the rules of its field.
  package var planned: GroupModification
  /// What the live values must be, for fields of `planned` and for others, which are pure guards.
  ///
  /// A field whose planned value equals its expected one is in neither (contract, section 2).
  package var expected: GroupModification
  /// Free text for reports.
  package var comment: String?

  package init(
    number: Int, line: Int, group: GroupReference, planned: GroupModification,
    expected: GroupModification = GroupModification(), comment: String? = nil
  ) {
    self.number = number
    self.line = line
    self.group = group
    self.planned = planned
    self.expected = expected
    self.comment = comment
  }
}

/// What a plan was found to be, when it has been read to its end.
package struct PlanSummary: Sendable {
  /// The JSON document's `name`, otherwise the file's base name.
  package var name: String
  /// The plan as the user named it.
  package var file: String
  package var format: PlanFormat
  /// SHA-256 of the file's bytes, in 64 lowercase hexadecimal digits.
  package var sha256: String
  package var byteCount: Int
  /// How many changes the plan has, as far as they are without error.
  package var changeCount: Int
  /// Rows that were skipped because every field of theirs equals its own `expect`.
  package var unchangedCount: Int
  /// Rows (CSV) and lines (JSON Lines) that were skipped because they are empty.
  package var emptyCount: Int
  package var diagnostics: DiagnosticList

  /// Whether the plan may be loaded: it has no error. Warnings do not count.
  package var isValid: Bool { !diagnostics.hasErrors }
}
