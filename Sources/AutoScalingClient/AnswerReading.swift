import AutoScaling
import JSONText
import NIOCore
import NIOHTTP1

/// Reads a complete answer: a success is one only with the documented body about the right group.
extension HTTPAnswer {
  /// Of "Querying an AS Group": `{"scaling_group": {…}}`.
  func group(_ reference: GroupReference, host: String) -> Result<ScalingGroup, ServiceFailure> {
    documentedBody(host: host) { node in
      guard let object = node["scaling_group"], let group = ScalingGroup(json: object) else { return nil }
      return group.id == reference.groupID ? .success(group) : .failure(OtherGroup(id: group.id))
    }
  }

  /// Of "Modifying an AS Group": `{"scaling_group_id": "…"}`.
  func modification(_ reference: GroupReference, host: String) -> Result<Void, ServiceFailure> {
    documentedBody(host: host) { node in
      guard let id = node["scaling_group_id"]?.stringValue else { return nil }
      return id == reference.groupID ? .success(()) : .failure(OtherGroup(id: id))
    }
  }

  /// Of "Querying AS Groups": `{"total_number": …, "start_number": …, "limit": …, "scaling_groups": […]}`.
  func page(_ query: GroupListQuery, host: String) -> Result<GroupPage, ServiceFailure> {
    documentedBody(host: host) { node in
      guard let total = node["total_number"]?.integerValue, total >= 0,
        let elements = node["scaling_groups"]?.arrayValue
      else { return nil }
      var groups: [ScalingGroup] = []
      groups.reserveCapacity(elements.count)
      for element in elements {
        guard let group = ScalingGroup(json: element) else { return nil }
        groups.append(group)
      }
      return .success(
        GroupPage(
          groups: groups, totalNumber: total, startNumber: node["start_number"]?.integerValue ?? query.startNumber))
    }
  }

  private struct OtherGroup: Error {
    var id: String
  }

  /// - Parameters:
  ///   - host: host and port that answered, for messages.
  ///   - read: gives `nil` where the JSON is not the documented one.
  /// - Returns: what was read, or a lost answer.
  private func documentedBody<Value>(
    host: String, _ read: (JSONNode) -> Result<Value, OtherGroup>?
  ) -> Result<Value, ServiceFailure> {
    // Not JSON and not the documented JSON come to the same.
    let node = body.withUnsafeReadableBytes { try? JSONParser.parse($0) }
    switch node.flatMap(read) {
    case .success(let value):
      return .success(value)
    case .failure(let other):
      return .failure(
        lost(
          FleetplanCode.otherGroup,
          "\(host) answered \(status) about another group, \(authorizer.redacted(other.id).quotedForMessage)"))
    case nil:
      let beginning = errorBody.message
      return .failure(
        lost(
          FleetplanCode.unexpectedBody,
          "\(host) answered \(status) with a body that is not the documented JSON"
            + (beginning.isEmpty ? " (it is empty)" : ": \(beginning)")))
    }
  }

  private func lost(_ code: String, _ message: String) -> ServiceFailure {
    ServiceFailure(
      certainty: .lost, disposition: .retryable, status: status, code: code, message: message, requestID: requestID)
  }

  // MARK: Refusals

  /// Any answer but a 200.
  ///
  /// - Parameters:
  ///   - host: host and port that answered, for messages.
  ///   - now: seconds since 1970, for a `Retry-After` date in an answer without a date of its own.
  /// - Returns: the answer as classified by status and code.
  func refusal(host: String, now: Double) -> ServiceFailure {
    let error = errorBody
    let classification = AnswerClassification(status: status, code: error.code)
    var failure = ServiceFailure(
      certainty: classification.certainty, disposition: classification.disposition, status: status, code: error.code,
      message: error.message,
      requestID: requestID.map { ServiceErrorBody.cleaned(authorizer.redacted($0), limit: 128) } ?? error.requestID)
    switch status {
    case 300..<400:
      failure.code = FleetplanCode.redirect
      failure.message =
        "\(host) redirects to \(redirectTarget(from: host)); redirects are not followed, check the endpoint"
    case 200..<300:
      failure.code = FleetplanCode.unexpectedStatus
      failure.message = "\(host) answered \(status), which is not documented"
    default:
      if failure.message.isEmpty { failure.message = "\(head.status.reasonPhrase) (from \(host), without a message)" }
    }
    if let value = head.headers.first(name: "Retry-After") {
      failure.retryAfterSeconds = RetryAfter.seconds(value, date: head.headers.first(name: "Date"), now: now)
    }
    return failure
  }

  /// The host that `Location` names; what follows it is not shown, since it may be a secret.
  private func redirectTarget(from host: String) -> String {
    guard let location = head.headers.first(name: "Location").map(authorizer.redacted) else {
      return "nowhere (it has no Location)"
    }
    guard let scheme = location.firstRange(of: "//") else { return "another path of itself" }
    let authority = location[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return ServiceErrorBody.cleaned(String(authority.split(separator: "@").last ?? authority), limit: 255)
  }
}
