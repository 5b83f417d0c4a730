import NIOCore
import NIOPosix
import Synchronization

/// A real HTTP proxy on 127.0.0.1 that can do `CONNECT` and nothing else, on one thread.
package final class ConnectProxy: Sendable {
  /// A request for a tunnel.
  package struct Tunnel: Sendable, Equatable {
    /// Method and target, as on the wire.
    package var request: String
    /// The value of `Proxy-Authorization`.
    package var authorization: String?

    package init(request: String, authorization: String?) {
      self.request = request
      self.authorization = authorization
    }
  }

  /// What it does about a request.
  package enum Policy: Sendable {
    /// Connects to these ports of 127.0.0.1, by host and port of the target; 502 for others.
    case connects([String: Int])
    /// Answers with this status line and closes.
    case answers(String)
    /// Keeps the connection and never answers.
    case stalls
  }

  private let group: MultiThreadedEventLoopGroup
  private let channel: any Channel
  private let log: TunnelLog

  /// Runs a body with a proxy, and ends it whatever happens.
  ///
  /// - Parameters:
  ///   - policy: what it does.
  ///   - body: what is done while it runs.
  /// - Returns: what the body does.
  /// - Throws: what the body throws, and what NIO reports.
  package static func with<Result>(
    _ policy: Policy, _ body: (ConnectProxy) async throws -> Result
  ) async throws -> Result {
    let proxy = try await ConnectProxy(policy)
    do {
      let result = try await body(proxy)
      try await proxy.stop()
      return result
    } catch {
      try await proxy.stop()
      throw error
    }
  }

  private init(_ policy: Policy) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let log = TunnelLog()
    self.group = group
    self.log = log
    channel = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(TunnelHandler(policy: policy, log: log))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  private func stop() async throws {
    try await channel.close().get()
    try await group.shutdownGracefully()
  }

  package var port: Int { channel.localAddress?.port ?? 0 }
  /// The tunnels that were asked for, in order.
  package var tunnels: [Tunnel] { log.value.withLock { $0 } }
}

/// Shared by the proxy and its connections.
private final class TunnelLog: Sendable {
  let value = Mutex<[ConnectProxy.Tunnel]>([])
}

/// A client's connection: its request, and then whatever the two ends say to each other.
private final class TunnelHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let policy: ConnectProxy.Policy
  private let log: TunnelLog
  private var head = ""
  private var isHeadRead = false

  init(policy: ConnectProxy.Policy, log: TunnelLog) {
    self.policy = policy
    self.log = log
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What comes after the request is for the relay behind this handler.
    guard !isHeadRead else { return context.fireChannelRead(data) }
    head += String(buffer: unwrapInboundIn(data))
    guard let end = head.firstRange(of: "\r\n\r\n") else { return }
    isHeadRead = true
    let lines = head[..<end.lowerBound].split(separator: "\r\n").map(String.init)
    let parts = lines[0].split(separator: " ").map(String.init)
    let name = "proxy-authorization: "
    let authorization = lines.first { $0.lowercased().hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    log.value.withLock {
      $0.append(.init(request: parts.prefix(2).joined(separator: " "), authorization: authorization))
    }
    switch policy {
    case .connects(let ports):
      guard parts[0] == "CONNECT", let port = ports[parts[1]] else { return refuse("502 Bad Gateway", context) }
      connect(to: port, context)
    case .answers(let status): refuse(status, context)
    case .stalls: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func refuse(_ status: String, _ context: ChannelHandlerContext) {
    let answer = ByteBuffer(string: "HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(answer)).whenComplete { _ in channel.close(promise: nil) }
  }

  private func connect(to port: Int, _ context: ChannelHandlerContext) {
    let client = context.channel
    ClientBootstrap(group: context.eventLoop)
      .channelInitializer { server in
        server.eventLoop.makeCompletedFuture { try server.pipeline.syncOperations.addHandler(Relay(to: client)) }
      }
      .connect(host: "127.0.0.1", port: port)
      .flatMapThrowing { server in
        try client.pipeline.syncOperations.addHandler(Relay(to: server))
        client.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"), promise: nil)
      }
      .whenFailure { _ in client.close(promise: nil) }
  }
}

/// Passes on what one end says to the other one.
private final class Relay: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let other: any Channel

  init(to other: any Channel) { self.other = other }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    other.writeAndFlush(unwrapInboundIn(data), promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
