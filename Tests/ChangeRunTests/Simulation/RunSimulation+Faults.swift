import AutoScaling

@testable import ChangeRun

/// Which requests go wrong, and how planted bugs spoil what the run is told.
extension RunSimulation {
  private var isOutage: Bool { scenario.weather.outages.contains { $0.contains(now) } }

  private var outageFault: SimulatedService.Fault {
    scenario.weather.outageLosesAnswers
      ? .lost(after: random.between(1, 3_000) * 1_000_000, effect: false, late: 0) : .notSent
  }

  private var retryAfter: Double? { random.chance(300) ? Double(random.between(0, 4)) : nil }

  private var mustRefuseCredentials: Bool {
    guard scenario.weather.credentialsFail, credentialFailures < 2, random.chance(100) else { return false }
    credentialFailures += 1
    return true
  }

  func chooseGetFault() -> SimulatedService.Fault {
    if isOutage { return outageFault }
    if mustRefuseCredentials { return .refused(status: 401, code: "AS.0006", retryAfter: nil) }
    if random.chance(scenario.weather.faults) {
      switch random.below(6) {
      case 0: return .refused(status: 429, code: "APIGW.0308", retryAfter: retryAfter)
      case 1: return .useless(status: 503, effect: false, retryAfter: retryAfter)
      case 2: return .useless(status: 500, effect: false, retryAfter: nil)
      case 3: return .lost(after: options.requestTimeout.nanoseconds, effect: false, late: 0)
      case 4: return .lost(after: random.between(1, 500) * 1_000_000, effect: false, late: 0)
      default: return .notSent
      }
    }
    return random.chance(scenario.weather.staleReads) ? .stale : .none
  }

  func choosePutFault(_ body: GroupModification) -> SimulatedService.Fault {
    if isOutage { return outageFault }
    if mustRefuseCredentials { return .refused(status: 401, code: "AS.0006", retryAfter: nil) }
    if body[.desireInstanceNumber] != nil, random.chance(scenario.weather.overtakings) { return .overtaken }
    guard random.chance(scenario.weather.faults) else { return .none }
    let timeout = options.requestTimeout.nanoseconds
    switch random.below(13) {
    case 0, 1: return .refused(status: 409, code: nil, retryAfter: retryAfter)
    case 2: return .refused(status: 429, code: "APIGW.0308", retryAfter: retryAfter)
    case 3: return .refused(status: 400, code: "AS.0003", retryAfter: nil)
    case 4: return .refused(status: 400, code: "AS.7078", retryAfter: nil)
    case 5:
      return random.chance(300)
        ? .refused(status: 400, code: random.pick(["AS.2004", "AS.2030"]), retryAfter: nil) : .notSent
    case 6, 7: return .lost(after: timeout, effect: random.chance(600), late: 0)
    case 8: return .lost(after: random.between(1, 500) * 1_000_000, effect: random.chance(600), late: 0)
    case 9, 10:
      // It hangs somewhere on the way, and takes effect no later than the request could take.
      let after = random.between(1, 1_000) * 1_000_000
      return .lost(after: after, effect: true, late: random.between(1, timeout / 1_000_000) * 1_000_000)
    case 11:
      return .useless(
        status: random.pick([500, 502, 503, 504, 200]), effect: random.chance(500), retryAfter: retryAfter)
    default: return .notSent
    }
  }

  // MARK: Planted bugs

  func spoilt(_ event: RunEvent) -> RunEvent {
    switch (bug, event) {
    case (.lostMeansRefused, .answerReceived(let number, .failure(var failure), let timing))
    where failure.certainty == .lost:
      failure.certainty = .refused
      failure.status = 409
      return .answerReceived(number: number, .failure(failure), timing)
    case (.attemptsForgotten, .claimed(var answer)):
      for index in answer.changes.indices { answer.changes[index].row.tries = 0 }
      return .claimed(answer)
    case (.lossForgotten, .claimed(var answer)):
      for index in answer.changes.indices {
        answer.changes[index].row.lostAt = nil
        answer.changes[index].predecessor?.lostAt = nil
      }
      return .claimed(answer)
    default: return event
    }
  }

  // MARK: The matrix

  func note(_ event: RunEvent) {
    switch event {
    case .readReturned(let number, .success, _): note(.read, number)
    case .readReturned(let number, .failure(let failure), _): note(.init(failure), number)
    case .answerReceived(let number, .success, _): note(.success, number)
    case .answerReceived(let number, .failure(let failure), _): note(.init(failure), number)
    case .recordDurable(let number): note(.durable, number)
    default: break
    }
  }

  private func note(_ event: TransitionMatrix.Event, _ number: Int) {
    if let active = machine?.slots[number] { matrix.add(.init(active), event) }
  }

  func noteForAll(_ event: TransitionMatrix.Event) {
    guard let slots = machine?.slots else { return }
    for active in slots.values { matrix.add(.init(active), event) }
  }
}
