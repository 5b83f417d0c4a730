import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A request as the server got it.
struct ReceivedRequest: Sendable {
  var method: String
  /// Path and query, as on the wire.
  var target: String
  var headers: [(name: String, value: String)]
  var body: String

  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// What the server does about a request.
enum Reply: Sendable {
  /// A well-formed answer; `Content-Length` comes by itself.
  case answer(Int, headers: [(String, String)] = [], body: String)
  /// These bytes, each element in a write of its own, and then the end of the connection or not.
  case raw([String], closes: Bool)
  /// A head with this `Content-Length`, and as many bytes.
  case flood(Int)
  /// Ends the connection without an answer.
  case close
  /// Resets the connection without an answer.
  case reset
  /// Keeps the connection and never answers.
  case stall
}

/// What the server has seen.
private final class ServerLog: Sendable {
  struct State {
    var requests: [ReceivedRequest] = []
    var openConnections = 0
    var mostConnections = 0
  }

  let state = Mutex(State())

  func connectionOpened() {
    state.withLock {
      $0.openConnections += 1
      $0.mostConnections = max($0.mostConnections, $0.openConnections)
    }
  }

  func connectionClosed() {
    state.withLock { $0.openConnections -= 1 }
  }

  /// - Returns: the number of the request, from 0.
  func received(_ request: ReceivedRequest) -> Int {
    state.withLock {
      $0.requests.append(request)
      return $0.requests.count - 1
    }
  }
}

/// A real HTTP server on 127.0.0.1 that can do every bad thing, on one thread.
final class LoopbackServer: Sendable {
  private let group: MultiThreadedEventLoopGroup
  private let channel: any Channel
  private let log = ServerLog()

  /// - Parameters:
  ///   - certificate: one of `TestCertificates`, for TLS.
  ///   - greeting: sent at once on each connection, as no HTTP server does.
  ///   - reply: told the request and its number, from 0.
  /// - Throws: what NIO reports of the certificate or of the port.
  init(
    certificate: String? = nil, greeting: String? = nil,
    reply: @escaping @Sendable (ReceivedRequest, Int) -> Reply
  ) async throws {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let tls = try certificate.map { certificate in
      try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: NIOSSLCertificate.fromPEMFile(TestCertificates.path(certificate)).map { .certificate($0) },
          privateKey: .privateKey(NIOSSLPrivateKey(file: TestCertificates.key, format: .pem))))
    }
    channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [log] channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
          try channel.pipeline.syncOperations.addHandler(RequestHandler(log: log, greeting: greeting, reply: reply))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  var port: Int { channel.localAddress?.port ?? 0 }
  var endpoint: String { "http://127.0.0.1:\(port)" }
  var requests: [ReceivedRequest] { log.state.withLock { $0.requests } }
  /// The most connections that were open at the same time.
  var mostConnections: Int { log.state.withLock { $0.mostConnections } }

  func stop() async throws {
    try await channel.close()
    try await group.shutdownGracefully()
  }
}

/// Reads requests with a `Content-Length` or none, byte by byte as they come.
private final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let log: ServerLog
  private let greeting: String?
  private let reply: @Sendable (ReceivedRequest, Int) -> Reply
  private var pending = ""

  init(log: ServerLog, greeting: String?, reply: @escaping @Sendable (ReceivedRequest, Int) -> Reply) {
    self.log = log
    self.greeting = greeting
    self.reply = reply
  }

  func channelActive(context: ChannelHandlerContext) {
    log.connectionOpened()
    if let greeting { write(greeting, context: context) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    log.connectionClosed()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A failed handshake or a reset by the client: the tests look at the client's side of it.
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    pending += String(buffer: unwrapInboundIn(data))
    while let request = nextRequest() {
      carryOut(reply(request, log.received(request)), context: context)
    }
  }

  private func nextRequest() -> ReceivedRequest? {
    guard let headEnd = pending.firstRange(of: "\r\n\r\n") else { return nil }
    let lines = pending[..<headEnd.lowerBound].split(separator: "\r\n")
    let start = lines[0].split(separator: " ")
    var request = ReceivedRequest(method: String(start[0]), target: String(start[1]), headers: [], body: "")
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      request.headers.append((name: String(parts[0]), value: String(parts[1].drop { $0 == " " })))
    }
    let rest = pending[headEnd.upperBound...]
    let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
    guard rest.utf8.count >= length else { return nil }
    request.body = String(decoding: rest.utf8.prefix(length), as: UTF8.self)
    pending = String(decoding: rest.utf8.dropFirst(length), as: UTF8.self)
    return request
  }

  private func carryOut(_ reply: Reply, context: ChannelHandlerContext) {
    switch reply {
    case .answer(let status, let headers, let body):
      var text = "HTTP/1.1 \(status) Reason\r\nContent-Length: \(body.utf8.count)\r\n"
      for (name, value) in headers { text += "\(name): \(value)\r\n" }
      write(text + "\r\n" + body, context: context)
    case .raw(let pieces, let closes):
      for piece in pieces { write(piece, context: context) }
      if closes { context.close(promise: nil) }
    case .flood(let count):
      write("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n", context: context)
      let piece = String(repeating: "x", count: 64 * 1024)
      for _ in 0..<count / piece.count { write(piece, context: context) }
    case .close:
      context.close(promise: nil)
    case .reset:
      // SO_LINGER with 0 seconds: the kernel sends RST in place of FIN.
      if let options = context.channel as? any SocketOptionProvider {
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { [channel = context.channel] _ in
          channel.close(promise: nil)
        }
      }
    case .stall:
      break
    }
  }

  private func write(_ text: String, context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }
}
