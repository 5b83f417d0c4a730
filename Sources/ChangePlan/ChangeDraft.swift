internal import AutoScaling

/// One row or object of a plan as it was read, before the rules are applied to it.
struct ChangeDraft {
  var line = 1
  /// `nil` where it was not given.
  var projectID: String?
  /// `nil` where it was missing or wrong, which has been reported.
  var groupID: String?
  var comment: String?
  var planned = GroupModification()
  var expected = GroupModification()
  /// A field was left out of both because its cells say the same.
  var hasFieldAsExpected = false
  /// Something about it was reported as an error already.
  var hasErrors = false
  /// Among that is its project, so that its absence is not reported again.
  var hasProjectError = false
}

/// What a diagnostic of a change is about; its reader knows where that is.
enum ChangePart: Hashable {
  case whole
  case projectID
  case planned(GroupField)
}
