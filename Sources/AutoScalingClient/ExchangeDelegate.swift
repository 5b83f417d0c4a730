import AsyncHTTPClient
import AutoScaling
import NIOCore
import NIOHTTP1

/// Follows one exchange: tells when the head was written, and collects the answer.
///
/// `@unchecked Sendable`: the state is touched on the task's event loop only, where AsyncHTTPClient calls its delegates,
/// and by `finish`, which the exchange calls there too.
final class ExchangeDelegate: HTTPClientResponseDelegate, @unchecked Sendable {
  /// Bytes of a body: a full page of 100 groups has about 200 KiB.
  static let bodyLimit = 4 * 1024 * 1024

  private let headWritten: HeadWritten
  private var wasSent = false
  private var head: HTTPResponseHead?
  private var body = ByteBuffer()

  init(headWritten: @escaping HeadWritten) {
    self.headWritten = headWritten
  }

  /// Called right after the head went to the socket (or waits in its buffer): a failure before it is "not sent".
  func didSendRequestHead(task: HTTPClient.Task<HTTPAnswer>, _ head: HTTPRequestHead) {
    wasSent = true
    headWritten()
  }

  func didReceiveHead(task: HTTPClient.Task<HTTPAnswer>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
    self.head = head
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didReceiveBodyPart(task: HTTPClient.Task<HTTPAnswer>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
    guard body.readableBytes + buffer.readableBytes <= Self.bodyLimit else {
      return task.eventLoop.makeFailedFuture(BodyTooLargeError())
    }
    if body.readableBytes == 0 {
      body = buffer
    } else {
      body.writeImmutableBuffer(buffer)
    }
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didFinishRequest(task: HTTPClient.Task<HTTPAnswer>) throws -> HTTPAnswer {
    // AsyncHTTPClient finishes a request only after its head.
    guard let head else { throw HTTPClientError.remoteConnectionClosed }
    return HTTPAnswer(head: head, body: body)
  }

  /// The end of the exchange, once: what the task's future brought, with what is known about sending.
  func finish(_ result: Result<HTTPAnswer, any Error>) -> Result<HTTPAnswer, HTTPFailure> {
    if !wasSent { headWritten() }
    return result.mapError { error in
      HTTPFailure(error: error, wasSent: wasSent, status: head.map { Int($0.status.code) })
    }
  }
}
