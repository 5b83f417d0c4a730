import AutoScaling

@testable import ChangeRun

/// Tokens: IAM issues them with a life of their own, and may fail like everything else.
extension RunSimulation {
  func departForToken(_ project: String) {
    if isTokenOnTheWay { violate("two tokens are on the way at once") }
    if scenario.changes.allSatisfy({ $0.group.projectID != project }) { violate("a token for \(project)") }
    isTokenOnTheWay = true
    queue.push(.tokenHead(session: session), at: now + random.below(500_000))
  }

  func leaveForToken() {
    leaves.append(now)
    let range = scenario.weather.latency
    let latency = random.between(range.lowerBound, range.upperBound) * 1_000_000
    queue.push(.tokenAnswer(session: session), at: now + latency)
    if machine?.isPaced == true { feed(.headWritten) }
  }

  func answerToken() {
    isTokenOnTheWay = false
    guard let life = scenario.weather.tokenLife else { return violate("a token came that nobody needs") }
    if random.chance(scenario.weather.faults) {
      let failure = random.chance(500) ? ServiceFailure.lostAnswer : .answered(503, nil, "IAM is busy")
      return feed(.tokenReturned(projectID: "p", .failure(failure)))
    }
    tokenEnd = now + max(life - scenario.weather.tokenSkew, 1)
    feed(.tokenReturned(projectID: "p", .success(TokenLease(issuedAt: now, expiresAt: now + life))))
  }
}
