import AutoScaling
import AutoScalingClient
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// What the network can do to an exchange, before and after the head was written.
@Suite(.timeLimit(.minutes(1))) struct ConnectionFailureTests {
  // MARK: Not sent

  private func expectNotSent(_ endpoint: String, code: String) async throws {
    try await withClient(endpoint) { client in
      let steps = Steps()
      let failure = try await client.modify(steps: steps).expectedFailure()
      #expect(failure.certainty == .notSent)
      #expect(failure.disposition == .retryable)
      #expect(failure.code == code)
      #expect(failure.status == nil)
      #expect(steps.all == ["head", "completion"])
    }
  }

  @Test func `a refused connection is not sent`() async throws {
    // A port that was free a moment ago, and that nobody else is given so soon.
    let server = try await LoopbackServer { _, _ in .stall }
    let endpoint = server.endpoint
    try await server.stop()
    try await expectNotSent(endpoint, code: FleetplanCode.connectionRefused)
  }

  @Test func `a name without an address is not sent`() async throws {
    // RFC 6761, section 6.4: "invalid" has no addresses.
    try await expectNotSent("https://as.invalid", code: FleetplanCode.nameNotFound)
  }

  @Test func `a server that speaks no TLS is not sent to`() async throws {
    let server = try await LoopbackServer(greeting: "SSH-2.0-OpenSSH_9.6\r\n") { _, _ in .stall }
    try await expectNotSent("https://127.0.0.1:\(server.port)", code: FleetplanCode.tls)
    try await server.stop()
  }

  @Test func `a server that nobody vouches for is not sent to`() async throws {
    let server = try await LoopbackServer(certificate: "server") { _, _ in .answer(200, body: modifiedBody) }
    try await expectNotSent("https://localhost:\(server.port)", code: FleetplanCode.tls)
    let authority = TestCertificates.path("authority")
    let accepted = try await withClient("https://localhost:\(server.port)", { $0.caFile = authority }) { client in
      await client.modify()
    }
    _ = try accepted.get()
    #expect(server.requests.count == 1)
    try await server.stop()
  }

  @Test func `a connection that does not come about in time is not sent`() async throws {
    try await withServer({ _, _ in .stall }) { server in
      try await withClient("https://127.0.0.1:\(server.port)", { $0.connectTimeout = .milliseconds(100) }) { client in
        // The server waits for the end of a request head and gets a ClientHello.
        let failure = try await client.modify().expectedFailure()
        #expect(failure.certainty == .notSent)
        #expect(failure.disposition == .retryable)
        #expect(failure.code == FleetplanCode.connectTimeout)
      }
    }
  }

  // MARK: Lost

  private static let half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"scaling_group_id\":"

  @Test(
    arguments: [
      (Reply.close, FleetplanCode.connectionReset, nil), (.reset, FleetplanCode.connectionReset, nil),
      (.stall, FleetplanCode.requestTimeout, nil), (.raw([half], closes: true), FleetplanCode.truncatedBody, 200),
      (.raw([half], closes: false), FleetplanCode.requestTimeout, 200),
      (
        .raw(["HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"error\""], closes: true),
        FleetplanCode.truncatedBody, 400
      ),
      (.raw(["HTTP/1.1 20"], closes: true), FleetplanCode.connectionReset, nil),
      (.raw(["SSH-2.0-OpenSSH_9.6\r\n\r\n"], closes: false), FleetplanCode.notHTTP, nil),
      (.flood(5 * 1024 * 1024), FleetplanCode.bodyTooLarge, 200),
    ] as [(Reply, String, Int?)])
  func `an answer that does not come whole is lost, and is not asked for again`(
    _ reply: Reply, _ code: String, _ status: Int?
  ) async throws {
    try await withServer({ _, _ in reply }) { server in
      let isSlow = code == FleetplanCode.requestTimeout
      try await withClient(server.endpoint, { if isSlow { $0.requestTimeout = .milliseconds(200) } }) { client in
        let steps = Steps()
        let failure = try await client.modify(steps: steps).expectedFailure()
        #expect(failure.certainty == .lost)
        #expect(failure.disposition == .retryable)
        #expect(failure.code == code)
        #expect(failure.status == status)
        #expect(failure.message.contains("127.0.0.1:\(server.port)"))
        #expect(steps.all == ["head", "completion"])
      }
      #expect(server.requests.count == 1)
    }
  }

  @Test func `a server that ends its connections without notice costs each exchange one completion`() async throws {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(modifiedBody.utf8.count)\r\n\r\n\(modifiedBody)"
    try await withServer({ _, _ in .raw([answer], closes: true) }) { server in
      var sent = 0
      try await withClient(server.endpoint) { client in
        for _ in 0..<200 {
          let steps = Steps()
          switch await client.modify(steps: steps) {
          case .success: sent += 1
          case .failure(let failure):
            #expect(failure.code == FleetplanCode.connectionReset)
            #expect(failure.disposition == .retryable)
          }
          #expect(steps.all == ["head", "completion"])
        }
      }
      // Every request that the server got was answered, so none may be called lost and none be sent twice.
      #expect(server.requests.count == sent)
    }
  }
}
