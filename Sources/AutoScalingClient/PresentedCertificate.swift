import AutoScaling
import NIOSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a server has shown of itself, and nobody may have vouched for.
struct PresentedCertificate: Sendable, Hashable {
  /// DNS names and addresses that it is for (RFC 5280, section 4.2.1.6).
  var names: [String]
  /// The common name or the organization, as a person would call it.
  var subject: String
  /// The same of who signed it.
  var issuer: String
  /// It names the same as its subject and as who signed it.
  var isSelfSigned: Bool
  /// Seconds since 1970.
  var validFrom: Int
  /// Seconds since 1970.
  var validTo: Int
}

extension PresentedCertificate {
  init(_ certificate: NIOSSLCertificate) {
    names = certificate._subjectAlternativeNames().compactMap { name in
      switch name.nameType {
      case .dnsName: Self.shown(String(decoding: name.contents, as: UTF8.self))
      case .ipAddress: IPAddress(bytes: Array(name.contents))?.description
      default: nil
      }
    }
    subject = Self.shown(certificate.subjectName)
    issuer = Self.shown(certificate.issuerName)
    isSelfSigned = certificate.subjectName == certificate.issuerName
    validFrom = Int(certificate.notValidBefore)
    validTo = Int(certificate.notValidAfter)
  }

  private static func shown(_ name: [SSLCertificateName]) -> String {
    let part = name.first { $0.type == .commonName } ?? name.first { $0.type == .organization }
    return part.map { shown($0.value) } ?? "no name"
  }

  /// A server can put anything into it.
  private static func shown(_ text: String) -> String { ServiceErrorBody.cleaned(text, limit: 100) }
}

extension PresentedCertificate {
  /// Names of a certificate that are listed.
  private static let listedNames = 5

  /// Why it is not accepted, and what to do.
  ///
  /// - Parameters:
  ///   - caFile: file of the trusted authorities; `nil` for the system's.
  ///   - secondsSince1970: the time by this machine's clock.
  /// - Returns: words that go on after "no TLS connection to HOST: its certificate ".
  func complaint(caFile: String?, secondsSince1970: Double) -> String {
    let now = Int(secondsSince1970)
    if now > validTo { return "expired on \(validTo.utcTime), and it is \(now.utcTime) by this machine's clock" }
    if now < validFrom {
      return "is valid from \(validFrom.utcTime) on, and it is \(now.utcTime) by this machine's clock"
    }
    let authorities = caFile.map { "the certificates in \($0)" } ?? "this system's certificate authorities"
    let cure =
      "where it is the right one, name a PEM file of its authority by --ca-file, OS_CACERT, or cacert in clouds.yaml"
    if isSelfSigned {
      return "for \"\(subject)\" is self-signed and not vouched for by \(authorities): \(cure)"
    }
    return "is signed by \"\(issuer)\", which is not vouched for by \(authorities): \(cure)"
  }

  /// That it is for another host.
  ///
  /// - Parameter host: the one that was asked.
  /// - Returns: words that go on after "no TLS connection to HOST: its certificate ".
  func complaint(otherThan host: String) -> String {
    guard !names.isEmpty else { return "names no host at all, so that it is not for \(host)" }
    let listed = names.prefix(Self.listedNames).joined(separator: ", ")
    let more = names.count > Self.listedNames ? " and \(names.count - Self.listedNames) more" : ""
    return "is for \(listed)\(more), and not for \(host): look at the endpoint's name"
  }
}

extension Int {
  /// Seconds since 1970 as `2026-11-24 01:02 UTC`.
  fileprivate var utcTime: String {
    var seconds = time_t(self)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "\(self) s after 1970" }
    func digits(_ number: Int32, _ count: Int = 2) -> String {
      let text = String(number)
      return String(repeating: "0", count: Swift.max(0, count - text.count)) + text
    }
    return digits(parts.tm_year + 1900, 4) + "-" + digits(parts.tm_mon + 1) + "-" + digits(parts.tm_mday) + " "
      + digits(parts.tm_hour) + ":" + digits(parts.tm_min) + " UTC"
  }
}
