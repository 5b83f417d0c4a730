import AutoScaling
import AutoScalingClient
import Foundation
import TestSupport
import Testing

/// Through a real proxy, which alone knows an address for the endpoint's name.
@Suite(.timeLimit(.minutes(1))) struct ProxyTests {
  private static let host = TestCertificates.remoteHost
  private static let endpoint = "https://\(host)"
  private static let password = "h1d/d@n"

  /// Reads a group through a proxy.
  private func read(
    _ policy: ConnectProxy.Policy, userInfo: String = "", _ endpoint: String = Self.endpoint,
    _ change: (inout ServiceClientOptions) -> Void = { _ in }
  ) async throws -> (result: ServiceResult<ScalingGroup>, tunnels: [ConnectProxy.Tunnel], proxy: String) {
    try await ConnectProxy.with(policy) { proxy in
      let address = "http://\(userInfo)127.0.0.1:\(proxy.port)"
      let result = try await withClient(
        endpoint,
        {
          $0.proxies = ProxySettings(["https_proxy": address, "http_proxy": address])
          $0.caFile = TestCertificates.path("authority")
          change(&$0)
        }
      ) { client in await client.read() }
      if case .failure(let failure) = result { #expect(!failure.message.contains("h1d")) }
      return (result, proxy.tunnels, "127.0.0.1:\(proxy.port)")
    }
  }

  // MARK: The tunnel

  @Test(.enabled(if: NginxServer.isInstalled))
  func `TLS goes through the proxy to the server, whose name is checked`() async throws {
    try await NginxServer.with([NginxSite(certificate: "server")]) { server in
      let (result, tunnels, _) = try await read(.connects(["\(Self.host):443": server.ports[0]]))
      #expect(try result.get().value.id == groupID)
      #expect(tunnels == [.init(request: "CONNECT \(Self.host):443", authorization: nil)])
      #expect(try await server.requests(atLeast: 1).count == 1)
    }
  }

  @Test(.enabled(if: NginxServer.isInstalled))
  func `a certificate is not accepted through a proxy that is not accepted without`() async throws {
    for (certificate, words) in [
      ("other-host", "its certificate is for as.example.com, *.as.example.com, and not for \(Self.host)"),
      ("expired", "its certificate expired on 2025-02-01 00:00 UTC"),
      ("self-signed", "is self-signed and not vouched for by the certificates in "),
    ] {
      try await NginxServer.with([NginxSite(certificate: certificate)]) { server in
        let (result, tunnels, proxy) = try await read(
          .connects(["\(Self.host):443": server.ports[0]]), userInfo: "ada:h1d%2Fd%40n@")
        let failure = try result.expectedFailure()
        #expect(failure.code == FleetplanCode.tls)
        #expect(
          failure.message.hasPrefix("no TLS connection to \(Self.host) (through the proxy \(proxy)): its certificate "))
        #expect(failure.message.contains(words))
        // Once for the request, and once to see the certificate.
        #expect(tunnels.map(\.request) == Array(repeating: "CONNECT \(Self.host):443", count: 2))
        #expect(Set(tunnels.map(\.authorization)).count == 1)
        #expect(try await server.requests().isEmpty)
      }
    }
  }

  @Test func `plain HTTP goes through a tunnel too`() async throws {
    try await withServer({ _, _ in .answer(200, body: groupBody) }) { server in
      let (result, tunnels, _) = try await read(
        .connects(["\(Self.host):8080": server.port]), "http://\(Self.host):8080", { $0.allowsHTTP = true })
      #expect(try result.get().value.id == groupID)
      #expect(tunnels.map(\.request) == ["CONNECT \(Self.host):8080"])
      #expect(server.requests.map { $0.header("Proxy-Authorization") } == [nil])
    }
  }

  @Test func `user name and password are for the proxy alone`() async throws {
    try await withServer({ _, _ in .answer(200, body: groupBody) }) { server in
      let (result, tunnels, _) = try await read(
        .connects(["\(Self.host):80": server.port]), userInfo: "ada:h1d%2Fd%40n@", "http://\(Self.host)",
        { $0.allowsHTTP = true })
      #expect(try result.get().value.id == groupID)
      let basic = "Basic " + Data("ada:\(Self.password)".utf8).base64EncodedString()
      #expect(tunnels == [.init(request: "CONNECT \(Self.host):80", authorization: basic)])
      let headers = try #require(server.requests.first).headers
      #expect(!headers.contains { $0.value.contains(basic) || $0.name.lowercased().hasPrefix("proxy") })
    }
  }

  @Test func `each endpoint has its own way`() async throws {
    try await withServer({ _, _ in .answer(200, body: groupBody) }) { server in
      try await ConnectProxy.with(.connects(["\(Self.host):80": server.port])) { proxy in
        try await withClient(
          "http://\(Self.host)",
          {
            $0.proxies = ProxySettings(["http_proxy": "http://127.0.0.1:\(proxy.port)"])
            $0.endpoints = ["p2": server.endpoint, "p3": "http://as.direct.invalid"]
            $0.allowsHTTP = true
          }
        ) { client in
          _ = try await client.read().get()
          _ = try await client.read(GroupReference(projectID: "p2", groupID: groupID)).get()
          #expect(proxy.tunnels.count == 1)
          // Neither this machine nor the proxy knows it.
          let failure = try await client.read(GroupReference(projectID: "p3", groupID: groupID)).expectedFailure()
          #expect(failure.message.contains("as.direct.invalid"))
        }
        #expect(proxy.tunnels.map(\.request) == ["CONNECT \(Self.host):80", "CONNECT as.direct.invalid:80"])
      }
      #expect(server.requests.count == 2)
    }
  }

  // MARK: Refusals

  private func expectFailure(
    _ policy: ConnectProxy.Policy, userInfo: String = "", code: String,
    _ change: (inout ServiceClientOptions) -> Void = { _ in }, message: (_ proxy: String) -> String
  ) async throws {
    let (result, tunnels, proxy) = try await read(policy, userInfo: userInfo, Self.endpoint, change)
    let failure = try result.expectedFailure()
    #expect(failure.certainty == .notSent)
    #expect(failure.disposition == .retryable)
    #expect(failure.code == code)
    #expect(failure.message == message(proxy))
    #expect(tunnels.count == 1)
  }

  @Test(arguments: ["403 Forbidden", "502 Bad Gateway", "302 Found"])
  func `a proxy that opens no tunnel is named`(_ status: String) async throws {
    try await expectFailure(.answers(status), code: FleetplanCode.connectionRefused) { proxy in
      "the proxy \(proxy) refuses to connect to \(Self.host): it cannot reach it, or does not permit it (hosts that need "
        + "no proxy belong into NO_PROXY)"
    }
  }

  @Test func `a proxy that wants a password is told where it is looked for`() async throws {
    try await expectFailure(.answers("407 Proxy Authentication Required"), code: FleetplanCode.connectionRefused) {
      "the proxy \($0) wants a user name and a password: https_proxy=http://USER:PASSWORD@HOST:PORT, percent-encoded"
    }
    try await expectFailure(
      .answers("407 Proxy Authentication Required"), userInfo: "ada:h1dden@", code: FleetplanCode.connectionRefused
    ) { "the proxy \($0) does not accept the user name and password in https_proxy" }
  }

  @Test func `a proxy that never answers is not waited for`() async throws {
    try await expectFailure(.stalls, code: FleetplanCode.connectTimeout, { $0.connectTimeout = .milliseconds(100) }) {
      "\(Self.host) (through the proxy \($0)) could not be connected in time"
    }
  }

  @Test func `a proxy that is not there is named`() async throws {
    let settings = { (proxy: String) in
      { (options: inout ServiceClientOptions) in options.proxies = ProxySettings(["HTTPS_PROXY": proxy]) }
    }
    let gone = try await ConnectProxy.with(.stalls) { $0.port }
    let refused = try await withClient(Self.endpoint, settings("http://127.0.0.1:\(gone)")) { client in
      try await client.read().expectedFailure()
    }
    #expect(refused.code == FleetplanCode.connectionRefused)
    #expect(refused.message == "the proxy 127.0.0.1:\(gone) refuses connections")
    let unknown = try await withClient(Self.endpoint, settings("http://proxy.invalid:3128")) { client in
      try await client.read().expectedFailure()
    }
    #expect(unknown.code == FleetplanCode.nameNotFound)
    #expect(unknown.message == "the name of the proxy proxy.invalid:3128 has no address")
  }
}
