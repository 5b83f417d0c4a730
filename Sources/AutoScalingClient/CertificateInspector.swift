import NIOCore
import NIOExtras
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Looks at the certificate of a server after a handshake that has failed over it, so that a person can be told why:
/// the TLS library only says that the verification failed.
///
/// The verification of this second handshake always fails, so that no byte is ever sent over a connection that nobody
/// vouches for.
struct CertificateInspector: Sendable {
  /// For connecting to the first hop.
  let connectTimeout: TimeAmount

  /// Connects, takes the server's certificate and closes the connection.
  ///
  /// - Parameters:
  ///   - route: the server, perhaps with a proxy.
  ///   - eventLoop: for the connection.
  ///   - deadline: when the connection is closed at the latest.
  /// - Returns: the certificate; `nil` where the server has shown none before it.
  func certificate(
    of route: ServiceRoute, on eventLoop: any EventLoop, deadline: NIODeadline
  ) -> EventLoopFuture<PresentedCertificate?> {
    let found = NIOLoopBoundBox.makeEmptyBox(valueType: PresentedCertificate.self, eventLoop: eventLoop)
    let endpoint = route.endpoint
    let host = endpoint.host.withoutBrackets
    let port = endpoint.port ?? 443
    let limit = min(deadline, .now() + connectTimeout)
    return ClientBootstrap(group: eventLoop)
      .connectTimeout(connectTimeout)
      .connect(host: route.proxy?.host.withoutBrackets ?? host, port: route.proxy?.port ?? port)
      .flatMap { channel in
        let timer = eventLoop.scheduleTask(deadline: limit) { channel.close(promise: nil) }
        let tunnel = route.proxy.map { Self.openTunnel(to: (host, port), through: $0, in: channel, deadline: limit) }
        return (tunnel ?? eventLoop.makeSucceededVoidFuture())
          .flatMapThrowing { try Self.startTLS(in: channel, host: host) { found.value = $0 } }
          .flatMap { channel.closeFuture }
          .always { _ in
            timer.cancel()
            channel.close(promise: nil)
          }
      }
      .map { found.value }
  }

  private static func startTLS(
    in channel: any Channel, host: String, presented: @escaping @Sendable (PresentedCertificate) -> Void
  ) throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    // Never asked: reading the system's authorities takes time.
    configuration.trustRoots = .certificates([])
    let handler = try NIOSSLClientHandler(
      context: NIOSSLContext(configuration: configuration), serverHostname: IPAddress(host) == nil ? host : nil
    ) { (certificates: [NIOSSLCertificate], verdict: EventLoopPromise<NIOSSLVerificationResult>) in
      if let certificate = certificates.first { presented(PresentedCertificate(certificate)) }
      verdict.succeed(.failed)
    }
    try channel.pipeline.syncOperations.addHandlers(handler, ClosingHandler())
  }

  private static func openTunnel(
    to target: (host: String, port: Int), through proxy: ProxyServer, in channel: any Channel, deadline: NIODeadline
  ) -> EventLoopFuture<Void> {
    let opened = channel.eventLoop.makePromise(of: Void.self)
    var headers = HTTPHeaders()
    headers.add(name: "Host", value: target.host)
    if let authorization = proxy.authorization { headers.add(name: "Proxy-Authorization", value: authorization) }
    // The third handler takes itself away.
    let codec = ["request encoder", "response decoder"]
    do {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(HTTPRequestEncoder(), name: codec[0])
      try pipeline.addHandler(
        ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes)), name: codec[1])
      try pipeline.addHandler(
        NIOHTTP1ProxyConnectHandler(
          targetHost: target.host, targetPort: target.port, headers: headers, deadline: deadline, promise: opened))
    } catch {
      opened.fail(error)
    }
    return opened.futureResult.flatMap {
      EventLoopFuture.andAllSucceed(
        codec.map { channel.pipeline.removeHandler(name: $0) }, on: channel.eventLoop)
    }
  }
}

/// Closes the connection at its first error: the failed handshake.
private final class ClosingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
