import AutoScaling

/// The sums of a preview.
extension PreviewText {
  /// Where the values of the rows begin.
  private static let valueColumn = 18

  /// - Parameters:
  ///   - totals: of all changes.
  ///   - title: what they belong to.
  ///   - projects: how many there are.
  ///   - rate: of the run that would follow, in requests a second, 0 for unlimited.
  ///   - hint: where to find the reasons of what would not be sent, if there is such; `nil` where they are above.
  /// - Returns: lines.
  func summary(_ totals: PreviewTotals, title: String, projects: Int, rate: Double, hint: String? = nil) -> String {
    let size = PlanWords.size(changes: totals.changes, groups: totals.groups, projects: projects)
    let heading = wrapping.lines(StyledWord.words("\(Self.visible(title)): \(size)", .bold), indent: 0, hanging: 4)
    if totals.changes == 0 { return heading + "  nothing to do\n" }
    var text = heading
    func row(_ label: String, _ value: [StyledWord]) {
      let space = String(repeating: " ", count: Self.valueColumn - 2 - label.count)
      // The space between them is one of the words' own.
      text += wrapping.lines([StyledWord(label + space.dropLast())] + value, indent: 2, hanging: Self.valueColumn)
    }
    row("to apply", [StyledWord(PlanWords.grouped(totals[.apply]))])
    row("unchanged", [StyledWord(PlanWords.grouped(totals[.unchanged]))])
    for verdict in [ChangeForecast.Verdict.blocked, .conflicted, .waiting, .missing, .failed]
    where totals[verdict] > 0 {
      row(verdict.rawValue, held(verdict, totals))
    }
    for (index, movement) in movements(totals).enumerated() { row(index == 0 ? "instances" : "", movement) }
    if totals.groupsToZero > 0 { row("groups to zero", toZero(totals)) }
    if !totals.fields.isEmpty { row("fields", fields(totals)) }
    if totals.irreversible > 0 { row("not reversible", irreversible(totals)) }
    row("a run sends", StyledWord.words(requests(totals, rate: rate)))
    if let hint, !totals.isClean { row("reasons", StyledWord.words(hint)) }
    return text
  }

  /// How many are held back, and where the first ones are.
  private func held(_ verdict: ChangeForecast.Verdict, _ totals: PreviewTotals) -> [StyledWord] {
    let lines = totals.firstLines(verdict)
    var place = (lines.count == 1 ? "line " : "lines ") + lines.map(String.init).joined(separator: ", ")
    if totals[verdict] > lines.count { place += " …" }
    let count = StyledWord(PlanWords.grouped(totals[verdict]), verdict == .waiting ? .yellow : .red)
    let until = verdict == .waiting ? ", until the group's scaling action has ended" : ""
    return [count] + StyledWord.words("(\(place))\(until)")
  }

  private func movements(_ totals: PreviewTotals) -> [[StyledWord]] {
    if totals.instancesAdded == 0, totals.instancesRemoved == 0 {
      return [StyledWord.words("none added, none removed")]
    }
    var result: [[StyledWord]] = []
    if let largest = totals.largestAddition {
      result.append(movement(StyledWord("\(PlanWords.grouped(totals.instancesAdded)) added,", .green), largest))
    }
    if let largest = totals.largestRemoval {
      result.append(movement(StyledWord("\(PlanWords.grouped(totals.instancesRemoved)) removed,", .red), largest))
    }
    return result
  }

  private func movement(_ sum: StyledWord, _ largest: PreviewTotals.LargestChange) -> [StyledWord] {
    let group = Self.visible(largest.groupName ?? largest.group.groupID)
    let most = "at most \(PlanWords.grouped(abs(largest.instances))) by one change (line \(largest.line), \(group))"
    return [sum] + StyledWord.words(most)
  }

  private func toZero(_ totals: PreviewTotals) -> [StyledWord] {
    let names = totals.emptiedGroups.map(Self.visible).joined(separator: ", ")
    let rest = totals.groupsToZero > totals.emptiedGroups.count ? " …" : ""
    return [StyledWord(PlanWords.grouped(totals.groupsToZero), .red)] + StyledWord.words("(\(names)\(rest))")
  }

  private func fields(_ totals: PreviewTotals) -> [StyledWord] {
    totals.fields.enumerated().map { index, entry in
      let comma = index == totals.fields.count - 1 ? "" : ","
      return StyledWord("\(entry.field.rawValue) \(PlanWords.grouped(entry.changes))\(comma)")
    }
  }

  private func irreversible(_ totals: PreviewTotals) -> [StyledWord] {
    var causes: [String] = []
    if totals.unrestorable > 0 {
      causes.append("\(PlanWords.grouped(totals.unrestorable)) with a prior value that cannot be written back")
    }
    if totals.removing > 0 { causes.append("\(PlanWords.grouped(totals.removing)) removing instances") }
    return [StyledWord(PlanWords.count(totals.irreversible, "change") + ":", .yellow)]
      + StyledWord.words(causes.joined(separator: ", "))
  }

  private func requests(_ totals: PreviewTotals, rate: Double) -> String {
    let count = PlanWords.count(totals.requests, "request")
    guard let seconds = totals.seconds(rate: rate) else { return count + ", as fast as the service answers" }
    let perSecond = rate == rate.rounded() ? String(Int(rate)) : String(rate)
    return "\(count), about \(HumanText.duration(seconds: seconds)) at \(perSecond)/s"
  }
}
