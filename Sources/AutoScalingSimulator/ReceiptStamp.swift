import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Notes in each request when its head came in.
///
/// It sits on the event loop, below hummingbird's tasks: how long those wait for a thread does not blur the times of
/// the journal, by which rates are judged.
final class ReceiptStamp: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  /// Carries the time as nanoseconds since the start; what a client sends in it is overwritten.
  static let header = HTTPField.Name(known: "X-Simulator-Received")

  private let start: ContinuousClock.Instant

  init(start: ContinuousClock.Instant) { self.start = start }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    head.headerFields[Self.header] = "\(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)"
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }
}

extension HTTPField.Name {
  /// A name that is known to be one.
  init(known name: String) {
    guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no header's name") }
    self = field
  }
}
