import AutoScaling
import JSONText

/// From a request to what becomes of it: gateway, faults, service.
extension CloudState {
  mutating func handle(_ request: SimulatedRequest, at now: Duration) -> SimulatedAnswer {
    advance(to: now)
    let parts = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = String(parts.first ?? "")
    let query = Query(parts.count > 1 ? String(parts[1]) : "")
    let route = Route(method: request.method, path: path)
    var exchange = Exchange(
      request: request, query: query, route: route, now: now, sequence: journal.nextSequence,
      requestID: requestID(journal.nextSequence))
    exchange.group = group(of: route)
    if let group = exchange.group { settle(group, at: now) }

    answer(&exchange)
    journal.append(exchange.entry(isPut: route.kind == .put))
    return SimulatedAnswer(
      response: exchange.response, delivery: exchange.delivery, delay: exchange.delay, sequence: exchange.sequence,
      requestID: exchange.requestID)
  }

  /// One request on its way.
  private struct Exchange {
    let request: SimulatedRequest
    let query: Query
    let route: Route
    let now: Duration
    let sequence: Int
    let requestID: String
    var group: Int?
    var response = SimulatedResponse(status: 200)
    var code: String?
    var effect = JournalEntry.Effect.none
    var delivery = SimulatedAnswer.Delivery.whole
    var delay = Duration.zero
    var faults: [String] = []

    mutating func take(_ outcome: Outcome) {
      response = outcome.response
      code = outcome.code
      effect = outcome.hasEffect ? .applied : .none
    }

    func entry(isPut: Bool) -> JournalEntry {
      let isAnswered = delivery == .whole || delivery == .truncated
      // A body that cannot be read has no fields; the refusal is in `code`.
      let modification = isPut ? (try? ModificationBody.read(request.body)) ?? GroupModification() : GroupModification()
      return JournalEntry(
        sequence: sequence, kind: route.kind, method: request.method, projectID: route.projectID,
        groupID: route.groupID, receivedAt: request.receivedAt ?? now, status: isAnswered ? response.status : nil,
        code: code,
        effect: effect, modification: modification, faults: faults)
    }
  }

  private func group(of route: Route) -> Int? {
    guard let projectID = route.projectID, let groupID = route.groupID else { return nil }
    return index(of: GroupReference(projectID: projectID, groupID: groupID))
  }

  private func requestID(_ sequence: Int) -> String {
    var hash = SeededHash(seed: options.seed, "request")
    hash.combine(sequence)
    var generator = SeededGenerator(hash)
    return generator.hexadecimalID()
  }

  // MARK: Gateway

  private mutating func answer(_ exchange: inout Exchange) {
    switch exchange.route {
    case .identityVersion: exchange.response = identityVersion(host: exchange.request.host)
    case .tokens: exchange.response = issueToken(exchange.request, query: exchange.query, at: exchange.now)
    case .tokenInspection:
      let now = exchange.now
      exchange.response = identityAnswer(&exchange) { state, request, query, _ in
        state.inspectToken(request, query: query, at: now)
      }
    case .catalog:
      exchange.response = identityAnswer(&exchange) { state, request, _, projectID in
        state.catalog(request, projectID: projectID)
      }
    case .projectList:
      exchange.response = identityAnswer(&exchange) { state, request, query, _ in
        state.projectList(request, query: query)
      }
    case .unknown: exchange.take(Outcome(ServiceError(.resourceNotFound, exchange.request.target)))
    case .unknownVersion(let version): exchange.take(Outcome(ServiceError(.versionUnknown, version)))
    case .unknownMethod:
      exchange.code = "APIGW.0101"
      exchange.response = .gateway(
        status: 404, code: "APIGW.0101", message: "The API does not exist or has not been published in the environment",
        requestID: exchange.requestID)
    default: answerService(&exchange)
    }
  }

  /// Answers a request of the identity service that needs credentials.
  private mutating func identityAnswer(
    _ exchange: inout Exchange,
    _ answer: (CloudState, SimulatedRequest, Query, _ projectID: String?) -> SimulatedResponse
  ) -> SimulatedResponse {
    var projectID: String?
    switch options.authentication {
    case .none: break
    case .aksk:
      if let refusal = verifySignature(of: exchange.request, query: exchange.query, at: exchange.now) {
        exchange.code = refusal.code
        return .gateway(refusal, requestID: exchange.requestID)
      }
      if let named = namedProject(exchange.request) {
        guard projectIndex[named] != nil else {
          return .identity(status: 404, title: "Not Found", message: "Could not find project: \(named).")
        }
        projectID = named
      }
    case .token:
      let token = exchange.request.token ?? ""
      if token != options.fixedToken {
        guard let known = tokens.valid(token, at: exchange.now) else {
          return .unauthorized("The X-Auth-Token is invalid!")
        }
        projectID = known.projectID
      }
    }
    return answer(self, exchange.request, exchange.query, projectID)
  }

  private mutating func answerService(_ exchange: inout Exchange) {
    if let throttle = faults.throttle, !throttleWindow.admits(at: exchange.now, limit: throttle.perSecond) {
      exchange.faults.append("throttle")
      exchange.code = "APIG.0308"
      exchange.response = throttled(limit: throttle.perSecond, exchange.requestID)
      addRetryAfter(throttle.retryAfter, to: &exchange)
      return
    }
    if options.authentication == .aksk,
      let refusal = verifySignature(of: exchange.request, query: exchange.query, at: exchange.now)
    {
      exchange.code = refusal.code
      exchange.response = .gateway(refusal, requestID: exchange.requestID)
      return
    }
    if let refusal = credentialsRefusal(of: exchange.request, for: exchange.route, at: exchange.now) {
      return exchange.take(Outcome(refusal))
    }
    guard let projectID = exchange.route.projectID, let project = projectIndex[projectID] else {
      return exchange.take(Outcome(ServiceError(.projectMismatch)))
    }
    if options.isReadOnly, exchange.route.changesGroup { return exchange.take(Outcome(ServiceError(.noRights))) }
    // Nothing goes wrong with requests about groups that do not exist: they have no count.
    guard let key = faultKey(exchange) else { return exchange.take(perform(exchange)) }
    let method = FaultSpec.Method(rawValue: exchange.request.method.lowercased()) ?? .get
    var number = 0
    if let group = exchange.group {
      update(group) { number = $0.requestCounts.next(method) }
    } else {
      number = countRequest(method, project: project)
    }
    var latency = SeededHash(seed: options.seed, "latency")
    latency.combine(key)
    latency.combine(method.rawValue)
    latency.combine(number)
    exchange.delay = latency.duration(in: options.latency)
    let slow = faults.extraDelay(key: key, method: method, number: number)
    if slow > .zero {
      exchange.delay += slow
      exchange.faults.append("slow")
    }
    if let fault = faults.fault(key: key, method: method, number: number) {
      exchange.faults.append(fault.name)
      perform(&exchange, with: fault)
    } else {
      exchange.take(perform(exchange))
    }
  }

  /// What the request counts for: its group, or its project where it is for none.
  private func faultKey(_ exchange: Exchange) -> String? {
    guard exchange.route.groupID != nil else { return exchange.route.projectID }
    return exchange.group.map { groups[$0].id }
  }

  private mutating func perform(_ exchange: Exchange) -> Outcome {
    perform(exchange.route, exchange.request, query: exchange.query, group: exchange.group, at: exchange.now)
  }

  // MARK: Faults

  private mutating func perform(_ exchange: inout Exchange, with fault: FaultSpec) {
    switch fault.kind {
    case .status(let status):
      fail(status, &exchange)
      addRetryAfter(fault.retryAfter, to: &exchange)
    case .lostStatus(let status):
      exchange.take(perform(exchange))
      fail(status, &exchange)
      addRetryAfter(fault.retryAfter, to: &exchange)
    case .lock:
      exchange.take(Outcome(ServiceError(.lockConflict)))
    case .reset:
      exchange.delivery = .reset
    case .lostAnswer:
      exchange.take(perform(exchange))
      exchange.delivery = .closed
    case .lateEffect:
      exchange.delivery = .closed
      guard let group = exchange.group else { return }
      schedule(
        LateEffect(
          at: exchange.now + fault.delay, sequence: exchange.sequence, group: group, body: exchange.request.body))
      exchange.effect = .pending
    case .staleRead:
      // Before the first PUT there is no former state, and lists are not stale.
      if let group = exchange.group, let former = formerGroups[group], exchange.now - former.until < fault.delay,
        case .group(.get, _, _) = exchange.route
      {
        exchange.response = show(former.group)
      } else {
        exchange.take(perform(exchange))
      }
    case .truncated:
      exchange.take(perform(exchange))
      exchange.delivery = .truncated
    case .garbage:
      exchange.take(perform(exchange))
      exchange.response = SimulatedResponse(html: "<html><body><h1>It works!</h1></body></html>\n", status: 200)
    case .wrongID:
      exchange.take(perform(exchange))
      if exchange.effect == .applied { exchange.response = Self.modified(anotherID(exchange)) }
    case .slow, .throttle, .outage, .sameNumber, .samePublicIP, .busyScaling:
      preconditionFailure("\(fault.name) is not chosen request by request")
    }
  }

  /// An id that no group has.
  private func anotherID(_ exchange: Exchange) -> String {
    var hash = SeededHash(seed: options.seed, "wrong-id")
    hash.combine(exchange.sequence)
    var generator = SeededGenerator(hash)
    return generator.uuid()
  }

  /// Puts a failure in the place of the answer, in the form that the layer has which shows it (the reference, section 6).
  private func fail(_ status: Int, _ exchange: inout Exchange) {
    func gateway(_ code: String, _ message: String) {
      exchange.code = code
      exchange.response = .gateway(status: status, code: code, message: message, requestID: exchange.requestID)
    }
    switch status {
    case 401: gateway("APIGW.0301", "Incorrect IAM authentication information: decrypt token fail")
    case 403: gateway("APIGW.0302", "The user is not allowed to access the API")
    case 408: gateway("APIG.0201", "Backend timeout")
    case 429: exchange.response = throttled(limit: 100, exchange.requestID)
    case 500:
      let error = ServiceError(.systemError)
      exchange.code = error.code
      exchange.response = SimulatedResponse(error)
    case 502: gateway("APIG.0202", "Backend unavailable")
    case 504: gateway("APIG.0203", "Backend timeout")
    case 409:
      exchange.code = "409"
      exchange.response = SimulatedResponse(status: status) { writer in
        writer.beginObject()
        writer.member("code", "409")
        writer.member("message", "The request could not be processed due to a conflict.")
        writer.endObject()
      }
    default:
      exchange.code = nil
      exchange.response = SimulatedResponse(
        html: "<html><head><title>\(status) Service Temporarily Unavailable</title></head></html>\n", status: status)
    }
    if status == 429 { exchange.code = "APIG.0308" }
  }

  private func throttled(limit: Int, _ requestID: String) -> SimulatedResponse {
    .gateway(
      status: 429, code: "APIG.0308",
      message: "The throttling threshold has been reached: policy user over ratelimit,limit:\(limit),time:1 second",
      requestID: requestID)
  }

  private func addRetryAfter(_ retryAfter: FaultSpec.RetryAfter?, to exchange: inout Exchange) {
    guard let retryAfter else { return }
    let value =
      retryAfter.asDate
      ? CalendarTime(seconds: wallTime(exchange.now) + retryAfter.seconds).httpDate : "\(retryAfter.seconds)"
    exchange.response.headers.append(("Retry-After", value))
  }
}
