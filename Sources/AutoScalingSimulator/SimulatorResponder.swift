import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Carries requests from hummingbird to the simulated cloud, and its answers back, or cuts the connection.
struct SimulatorResponder: HTTPResponder {
  /// What the responder gets of a connection: its channel, which is below hummingbird's answers.
  struct Context: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
  }

  /// Ends the handling of a request whose connection was cut on purpose.
  private struct ConnectionCut: Error {}

  /// Largest body of a request, in bytes.
  private static let bodyLimit = 1 << 20

  let cloud: SimulatedCloud
  let start = ContinuousClock.now

  init(cloud: SimulatedCloud) { self.cloud = cloud }

  /// Time since the start of the server.
  var now: Duration { ContinuousClock.now - start }

  func respond(to request: Request, context: Context) async throws -> Response {
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: Self.bodyLimit)
    } catch is NIOTooManyBytesError {
      return tooLarge()
    }
    let received = request.headers[ReceiptStamp.header].flatMap { Int64($0) }.map(Duration.nanoseconds) ?? now
    let answer = cloud.handle(
      SimulatedRequest(
        method: request.method.rawValue, target: request.head.path ?? "/",
        host: request.head.authority ?? "127.0.0.1", token: request.headers[Self.authToken],
        headers: cloud.options.authentication == .none ? [] : Self.headers(request),
        body: Array(body.readableBytesView), receivedAt: received),
      now: now)
    do {
      if answer.delay > .zero {
        try await Task.sleep(until: start + received + answer.delay, tolerance: .zero, clock: .continuous)
      }
    } catch {
      // The server stops, or an outage begins: nobody gets an answer.
      try await cut(context.channel, byReset: false)
    }
    // The journal has it before the client does.
    try cloud.answered(answer.sequence, now: now)
    switch answer.delivery {
    case .whole: return response(answer)
    case .truncated: return truncated(response(answer), answer.response.body, context.channel)
    case .closed: try await cut(context.channel, byReset: false)
    case .reset: try await cut(context.channel, byReset: true)
    }
  }

  // MARK: Answers

  private static let authToken = HTTPField.Name(known: "X-Auth-Token")
  private static let requestID = HTTPField.Name(known: "X-Request-Id")

  /// The host has a place of its own in hummingbird's requests.
  private static func headers(_ request: Request) -> [(name: String, value: String)] {
    var headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
    if let host = request.head.authority, !headers.contains(where: { $0.name == "host" }) {
      headers.append(("host", host))
    }
    return headers
  }

  private func response(_ answer: SimulatedAnswer) -> Response {
    var headers = HTTPFields()
    headers[Self.requestID] = answer.requestID
    for (name, value) in answer.response.headers { headers[HTTPField.Name(known: name)] = value }
    guard !answer.response.body.isEmpty else {
      return Response(status: .init(code: answer.response.status), headers: headers)
    }
    headers[.contentType] = answer.response.contentType
    return Response(
      status: .init(code: answer.response.status), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.response.body)))
  }

  private func tooLarge() -> Response {
    let response = SimulatedResponse.gateway(
      status: 413, code: "APIG.0201", message: "Request entity too large", requestID: "")
    return Response(
      status: .contentTooLarge, headers: [.contentType: response.contentType],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
  }

  /// The same head, half of the body, and the end of the connection.
  private func truncated(_ whole: Response, _ body: [UInt8], _ channel: any Channel) -> Response {
    let half = ByteBuffer(bytes: body.prefix(body.count / 2))
    return Response(
      status: whole.status, headers: whole.headers,
      body: ResponseBody(contentLength: body.count) { writer in
        try await writer.write(half)
        try await cut(channel, byReset: false)
      })
  }

  // MARK: Cutting

  /// Closes the connection, below everything that would still write an answer.
  ///
  /// - Throws: `ConnectionCut` always, so that hummingbird ends the request.
  private func cut(_ channel: any Channel, byReset: Bool) async throws -> Never {
    if byReset, let socket = channel as? any SocketOptionProvider {
      // Lingering for no time discards the connection with a RST (`man 7 socket`, SO_LINGER).
      try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
    do {
      try await channel.close()
    } catch ChannelError.alreadyClosed {
      // The client was faster.
    }
    throw ConnectionCut()
  }
}
