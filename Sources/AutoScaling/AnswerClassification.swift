/// What an answer that is no success says about its request, judged by (HTTP status, error code)
/// (contract, section 4; reference, sections 6.2 to 6.4).
package struct AnswerClassification: Sendable, Hashable {
  package var certainty: ServiceFailure.Certainty
  package var disposition: AnswerDisposition

  package init(certainty: ServiceFailure.Certainty, disposition: AnswerDisposition) {
    self.certainty = certainty
    self.disposition = disposition
  }

  /// The statuses that are worth another attempt whatever the body says (contract, `--retry-on`).
  package static let retryableStatuses: Set<Int> = [408, 409, 429, 500, 502, 503, 504]

  /// Classifies any answer but a 200 with the documented body.
  ///
  /// Certainty goes by the status alone. A 5xx is a lost answer, 501 included: something before the service may have
  /// answered, and a read settles it. Every 4xx is a refusal, 408 included: the server "did not receive a
  /// complete request" (RFC 9110, section 15.5.9). A redirect has done nothing. A success other than 200 is
  /// none that the page documents, so a read must tell what it did. For a GET the certainty has no meaning.
  ///
  /// - Parameters:
  ///   - status: the HTTP status of the final answer.
  ///   - code: the service's or the gateway's code, if the body had one.
  package init(status: Int, code: String?) {
    certainty = (200..<300).contains(status) || (500..<600).contains(status) ? .lost : .refused
    disposition = Self.disposition(
      status: status, errorClass: code.flatMap { ServiceErrorCode.entry(of: $0)?.errorClass })
  }

  private static func disposition(status: Int, errorClass: ServiceErrorCode.Class?) -> AnswerDisposition {
    switch status {
    case 401:
      return .unauthorized
    case 403:
      return .permanent
    case 300..<400:
      return .permanent
    case 200..<300:
      return .retryable
    case _ where retryableStatuses.contains(status):
      // The state conflicts wait without using an attempt, whatever the status they come with.
      return switch errorClass {
      case .state: .busy
      case .stateIfScaling: .busyIfScaling
      default: .retryable
      }
    case 400..<500:
      return switch errorClass {
      case .transient: .retryable
      case .state: .busy
      case .stateIfScaling: .busyIfScaling
      case .sameNumber: .sameNumber
      case .credentials: .unauthorized
      case .permanent, nil: .permanent
      }
    default:
      return .permanent
    }
  }
}
