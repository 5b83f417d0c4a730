import NIOCore
import NIOPosix

/// A real HTTP server on 127.0.0.1 that answers with the request itself, credentials and all, on one thread: what
/// a gateway with a debug page does.
package final class EchoServer: Sendable {
  /// How it answers every request, but those for tokens where it issues some.
  package enum Echo: Sendable, Hashable, CaseIterable {
    /// 400, as the message of the service's own error body.
    case message
    /// 403, as plain text, after as many words as are shown of a message without a secret being cut.
    case text
    /// 500, on a page of HTML.
    case page
    /// 401, as the code of an error body, and in the header of the request's id.
    case code
    /// 302, with the credentials as the host and in the query of `Location`.
    case redirect
  }

  private let group: MultiThreadedEventLoopGroup
  private let channel: any Channel

  /// Runs a body with a server, and ends it whatever happens.
  ///
  /// - Parameters:
  ///   - echo: how it answers.
  ///   - token: what it issues for `POST`; `nil`: these requests are echoed as well.
  ///   - project: which project the token is for.
  ///   - body: what is done while it runs.
  /// - Returns: what the body does.
  /// - Throws: what the body throws, and what NIO reports.
  package static func with<Result>(
    _ echo: Echo, issuing token: String? = nil, project: String, _ body: (EchoServer) async throws -> Result
  ) async throws -> Result {
    let server = try await EchoServer { head, rest in
      if let token, head.hasPrefix("POST ") { return answer(issuing: token, project: project) }
      return answer(echo, head: head, body: rest)
    }
    do {
      let result = try await body(server)
      try await server.stop()
      return result
    } catch {
      try await server.stop()
      throw error
    }
  }

  private init(answer: @escaping @Sendable (_ head: String, _ body: String) -> String) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    self.group = group
    channel = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(EchoHandler(answer: answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  private func stop() async throws {
    try await channel.close().get()
    try await group.shutdownGracefully()
  }

  /// Of IAM (with `/v3` behind it) and of Auto Scaling.
  package var endpoint: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

  // MARK: Answers

  private static func answer(issuing token: String, project: String) -> String {
    complete(
      "201 Created", ["X-Subject-Token: \(token)"],
      """
      {"token": {"issued_at": "2030-01-01T00:00:00.000000Z", "expires_at": "2030-01-02T00:00:00.000000Z", \
      "project": {"id": "\(project)", "name": "eu-de"}}}
      """)
  }

  private static func answer(_ echo: Echo, head: String, body: String) -> String {
    let request = head + "\r\n\r\n" + body
    let values = head.split(separator: "\r\n").compactMap { line -> String? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, ["x-auth-token", "authorization", "x-security-token"].contains(parts[0].lowercased())
      else { return nil }
      return String(parts[1].drop { $0 == " " })
    }
    // Of a request for a token what begins with the password: so much is shown of any message.
    let fromPassword = body.split(separator: "\"password\":").last.map(String.init) ?? body
    let credentials = values.isEmpty ? fromPassword : values.joined(separator: " ")
    let padding = String(repeating: "word ", count: 35)
    switch echo {
    case .message:
      return complete("400 Bad Request", [], #"{"error_code": "AS.0001", "error_msg": \#(quoted(request))}"#)
    case .text: return complete("403 Forbidden", [], padding + credentials)
    case .page: return complete("500 Internal Server Error", [], "<html><h1>No</h1><pre>\(credentials)</pre></html>")
    case .code:
      return complete(
        "401 Unauthorized", ["X-Request-Id: \(credentials)"],
        #"{"error_code": \#(quoted(credentials)), "error_msg": \#(quoted(padding + credentials))}"#)
    case .redirect:
      return complete("302 Found", ["Location: https://\(credentials)/?token=\(credentials)"], "")
    }
  }

  private static func complete(_ status: String, _ headers: [String], _ body: String) -> String {
    (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers)
      .joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "\r": "\\r"
      case "\n": "\\n"
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}

/// Reads one request with a `Content-Length` or none, and answers it.
private final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: @Sendable (_ head: String, _ body: String) -> String
  private var pending = ByteBuffer()

  init(answer: @escaping @Sendable (_ head: String, _ body: String) -> String) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    pending.writeImmutableBuffer(unwrapInboundIn(data))
    let text = String(buffer: pending)
    guard let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) else { return }
    let head = String(text[..<end.lowerBound])
    let name = "content-length:"
    let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name) }
    let length = line.flatMap { Int($0.dropFirst(name.count).filter { $0 != " " }) } ?? 0
    let body = text[end.upperBound...]
    guard body.utf8.count >= length else { return }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer(head, String(body))))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
