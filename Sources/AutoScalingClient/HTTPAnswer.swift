import AutoScaling
import NIOCore
import NIOHTTP1

/// What came back: an answer, complete.
struct HTTPAnswer: Sendable {
  var head: HTTPResponseHead
  var body: ByteBuffer
  /// Whose credentials the request had: an answer may repeat them.
  var authorizer: any RequestAuthorizer = NoAuthorizer()

  var status: Int { Int(head.status.code) }

  /// The service's and OpenStack's name for it; header names are compared without regard to case.
  var requestID: String? {
    head.headers.first(name: "X-Request-Id") ?? head.headers.first(name: "x-openstack-request-id")
  }
}

extension HTTPAnswer {
  /// What the body says of an error, without the credentials.
  var errorBody: ServiceErrorBody {
    body.withUnsafeReadableBytes { ServiceErrorBody(decoding: $0, redacting: authorizer.redacted) }
  }
}

/// No complete answer came.
struct HTTPFailure: Error, Sendable {
  var error: any Error
  /// The request's head was written: the service may have seen it.
  var wasSent: Bool
  /// Status of the answer whose body did not come to its end.
  var status: Int?
}

/// The body is longer than any that is documented.
struct BodyTooLargeError: Error {}
