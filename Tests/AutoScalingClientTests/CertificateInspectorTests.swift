import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import AutoScalingClient

/// What the look at a certificate does where there is none to be seen.
@Suite(.timeLimit(.minutes(1))) struct CertificateInspectorTests {
  private func inspect(
    _ endpoint: String, proxyPort: Int? = nil, limit: TimeAmount = .seconds(20)
  ) async throws -> PresentedCertificate? {
    let proxy = try proxyPort.map { try ProxyServer("http://127.0.0.1:\($0)", variable: "HTTPS_PROXY") }
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    return try await CertificateInspector(connectTimeout: .seconds(20))
      .certificate(
        of: ServiceRoute(endpoint: ServiceEndpoint(endpoint), proxy: proxy), on: eventLoop, deadline: .now() + limit
      ).get()
  }

  @Test func `a certificate is seen, and no request is sent`() async throws {
    let server = try await LoopbackServer(certificate: "self-signed") { _, _ in .stall }
    let certificate = try #require(try await inspect("https://localhost:\(server.port)"))
    #expect(certificate.names == ["localhost", TestCertificates.remoteHost, "127.0.0.1"])
    #expect(certificate.subject == "server of its own")
    #expect(certificate.isSelfSigned)
    #expect(certificate.validFrom == 1_735_689_600)
    #expect(server.requests.isEmpty)
    try await server.stop()
  }

  @Test func `a server that never shows one is left at the deadline`() async throws {
    try await withServer({ _, _ in .stall }) { server in
      let certificate = try await inspect("https://127.0.0.1:\(server.port)", limit: .milliseconds(100))
      #expect(certificate == nil)
    }
  }

  @Test func `so is a proxy that never answers`() async throws {
    try await ConnectProxy.with(.stalls) { proxy in
      await #expect(throws: (any Error).self) {
        try await inspect("https://as.example.com", proxyPort: proxy.port, limit: .milliseconds(100))
      }
      #expect(proxy.tunnels.count == 1)
    }
  }

  @Test func `a server or a proxy that refuses is an error`() async throws {
    let gone = try await ConnectProxy.with(.stalls) { $0.port }
    await #expect(throws: (any Error).self) { try await inspect("https://127.0.0.1:\(gone)") }
    try await ConnectProxy.with(.answers("403 Forbidden")) { proxy in
      _ = await #expect(throws: (any Error).self) { try await inspect("https://as.example.com", proxyPort: proxy.port) }
    }
  }
}
