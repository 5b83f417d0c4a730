import AutoScaling

@testable import ChangeRun

/// What must hold, judged by the ledger's durable rows and the service's journal, not by what the run believes.
extension RunSimulation {
  // MARK: When a request is granted

  func checkDeparture(_ change: PlannedChange, body: GroupModification?) {
    let number = change.number
    let row = ledger.row(number)
    if row?.state.isTerminal == true { violate("a request of change \(number) after its end") }
    for before in scenario.changes[..<(number - 1)] where before.groupIndex == change.groupIndex {
      if ledger.row(before.number)?.state.isTerminal != true {
        violate("change \(number) is worked on before change \(before.number) of its group has ended")
      }
    }
    checkWave(number)
    guard let body else { return }
    guard let entry = ledger.entries[number], entry.row.state == .sending, entry.row.effectiveAttempt != nil,
      let record = entry.row.recordAttempt.flatMap({ entry.records[$0] })
    else { return violate("a PUT of change \(number) without a durable record and intent") }
    if body.isEmpty { violate("an empty PUT of change \(number)") }
    for entry in body.entries {
      if change.planned[entry.field] != entry.value { violate("change \(number) sends \(entry) that is not planned") }
      if record.planned[entry.field] == nil { violate("change \(number) sends \(entry.field) without a record of it") }
      if lastRead[number]?.holds(entry.value, for: entry.field, given: change.planned) == true {
        violate("change \(number) sends \(entry.field), which the group holds already")
      }
    }
    if lastRead[number] == nil { violate("change \(number) is sent without a read in this session") }
  }

  private func checkWave(_ number: Int) {
    guard let waves = options.waves, !hasRetried else { return }
    for end in waves.ends(total: scenario.changes.count) where number > end {
      if (1...end).contains(where: { !ended.contains($0) }) {
        violate("change \(number) begins before the wave up to \(end) has ended")
      }
    }
  }

  // MARK: When a session ends

  func checkSession() {
    guard let machine else { return }
    checkRate()
    if machine.requests.gets - getsBefore != gets || machine.requests.puts - putsBefore != puts {
      violate("\(gets) GETs and \(puts) PUTs, the run counts \(machine.requests)")
    }
    for (cause, count) in machine.waiting where count < 0 { violate("\(count) changes wait for \(cause)") }
    if machine.counts.unfinished == 0, machine.waiting.values.contains(where: { $0 != 0 }) {
      violate("nothing is left, and \(machine.waiting) wait")
    }
    if machine.instancesRemoved < 0 { violate("\(machine.instancesRemoved) instances removed") }
  }

  private func checkRate() {
    guard highestRate > 0 else { return }
    let most = Int(highestRate + 1)
    for index in leaves.indices.dropFirst(most) where leaves[index] - leaves[index - most] < 1_000_000_000 {
      return violate(
        "\(most + 1) requests within \(leaves[index] - leaves[index - most]) ns at \(highestRate) a second")
    }
  }

  // MARK: When the run has ended

  func finalViolations() -> [String] {
    for change in scenario.changes { checkEnd(change) }
    // With --keep-going, --retry-failed applies a change after later ones: then this order is not that of the plan.
    if !(hasRetried && options.keepGoing) {
      for index in service.groups.indices where service.groups[index].touchedAt == nil { checkGroup(index) }
    }
    checkCosts()
    let removed = scenario.changes.compactMap { ledger.row($0.number)?.instancesRemoved }.reduce(0, +)
    if removed != ledger.totals.instancesRemoved {
      violate("\(removed) instances removed by the rows, \(ledger.totals.instancesRemoved) counted")
    }
    if let limit = options.maxRemoved, removed > limit { violate("\(removed) instances removed, \(limit) allowed") }
    return violations
  }

  private func checkEnd(_ change: PlannedChange) {
    let number = change.number
    guard let entry = ledger.entries[number] else { return violate("change \(number) has no row") }
    let row = entry.row
    guard row.state.isTerminal else { return violate("change \(number) is \(row.state) at the end") }
    let puts = service.puts.filter { $0.number == number }
    let first = puts.first { $0.effectAt != nil }
    let isTouched = service.groups[change.groupIndex].touchedAt != nil

    if row.state == .succeeded || row.state == .unchanged, !service.hasHeld[number] {
      violate("change \(number) is \(row.state), but its group never held the planned values")
    }
    if let first {
      if row.applied == .no, !isTouched { violate("change \(number) took effect, applied says no") }
      if row.state == .unchanged { violate("change \(number) took effect and is unchanged") }
      checkRecord(entry, of: first)
    } else if row.applied == .yes, !isTouched, !(hasRetried && options.keepGoing) {
      violate("change \(number) never took effect, applied says yes")
    }
    if row.applied == .unknown, row.state == .succeeded { violate("change \(number) succeeded, applied unknown") }
    checkReason(change, row, isTouched: isTouched)
    let refused = entry.attempts.filter { $0.method == .put && $0.usesAttempt }.count
    let used = entry.attempts.filter(\.usesAttempt).count
    if refused > options.maxAttempts || used > options.maxAttempts + 2 * RunOptions.settlingAttempts {
      violate("change \(number): \(refused) PUTs, \(used) attempts of \(options.maxAttempts)")
    }
  }

  /// Guarantee 2: the record in force has the values before the first PUT that took effect.
  private func checkRecord(_ entry: SimulatedLedger.Entry, of put: SimulatedService.Put) {
    guard entry.row.effectiveAttempt != nil, let record = entry.row.recordAttempt.flatMap({ entry.records[$0] }) else {
      return violate("change \(put.number) took effect and has no record in force")
    }
    guard !put.isExcused else { return }
    for value in put.before.entries {
      let recorded = record.prior[value.field]
      if recorded.map({ value.field.areEqual($0, value.value, zonesAreOrdered: false) }) != true {
        violate(
          "change \(put.number): the record in force has \(recorded?.json ?? "nothing") for \(value.field), before was "
            + value.value.json)
      }
    }
  }

  private func checkReason(_ change: PlannedChange, _ row: ChangeRow, isTouched: Bool) {
    let number = change.number
    switch row.state {
    case .conflicted:
      if !isTouched, scenario.expectationsHold, !(hasRetried && options.keepGoing) {
        violate("change \(number) is conflicted: \(row.errorMessage ?? "")")
      }
    case .blocked:
      guard row.errorCode != FleetplanCode.predecessor else {
        if options.keepGoing { violate("change \(number) is blocked in spite of --keep-going") }
        return
      }
      if scenario.weather.faults == 0, scenario.weather.scalingTime == 0,
        scenario.groups[change.groupIndex].scalingUntil == 0
      {
        violate("change \(number) is blocked: \(row.errorMessage ?? "")")
      }
    case .failed:
      let isExplained =
        scenario.weather.faults > 0 || service.groups[change.groupIndex].isMissing || options.verify
        || options.waitStable != nil || (row.errorCode == "AS.2033" || row.errorCode == "AS.2030")
        // An outage that one request alone has met looks like a failure of its own.
        || (options.maxAttempts == 1 && !scenario.weather.outages.isEmpty)
      if !isExplained { violate("change \(number) failed: \(row.errorCode ?? "") \(row.errorMessage ?? "")") }
    case .succeeded, .unchanged: break
    default: violate("change \(number) is \(row.state)")
    }
  }

  /// What a group holds in the end follows from the ends of its changes in plan order; rolled back, it is as before.
  private func checkGroup(_ index: Int) {
    let group = service.groups[index]
    let changes = scenario.changes.filter { $0.groupIndex == index }
    var expected = group.initial
    for change in changes {
      guard let row = ledger.row(change.number) else { continue }
      let tookEffect = service.puts.contains { $0.number == change.number && $0.effectAt != nil }
      if row.state == .succeeded || row.state == .unchanged || tookEffect {
        for entry in change.planned.entries where row.state != .failed || wasApplied(change.number, entry.field) {
          expected[entry.field] = entry.value
        }
      }
    }
    checkEqual(group.values, expected, "group \(index) at the end")

    var values = group.values
    for change in changes.reversed() {
      guard let entry = ledger.entries[change.number], entry.row.effectiveAttempt != nil,
        let record = entry.row.recordAttempt.flatMap({ entry.records[$0] })
      else { continue }
      // Only where the group still holds what the run set.
      for prior in record.prior.entries where values[prior.field] == record.planned[prior.field] {
        values[prior.field] = prior.value == .null ? nil : prior.value
      }
    }
    checkEqual(values, group.initial, "group \(index) rolled back")
  }

  private func wasApplied(_ number: Int, _ field: GroupField) -> Bool {
    service.puts.contains { $0.number == number && $0.effectAt != nil && $0.body[field] != nil }
  }

  private func checkEqual(_ values: GroupModification, _ expected: GroupModification, _ what: String) {
    for field in Set(values.fields + expected.fields) {
      let (left, right) = (values[field] ?? .null, expected[field] ?? .null)
      if !field.areEqual(left, right, zonesAreOrdered: false) {
        violate("\(what): \(field.rawValue) is \(left.json), must be \(right.json)")
      }
    }
  }

  /// Unthrottled and unrefused, one change costs one GET and one PUT (contract, section 4).
  private func checkCosts() {
    let weather = scenario.weather
    let isCalm =
      weather.faults == 0 && weather.staleReads == 0 && weather.crashes == 0 && weather.stops == 0 && stops == 0
      && weather.outages.isEmpty && !weather.credentialsFail && weather.scalingTime == 0 && !options.verify
      && options.waitStable == nil && options.stopAfter == nil && scenario.options.maxRemoved == nil && !hasRetried
      && scenario.groups.allSatisfy { $0.scalingUntil == 0 && !$0.isMissing } && weather.touches.isEmpty
      && weather.deletions.isEmpty && weather.overtakings == 0 && weather.tokenSkew == 0
      && weather.tokenLife ?? .max > 3_600_000_000_000
    guard isCalm, session <= 2 else { return }
    let rows = scenario.changes.compactMap { ledger.row($0.number) }
    let read = rows.filter { $0.errorCode != FleetplanCode.predecessor }.count
    let sent = rows.filter { $0.state == .succeeded }.count
    if gets != read || puts != sent { violate("\(gets) GETs for \(read) changes, \(puts) PUTs for \(sent)") }
  }
}

extension AttemptEntry {
  /// Refusals and lost answers that the contract counts against `--max-attempts`, so far as an entry tells.
  fileprivate var usesAttempt: Bool {
    guard let httpStatus else { return false }
    return [408, 409, 429, 500, 502, 503, 504].contains(httpStatus) || errorCode == "AS.7078"
  }
}
