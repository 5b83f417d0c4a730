import AutoScaling
import ChangeRun
import JSONText

/// A preview as one JSON document, written piece by piece.
///
/// `{"kind", "plan_id", "run_id", "plan_file", "plan_sha256", "changes": […], "summary": {…}}`; `run_id` is the run that
/// a rollback would take back.
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

  /// The next change.
  mutating func change(_ forecast: ChangeForecast) -> String {
    let change = forecast.change.change
    defer { isFirst = false }
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
    writer.member("instance_change", forecast.instanceChange)
    writer.member("error_code", forecast.code)
    writer.member("reason", forecast.reason)
    writer.endObject()
    return (isFirst ? "" : ",\n") + writer.text
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
    writer.member("largest_instance_change", totals.largest?.instances ?? 0)
    writer.member("groups_to_zero", totals.groupsToZero)
    writer.key("fields")
    writer.beginObject()
    for (field, changes) in totals.fields { writer.member(field.rawValue, changes) }
    writer.endObject()
    writer.member("irreversible", totals.irreversible)
    writer.member("unrestorable", totals.unrestorable)
    writer.member("removing_instances", totals.removing)
    writer.member("requests", totals.requests)
    writer.key("estimated_seconds")
    if let seconds = totals.seconds(rate: rate) {
      writer.decimal(seconds, fractionDigits: 3)
    } else {
      writer.null()
    }
    writer.endObject()
    return (withChanges ? "]" : "") + ",\"summary\":" + writer.text + "}\n"
  }
}
