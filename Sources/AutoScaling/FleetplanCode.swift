/// Error codes of our own, in reports beside the service's (contract, section 5: they begin with `FP.`).
package enum FleetplanCode {
  // MARK: Before sending, from the live values

  /// A field can change only in a group that is not in service, has no instances and is not scaling.
  package static let precondition = "FP.PRECONDITION"
  /// min ≤ desired ≤ max would not hold.
  package static let instanceRange = "FP.INSTANCE_RANGE"
  /// ELB_AUDIT in a group without a listener.
  package static let noListener = "FP.NO_LISTENER"
  /// The group is being deleted.
  package static let groupDeleting = "FP.GROUP_DELETING"

  // MARK: No connection: the request was not sent

  /// Nothing listens at the endpoint, or the network has no way to it.
  package static let connectionRefused = "FP.CONNECTION_REFUSED"
  /// The endpoint's name has no address.
  package static let nameNotFound = "FP.NAME_NOT_FOUND"
  /// The TLS handshake failed: certificate, name or protocol.
  package static let tls = "FP.TLS"
  /// No connection came about in time.
  package static let connectTimeout = "FP.CONNECT_TIMEOUT"
  /// The request cannot be made as it is: an id or a credential that HTTP has no way to carry.
  package static let invalidRequest = "FP.INVALID_REQUEST"

  // MARK: No usable answer: a PUT may have taken effect

  /// The connection was closed or reset before an answer came.
  package static let connectionReset = "FP.CONNECTION_RESET"
  /// No complete answer came in time.
  package static let requestTimeout = "FP.REQUEST_TIMEOUT"
  /// The connection was closed in the middle of an answer.
  package static let truncatedBody = "FP.TRUNCATED_BODY"
  /// An answer longer than any documented one.
  package static let bodyTooLarge = "FP.BODY_TOO_LARGE"
  /// What came is not HTTP/1.1.
  package static let notHTTP = "FP.NOT_HTTP"
  /// Success, with a body that is not the documented JSON.
  package static let unexpectedBody = "FP.UNEXPECTED_BODY"
  /// Success, about another group than the one asked for.
  package static let otherGroup = "FP.OTHER_GROUP"
  /// Success with a status that is not 200.
  package static let unexpectedStatus = "FP.UNEXPECTED_STATUS"

  /// The client was shut down before the request was sent, or before an answer came.
  package static let cancelled = "FP.CANCELLED"

  // MARK: Refused

  /// The service answered with a redirect, which is not followed.
  package static let redirect = "FP.REDIRECT"

  // MARK: The life of a change in a run

  /// The group holds neither what was expected, nor what was there before, nor what is planned.
  package static let conflict = "FP.CONFLICT"
  /// The change cannot be taken back, and `--require-reversible` was asked for.
  package static let irreversible = "FP.IRREVERSIBLE"
  /// A prior value has no documented way back.
  package static let unrestorable = "FP.UNRESTORABLE"
  /// The group is scaling or locked.
  package static let busy = "FP.BUSY"
  /// An earlier change to the same group did not succeed.
  package static let predecessor = "FP.PREDECESSOR"
  /// A later change to the same group and field was applied (`--keep-going`): to take this one up again would set it back.
  package static let superseded = "FP.SUPERSEDED"
  /// The service answered 200, and the group does not show the planned values (`--verify`).
  package static let notVerified = "FP.NOT_VERIFIED"
  /// The group has not come to rest in time (`--wait-stable`).
  package static let notStable = "FP.NOT_STABLE"
  /// The executor ended before the answer came.
  package static let interrupted = "FP.INTERRUPTED"
  /// The run was abandoned.
  package static let abandoned = "FP.ABANDONED"
}
