import AutoScaling

/// Tokens, and what refused credentials mean for the run (contract, section 4).
extension RunMachine {
  /// Remembers which token the request of the change carries.
  mutating func carryToken(_ number: Int) {
    guard tokens.isRenewable, let project = slots[number]?.change.group.projectID else { return }
    slots[number]?.tokenGeneration = tokens.generation(of: project)
  }

  /// The service has answered the change's request, and not with a 401.
  mutating func tokenServed(_ number: Int) {
    guard tokens.isRenewable, let active = slots[number] else { return }
    tokens.served(active.change.group.projectID, generation: active.tokenGeneration)
  }

  /// A request of the change was answered 401: it is sent again with another token, if there can be one. No attempt
  /// is used.
  mutating func unauthorized(_ number: Int, _ failure: ServiceFailure, entry: AttemptEntry, _ now: RunMoment) {
    guard let active = slots[number] else { return }
    putBack(number, entry: entry, now)
    let refusal = tokens.refused(
      active.change.group.projectID, generation: active.tokenGeneration, at: now.ticks)
    if refusal == .final { credentialsRefused(failure, now) }
  }

  mutating func tokenReturned(
    _ projectID: String, _ result: Result<TokenLease, ServiceFailure>, _ now: RunMoment
  ) {
    requestsInFlight -= 1
    switch result {
    case .success(let lease): tokens.issued(projectID, lease)
    case .failure(let failure):
      switch failure.disposition {
      case .unauthorized, .permanent, .sameNumber: credentialsRefused(failure, now)
      case .busy, .busyIfScaling, .retryable: tokenFailed(projectID, failure, now)
      }
    }
  }

  /// IAM does not answer, or not now: tried again for as long as an outage of the endpoint may last.
  private mutating func tokenFailed(_ projectID: String, _ failure: ServiceFailure, _ now: RunMoment) {
    var generator = generator
    let backoff = isOnceReached ? options.backoff : Backoff(base: .milliseconds(250), cap: .seconds(1))
    let pace = options.rate > 0 ? Int(1_000_000_000 / options.rate) : 0
    tokens.failed(at: now.ticks, longestGap: longestProbing + pace) { failures in
      backoff.wait(afterFailures: failures, floor: failure.retryAfterMilliseconds, using: &generator) * 1_000_000
    }
    self.generator = generator
    // Who answers that it cannot answer now is there: only silence from the beginning ends a run after seconds.
    let isReached = isOnceReached || failure.status != nil
    let deadline = isReached ? options.waitEndpoint.nanoseconds : outageDeadline
    guard let since = tokens.waitingSince(projectID, at: now.ticks), now.ticks - since >= deadline else { return }
    requestStop(isReached ? .endpointUnreachable : .neverConnected, detail: failure.message, now)
  }

  mutating func credentialsRefused(_ failure: ServiceFailure, _ now: RunMoment) {
    areCredentialsRefused = true
    let detail = failure.message + (failure.requestID.map { " (request \($0))" } ?? "")
    requestStop(requests.puts == 0 ? .credentialsRefused : .unauthorized, detail: detail, now)
    // The run may be stopping for another cause already, and still read what it has in hand.
    letGoOfReads(now)
  }
}
