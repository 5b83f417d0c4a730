import Testing

@testable import AutoScalingClient

/// The words about certificates that the TLS tests do not show.
@Suite struct PresentedCertificateTests {
  private func certificate(names: [String]) -> PresentedCertificate {
    PresentedCertificate(
      names: names, subject: "server", issuer: "authority", isSelfSigned: false, validFrom: 0, validTo: 4_102_444_800)
  }

  @Test func `a certificate of many names is told with some of them`() {
    let many = certificate(names: (1...7).map { "host-\($0)" })
    #expect(
      many.complaint(otherThan: "as.example.com")
        == "is for host-1, host-2, host-3, host-4, host-5 and 2 more, and not for as.example.com: look at the "
        + "endpoint's name")
  }

  @Test func `a certificate without names is told as one`() {
    #expect(
      certificate(names: []).complaint(otherThan: "as.example.com")
        == "names no host at all, so that it is not for as.example.com")
  }

  @Test(arguments: [
    (-1.0, "is valid from 1970-01-01 00:00 UTC on"), (0, "is signed by \"authority\""),
    (4_102_444_800, "is signed by \"authority\""), (4_102_444_801, "expired on 2100-01-01 00:00 UTC"),
  ])
  func `a certificate is valid from its first second to its last`(_ time: Double, _ words: String) {
    #expect(certificate(names: []).complaint(caFile: nil, secondsSince1970: time).hasPrefix(words))
  }
}
