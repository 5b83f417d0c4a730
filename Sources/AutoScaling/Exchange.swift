/// Why an exchange with the service brought no success.
///
/// A value of facts: what they mean for a change is decided elsewhere.
package struct ServiceFailure: Error, Sendable, Hashable {
  /// What is known about the effect of the request.
  package enum Certainty: String, Sendable, Hashable {
    /// The request's head was never written: the service cannot have seen it.
    case notSent = "not_sent"
    /// The service answered that it did not do it.
    case refused
    /// The head was written and no usable answer came (time-out, reset, 5xx, a body that is not the documented
    /// JSON, a 200 that names another group): a PUT may have taken effect, now or a little later.
    case lost
  }

  package var certainty: Certainty
  /// What to do about it (the reference, section 6.3).
  package var disposition: AnswerDisposition
  /// HTTP status, where an answer came.
  package var status: Int?
  /// The service's own code (`AS.2007`, `APIGW.0301`), or one of ours (`FP.…`).
  package var code: String?
  /// What the service said, or what happened; shortened, without secrets.
  package var message: String
  /// For the service's support.
  package var requestID: String?
  /// The wait that the service asks for, from the `Retry-After` header, in seconds from the answer; 0 or more.
  package var retryAfterSeconds: Double?

  package init(
    certainty: Certainty, disposition: AnswerDisposition, status: Int? = nil, code: String? = nil, message: String,
    requestID: String? = nil, retryAfterSeconds: Double? = nil
  ) {
    self.certainty = certainty
    self.disposition = disposition
    self.status = status
    self.code = code
    self.message = message
    self.requestID = requestID
    self.retryAfterSeconds = retryAfterSeconds
  }
}

/// What an answer asks for (contract, section 4; the reference, section 6.3).
package enum AnswerDisposition: String, Sendable, Hashable, CaseIterable {
  /// Try again after a wait (class T, 409, 429, 503, connection failures …), as far as `--retry-on` has it.
  case retryable
  /// The group is scaling or locked: wait without using an attempt (class S).
  case busy
  /// AS.2030, AS.2033: read; scaling means busy, otherwise the change has failed.
  case busyIfScaling = "busy_if_scaling"
  /// AS.2028: the number is that already; read, then succeed or send without the number.
  case sameNumber = "same_number"
  /// 401: the credentials are missing, wrong or expired.
  case unauthorized
  /// Trying again would bring the same answer.
  case permanent
}

/// A successful answer, with what reports keep of it.
package struct ServiceSuccess<Value: Sendable>: Sendable {
  package var value: Value
  package var status: Int
  package var requestID: String?

  package init(value: Value, status: Int = 200, requestID: String? = nil) {
    self.value = value
    self.status = status
    self.requestID = requestID
  }
}

package typealias ServiceResult<Value: Sendable> = Result<ServiceSuccess<Value>, ServiceFailure>

/// Called at most once, when the head of a request was written to the connection, or when that has failed:
/// from then on the next request may leave.
package typealias HeadWritten = @Sendable () -> Void

/// Filters of "Querying AS Groups".
package struct GroupListQuery: Sendable, Hashable {
  /// Fuzzy at the service: compare exactly on our side.
  package var name: String?
  package var status: String?
  /// Row offset, from 0.
  package var startNumber: Int
  /// 1 to 100.
  package var limit: Int

  package init(name: String? = nil, status: String? = nil, startNumber: Int = 0, limit: Int = 100) {
    self.name = name
    self.status = status
    self.startNumber = startNumber
    self.limit = limit
  }
}

/// Looks at groups. It has no way to change one: commands that only look are handed this.
///
/// Completions come once each, on a thread of the implementation's choice.
package protocol GroupReader: Sendable {
  func readGroup(
    _ group: GroupReference, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<ScalingGroup>) -> Void)

  func listGroups(
    projectID: String, query: GroupListQuery, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<GroupPage>) -> Void)
}

/// Fetches the tokens that requests carry, and keeps them.
package protocol TokenFetcher: Sendable {
  /// Fetches a token for a project: requests about it carry that one from then on.
  ///
  /// - Parameters:
  ///   - projectID: the project.
  ///   - headWritten: called when the head was written, or when it is sure that it will not be.
  ///   - completion: called once, with how long the token lasts from when it was asked for.
  func fetchToken(
    projectID: String, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<Duration>) -> Void)
}

/// Looks at groups and modifies them.
package protocol GroupModifier: GroupReader {
  /// Sends one PUT.
  ///
  /// - Parameters:
  ///   - group: the group to change.
  ///   - body: the JSON of the fields to change, and of no others.
  ///   - headWritten: called when the head was written, or when it is sure that it will not be.
  ///   - completion: called once, with the classified answer.
  func modifyGroup(
    _ group: GroupReference, body: [UInt8], headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<Void>) -> Void)
}
