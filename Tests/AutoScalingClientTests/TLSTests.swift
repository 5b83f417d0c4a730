import AutoScaling
import AutoScalingClient
import Foundation
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
  /// Runs a PUT against a TLS server.
  private func modify(host: String = "localhost", _ change: (inout ServiceClientOptions) -> Void) async throws
    -> ServiceResult<Void>
  {
    let server = try await LoopbackServer(certificate: (TestCertificate.chain, TestCertificate.key)) { _, _ in
      .answer(200, body: modifiedBody)
    }
    let result = try await withClient("https://\(host):\(server.port)", change) { client in await client.modify() }
    #expect(server.requests.count == ((try? result.get()) == nil ? 0 : 1))
    try await server.stop()
    return result
  }

  @Test func `a server whose certificate the CA file vouches for is talked to`() async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("fleetplan-ca-\(UUID().uuidString).pem")
    try Data(TestCertificate.chain.utf8).write(to: file)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: file) } }
    _ = try await modify({ $0.caFile = file.path }).get()
    // The certificate is for localhost only.
    let failure = try await modify(host: "127.0.0.1", { $0.caFile = file.path }).expectedFailure()
    #expect(failure.certainty == .notSent)
    #expect(failure.code == FleetplanCode.tls)
  }

  @Test func `a server that nobody vouches for is not sent to`() async throws {
    let failure = try await modify({ _ in }).expectedFailure()
    #expect(failure.certainty == .notSent)
    #expect(failure.disposition == .retryable)
    #expect(failure.code == FleetplanCode.tls)
    #expect(failure.message.contains("CERTIFICATE_VERIFY_FAILED"))
  }

  @Test func `verification can be switched off`() async throws {
    _ = try await modify({ $0.skipsCertificateVerification = true }).get()
  }
}
