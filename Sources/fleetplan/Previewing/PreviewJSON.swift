import AutoScaling
import ChangeRun
import JSONText

/// A preview as one JSON document, written piece by piece.
///
/// `{"kind", "run_id", "plan_id", "plan_file", "plan_sha256", "changes": […], "summary": {…}, "error": null}`; `run_id`
/// is the run that a rollback would take back. Where the look has failed after it had begun, `changes` has what was
/// seen, `summary` is `null`, and `error` says why.
struct PreviewJSON {
  private let source: PreviewSource
  private let withChanges: Bool
  private var writer = JSONWriter(capacity: 1_024)
  private var isFirst = true

  /// Without `withChanges`, `changes` is left out.
  init(_ source: PreviewSource, withChanges: Bool) {
    self.source = source
    self.withChanges = withChanges
  }

  /// What comes first.
  mutating func opening() -> String {
    writer.removeAll()
    writer.beginObject()
    switch source.kind {
    case .apply:
      writer.member("kind", "apply")
      writer.member("run_id", nil as Int?)
    case .rollback(let runID):
      writer.member("kind", "rollback")
      writer.member("run_id", runID)
    }
    writer.member("plan_id", source.planID)
    writer.member("plan_file", source.planFile)
    writer.member("plan_sha256", source.planSHA256)
    if withChanges {
      writer.key("changes")
      writer.beginArray()
    }
    return writer.text
  }

  /// What stands before the next change.
  mutating func separator() -> String {
    defer { isFirst = false }
    return isFirst ? "" : ",\n"
  }

  /// A change.
  mutating func change(_ forecast: ChangeForecast) -> String {
    let change = forecast.change.change
    writer.removeAll()
    writer.beginObject()
    writer.member("change", change.number)
    writer.member("line", forecast.change.line)
    writer.member("project_id", change.group.projectID)
    writer.member("scaling_group_id", change.group.groupID)
    writer.member("scaling_group_name", forecast.groupName)
    writer.member("verdict", forecast.verdict.rawValue)
    writer.key("fields")
    writer.beginObject()
    for difference in forecast.fields {
      writer.key(difference.field.rawValue)
      writer.beginObject()
      writer.key("prior")
      difference.prior.write(to: &writer)
      writer.key("planned")
      difference.planned.write(to: &writer)
      writer.member("restorable", difference.unrestorable == nil)
      writer.endObject()
    }
    writer.endObject()
    writer.member("follows_line", forecast.followsLine)
    writer.member("instance_change", forecast.instanceChange)
    writer.member("error_code", forecast.code)
    writer.member("reason", forecast.reason)
    writer.endObject()
    return writer.text
  }

  /// What comes last where not everything could be seen.
  mutating func closing(_ error: CommandError) -> String {
    writer.removeAll()
    writer.beginObject()
    writer.member("exit_status", Int(error.status.rawValue))
    writer.member("message", error.message)
    writer.endObject()
    return (withChanges ? "]" : "") + ",\"summary\":null,\"error\":" + writer.text + "}\n"
  }

  /// What comes last; the rate is that of the run that would follow, in requests a second, 0 for unlimited.
  mutating func closing(_ totals: PreviewTotals, rate: Double) -> String {
    writer.removeAll()
    writer.beginObject()
    writer.member("changes", totals.changes)
    writer.member("groups", totals.groups)
    writer.member("projects", source.projects.count)
    for verdict in ChangeForecast.Verdict.allCases { writer.member(verdict.rawValue, totals[verdict]) }
    writer.member("instances_added", totals.instancesAdded)
    writer.member("instances_removed", totals.instancesRemoved)
    largest("largest_addition", totals.largestAddition)
    largest("largest_removal", totals.largestRemoval)
    writer.member("groups_to_zero", totals.groupsToZero)
    writer.key("fields")
    writer.beginObject()
    for (field, changes) in totals.fields { writer.member(field.rawValue, changes) }
    writer.endObject()
    writer.member("irreversible", totals.irreversible)
    writer.member("unrestorable", totals.unrestorable)
    writer.member("removing_instances", totals.removing)
    writer.member("requests", totals.requests)
    writer.key("rate")
    writer.decimal(rate, fractionDigits: 3)
    writer.key("estimated_seconds")
    if let seconds = totals.seconds(rate: rate) {
      writer.decimal(seconds, fractionDigits: 3)
    } else {
      writer.null()
    }
    writer.endObject()
    return (withChanges ? "]" : "") + ",\"summary\":" + writer.text + ",\"error\":null}\n"
  }

  private mutating func largest(_ name: String, _ movement: PreviewTotals.LargestChange?) {
    writer.key(name)
    guard let movement else { return writer.null() }
    writer.beginObject()
    writer.member("instances", movement.instances)
    writer.member("change", movement.change)
    writer.member("line", movement.line)
    writer.member("project_id", movement.group.projectID)
    writer.member("scaling_group_id", movement.group.groupID)
    writer.member("scaling_group_name", movement.groupName)
    writer.endObject()
  }
}
