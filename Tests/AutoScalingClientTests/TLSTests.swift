import AutoScaling
import AutoScalingClient
import Foundation
import TestSupport
import Testing

/// TLS against a real nginx: whom the client talks to, and what it says of the others.
@Suite(.timeLimit(.minutes(1)), .enabled(if: NginxServer.isInstalled)) struct TLSTests {
  private static let token = "t0ken"
  private static let authority = TestCertificates.path("authority")
  private static let cure =
    "where it is the right one, name a PEM file of its authority by --ca-file, OS_CACERT, "
    + "or cacert in clouds.yaml"

  /// Runs a PUT against nginx, and checks that it saw the request if it succeeded, and none else.
  private func modify(
    certificate: String?, host: String = "localhost", _ change: (inout ServiceClientOptions) -> Void = { _ in }
  ) async throws -> (result: ServiceResult<Void>, address: String) {
    try await NginxServer.with([NginxSite(certificate: certificate)]) { server in
      let address = "\(host):\(server.ports[0])"
      let result = try await withClient(
        "https://\(address)", authorizer: try TokenAuthorizer(token: Self.token), change
      ) { client in await client.modify() }
      let succeeded = if case .success = result { true } else { false }
      #expect(try await server.requests(atLeast: succeeded ? 1 : 0).count == (succeeded ? 1 : 0))
      return (result, address)
    }
  }

  private func expectRefused(
    certificate: String?, host: String = "localhost", caFile: String?, _ reason: String
  ) async throws {
    let (result, address) = try await modify(certificate: certificate, host: host) { $0.caFile = caFile }
    let failure = try result.expectedFailure()
    #expect(failure.certainty == .notSent)
    #expect(failure.disposition == .retryable)
    #expect(failure.code == FleetplanCode.tls)
    #expect(failure.message == "no TLS connection to \(address): \(reason)")
  }

  // MARK: Accepted

  @Test(arguments: ["localhost", "127.0.0.1"], ["server", "chain"])
  func `a server whom an authority of the CA file vouches for is talked to`(
    _ host: String, _ certificate: String
  ) async throws {
    _ = try await modify(certificate: certificate, host: host) { $0.caFile = Self.authority }.result.get()
  }

  @Test func `a server that vouches for itself is talked to where it is in the CA file`() async throws {
    _ = try await modify(certificate: "self-signed") { $0.caFile = TestCertificates.path("self-signed") }.result.get()
  }

  @Test(arguments: ["server", "by-intermediate", "expired", "future", "self-signed", "other-host"])
  func `verification can be switched off`(_ certificate: String) async throws {
    _ = try await modify(certificate: certificate) { $0.skipsCertificateVerification = true }.result.get()
  }

  // MARK: Refused

  @Test func `an unknown authority is named, and what to do`() async throws {
    try await expectRefused(
      certificate: "server", caFile: nil,
      "its certificate is signed by \"Fleetplan Test Authority\", which is not vouched for by this system's certificate "
        + "authorities: \(Self.cure)")
    let other = TestCertificates.path("other-authority")
    try await expectRefused(
      certificate: "server", caFile: other,
      "its certificate is signed by \"Fleetplan Test Authority\", which is not vouched for by the certificates in "
        + "\(other): \(Self.cure)")
  }

  @Test func `a server that keeps the intermediate certificate to itself is not vouched for`() async throws {
    try await expectRefused(
      certificate: "by-intermediate", caFile: Self.authority,
      "its certificate is signed by \"Fleetplan Test Intermediate\", which is not vouched for by the certificates in "
        + "\(Self.authority): \(Self.cure)")
  }

  @Test func `a self-signed certificate is called that`() async throws {
    try await expectRefused(
      certificate: "self-signed", caFile: Self.authority,
      "its certificate for \"server of its own\" is self-signed and not vouched for by the certificates in "
        + "\(Self.authority): \(Self.cure)")
  }

  @Test func `an expired certificate is told with its date`() async throws {
    try await expectRefused(
      certificate: "expired", caFile: Self.authority,
      "its certificate expired on 2025-02-01 00:00 UTC, and it is 2026-11-24 00:00 UTC by this machine's clock")
  }

  @Test func `a certificate that is not valid yet is told with its date`() async throws {
    try await expectRefused(
      certificate: "future", caFile: Self.authority,
      "its certificate is valid from 2124-01-01 00:00 UTC on, and it is 2026-11-24 00:00 UTC by this machine's clock")
  }

  @Test func `a certificate for another host is told with all names`() async throws {
    try await expectRefused(
      certificate: "other-host", caFile: Self.authority,
      "its certificate is for as.example.com, *.as.example.com, and not for localhost: look at the endpoint's name")
    try await expectRefused(
      certificate: "other-host", host: "127.0.0.1", caFile: Self.authority,
      "its certificate is for as.example.com, *.as.example.com, and not for 127.0.0.1: look at the endpoint's name")
  }

  @Test func `a port that speaks plain HTTP is told apart`() async throws {
    try await expectRefused(
      certificate: nil, caFile: nil,
      "it does not speak TLS on this port: look at the endpoint's port, and at http or https before it")
  }

  @Test func `a server of older versions of TLS is told apart`() async throws {
    // OpenSSL 3 does so at its security level 0 only.
    let old = NginxSite(
      certificate: "server", directives: "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;")
    try await NginxServer.with([old]) { server in
      let failure = try await withClient("https://localhost:\(server.ports[0])", { $0.caFile = Self.authority }) {
        client in
        try await client.modify().expectedFailure()
      }
      #expect(failure.certainty == .notSent)
      #expect(failure.code == FleetplanCode.tls)
      #expect(failure.message.hasSuffix("it has no TLS version (1.2 or newer) or cipher in common with this program"))
    }
  }

  // MARK: After the handshake

  @Test(arguments: [301, 302, 307, 308])
  func `a redirect is not followed, and the other host sees neither request nor token`(_ status: Int) async throws {
    try await withServer({ _, _ in .answer(200, body: modifiedBody) }) { other in
      let site = NginxSite(certificate: "server", directives: "return \(status) \(other.endpoint)$request_uri;")
      try await NginxServer.with([site]) { server in
        try await withClient(
          "https://localhost:\(server.ports[0])", authorizer: try TokenAuthorizer(token: Self.token),
          { $0.caFile = Self.authority }
        ) { client in
          for failure in [try await client.modify().expectedFailure(), try await client.read().expectedFailure()] {
            #expect(failure.status == status)
            #expect(failure.disposition == .permanent)
          }
        }
        #expect(try await server.requests(atLeast: 2).count == 2)
      }
      #expect(other.requests.isEmpty)
    }
  }

  @Test func `a server that ends a connection after some requests costs none of them`() async throws {
    let site = NginxSite(certificate: "server", directives: "keepalive_requests 3;\n" + NginxSite.service)
    try await NginxServer.with([site]) { server in
      try await withClient("https://localhost:\(server.ports[0])", { $0.caFile = Self.authority }) { client in
        for _ in 0..<20 {
          _ = try await client.read().get()
          _ = try await client.modify().get()
        }
      }
      #expect(try await server.requests(atLeast: 40).count == 40)
    }
  }
}
