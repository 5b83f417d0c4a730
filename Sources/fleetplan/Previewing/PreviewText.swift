import AutoScaling
import ChangeRun

/// A preview as people read it: the changes. For the sums see `PreviewText+Summary`.
struct PreviewText {
  let wrapping: WrappedText
  /// Groups are named with their projects.
  let namesProjects: Bool

  /// - Parameters:
  ///   - usesColor: whether it is painted.
  ///   - namesProjects: whether groups are named with their projects.
  ///   - columns: how wide the terminal is; `nil` where there is none.
  init(usesColor: Bool, namesProjects: Bool, columns: Int? = nil) {
    wrapping = WrappedText(usesColor: usesColor, columns: columns)
    self.namesProjects = namesProjects
  }

  /// One change, in lines.
  func text(_ forecast: ChangeForecast) -> String {
    var text = wrapping.lines(heading(forecast), indent: 0, hanging: 4)
    let shown = forecast.isSent ? forecast.fields : []
    for difference in shown { text += lines(difference, forecast) }
    switch forecast.verdict {
    case .apply: break
    case .unchanged: text += wrapping.lines([StyledWord("unchanged", .dim)], indent: 2, hanging: 4)
    case .waiting: text += remark("waiting", .yellow, forecast.reason ?? "no reason is known")
    case .blocked, .conflicted, .missing, .failed:
      text += remark(forecast.verdict.rawValue, .red, forecast.reason ?? "no reason is known")
    }
    for difference in shown {
      guard let reason = difference.unrestorable else { continue }
      text += remark("cannot be taken back", .yellow, reason)
    }
    return text
  }

  private func heading(_ forecast: ChangeForecast) -> [StyledWord] {
    let group = forecast.change.change.group
    var place = "\(namesProjects ? group.description : group.groupID), line \(forecast.change.line)"
    if let former = forecast.followsLine { place += ", after line \(former)" }
    let name = forecast.groupName.map { [StyledWord(Self.visible($0), .bold)] } ?? []
    return name + StyledWord.words(Self.visible(place), .dim)
  }

  private func remark(_ label: String, _ color: StyledWord.Color, _ reason: String) -> String {
    wrapping.lines(
      [StyledWord(label + ":", color)] + StyledWord.words(Self.visible(reason)), indent: 2, hanging: 4)
  }

  // MARK: One field

  /// On one line where there is room, else one value below the other.
  private func lines(_ difference: ChangeForecast.FieldChange, _ forecast: ChangeForecast) -> String {
    let name = StyledWord(difference.field.rawValue + ":")
    let prior = Self.visible(difference.prior.json)
    let planned = Self.visible(difference.planned.json)
    var words = [name, StyledWord(prior, .red), StyledWord("→"), StyledWord(planned, .green)]
    if difference.field == .desireInstanceNumber, forecast.instanceChange != 0 {
      words += StyledWord.words("(\(Self.movement(forecast.instanceChange)))")
    }
    if wrapping.fits(words, indent: 2) { return wrapping.lines(words, indent: 2, hanging: 4) }
    if let list = ListDifference(difference.field, prior: difference.prior, planned: difference.planned) {
      return lines(list, name)
    }
    return wrapping.lines([name], indent: 2, hanging: 4)
      + wrapping.lines([StyledWord("-", .red)] + StyledWord.words(prior, .red), indent: 4, hanging: 6)
      + wrapping.lines([StyledWord("+", .green)] + StyledWord.words(planned, .green), indent: 4, hanging: 6)
  }

  private func lines(_ list: ListDifference, _ name: StyledWord) -> String {
    let what = list.isReordered ? StyledWord.words("in another order") : []
    var text = wrapping.lines([name] + what, indent: 2, hanging: 4)
    for element in list.elements {
      let color: StyledWord.Color? =
        switch element.mark {
        case .removed: .red
        case .added: .green
        case .kept: nil
        }
      text += wrapping.lines(
        [StyledWord(element.mark.rawValue, color), StyledWord(Self.visible(element.text), color)], indent: 4,
        hanging: 6)
    }
    return text
  }

  // MARK: Pieces

  static func movement(_ instances: Int) -> String {
    PlanWords.count(abs(instances), "instance") + (instances > 0 ? " added" : " removed")
  }

  /// The text on one line, without what could move a terminal's cursor or turn its text: values come from outside.
  static func visible(_ text: String) -> String {
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
}
