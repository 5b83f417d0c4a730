import AutoScaling
import ChangeRun

/// A preview as people read it.
struct PreviewText {
  /// ECMA-48, "Select Graphic Rendition".
  private enum Color: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case dim = "2"
    case bold = "1"
  }

  let usesColor: Bool
  /// Groups are named with their projects.
  let namesProjects: Bool

  // MARK: One change

  func text(_ forecast: ChangeForecast) -> String {
    var lines = [heading(forecast)]
    let isShownAsChange = forecast.isSent
    for difference in forecast.fields where isShownAsChange { lines.append("  " + line(difference, forecast)) }
    switch forecast.verdict {
    case .apply: break
    case .unchanged: lines.append("  " + paint("unchanged", .dim))
    case .waiting: lines.append("  " + paint("waiting", .yellow) + ": " + reason(forecast))
    case .blocked, .conflicted, .missing, .failed:
      lines.append("  " + paint(forecast.verdict.rawValue, .red) + ": " + reason(forecast))
    }
    for difference in forecast.fields where isShownAsChange {
      guard let reason = difference.unrestorable else { continue }
      lines.append("  " + paint("cannot be taken back", .yellow) + ": " + Self.visible(reason))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func heading(_ forecast: ChangeForecast) -> String {
    let group = forecast.change.change.group
    let id = namesProjects ? group.description : group.groupID
    let name = forecast.groupName.map { paint(Self.visible($0), .bold) + " " } ?? ""
    return name + paint("\(Self.visible(id)), line \(forecast.change.line)", .dim)
  }

  private func line(_ difference: ChangeForecast.FieldChange, _ forecast: ChangeForecast) -> String {
    var text =
      "\(difference.field.rawValue): " + paint(Self.visible(difference.prior.json), .red) + " → "
      + paint(Self.visible(difference.planned.json), .green)
    if difference.field == .desireInstanceNumber, forecast.instanceChange != 0 {
      text += " (\(Self.movement(forecast.instanceChange)))"
    }
    return text
  }

  private func reason(_ forecast: ChangeForecast) -> String { Self.visible(forecast.reason ?? "no reason is known") }

  // MARK: The summary

  /// The sums; the rate is that of the run that would follow, in requests a second, 0 for unlimited.
  func summary(_ totals: PreviewTotals, title: String, projects: Int, rate: Double) -> String {
    var lines = [
      paint("\(title): \(PlanWords.size(changes: totals.changes, groups: totals.groups, projects: projects))", .bold)
    ]
    var rows: [(label: String, value: String)] = [("to apply", PlanWords.grouped(totals[.apply]))]
    rows.append(("unchanged", PlanWords.grouped(totals[.unchanged])))
    for verdict in [ChangeForecast.Verdict.blocked, .conflicted, .waiting, .missing, .failed]
    where totals[verdict] > 0 {
      let count = PlanWords.grouped(totals[verdict])
      rows.append((verdict.rawValue, verdict == .waiting ? count + " (until the group's scaling action ends)" : count))
    }
    rows.append(("instances", instances(totals)))
    if !totals.fields.isEmpty {
      let fields = totals.fields.map { "\($0.field.rawValue) \(PlanWords.grouped($0.changes))" }
      rows.append(("fields", fields.joined(separator: ", ")))
    }
    if totals.irreversible > 0 { rows.append(("not reversible", irreversible(totals))) }
    rows.append(("a run sends", requests(totals, rate: rate)))
    for row in rows {
      lines.append("  " + row.label + String(repeating: " ", count: 16 - row.label.count) + row.value)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func instances(_ totals: PreviewTotals) -> String {
    guard let largest = totals.largest else { return "none added, none removed" }
    var text =
      "\(PlanWords.grouped(totals.instancesAdded)) added, \(PlanWords.grouped(totals.instancesRemoved)) removed"
    let group = Self.visible(largest.groupName ?? largest.group.groupID)
    text += "; at most \(Self.movement(largest.instances)) by one change (line \(largest.line), \(group))"
    if totals.groupsToZero > 0 {
      let verb = totals.groupsToZero == 1 ? "goes" : "go"
      text += "; " + paint("\(PlanWords.count(totals.groupsToZero, "group")) \(verb) to zero", .red)
    }
    return text
  }

  private func irreversible(_ totals: PreviewTotals) -> String {
    var causes: [String] = []
    if totals.unrestorable > 0 {
      causes.append("\(PlanWords.grouped(totals.unrestorable)) with a prior value that cannot be written back")
    }
    if totals.removing > 0 { causes.append("\(PlanWords.grouped(totals.removing)) removing instances") }
    let count = PlanWords.count(totals.irreversible, "change")
    return paint(count, .yellow) + ": " + causes.joined(separator: ", ")
  }

  private func requests(_ totals: PreviewTotals, rate: Double) -> String {
    let count = PlanWords.count(totals.requests, "request")
    guard let seconds = totals.seconds(rate: rate) else { return count + ", as fast as the service answers" }
    let perSecond = rate == rate.rounded() ? String(Int(rate)) : String(rate)
    return "\(count), about \(HumanText.duration(seconds: seconds)) at \(perSecond)/s"
  }

  // MARK: Pieces

  private static func movement(_ instances: Int) -> String {
    PlanWords.count(abs(instances), "instance") + (instances > 0 ? " added" : " removed")
  }

  /// The text on one line, without what could move a terminal's cursor or turn its text: values come from outside.
  private static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: \.isUnsafeInMessages) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar.isUnsafeInMessages {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private func paint(_ text: String, _ color: Color) -> String {
    usesColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }
}
