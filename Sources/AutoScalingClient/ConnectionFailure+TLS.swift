import AutoScaling
import NIOSSL

/// Why there is no TLS connection, as far as the library tells.
private enum TLSProblem {
  /// Nobody vouches for the certificate, or it is out of date: the library does not say which.
  case certificate
  /// The certificate is for another host.
  case otherHost
  /// The server speaks something else.
  case noTLS
  /// The server has closed the connection.
  case closed
  /// The two have no version or cipher in common.
  case nothingInCommon
  /// There is no file or folder of authorities.
  case noAuthorities
  case other
}

extension HTTPFailure {
  /// That a handshake failed over the server's certificate, so that looking at it would tell why.
  var isAboutCertificate: Bool {
    guard !wasSent else { return false }
    switch tlsProblem {
    case .certificate, .otherHost: return true
    case .noTLS, .closed, .nothingInCommon, .noAuthorities, .other: return false
    }
  }

  /// Why there is no TLS connection, and what to do.
  ///
  /// - Parameters:
  ///   - route: what was to be connected.
  ///   - certificate: what the server has shown, if it is known.
  ///   - caFile: file of the trusted authorities; `nil` for the system's.
  ///   - secondsSince1970: the time.
  /// - Returns: the message.
  func tlsMessage(
    route: ServiceRoute, certificate: PresentedCertificate, caFile: String?, secondsSince1970: Double
  ) -> String {
    let complaint =
      tlsProblem == .otherHost
      ? certificate.complaint(otherThan: route.endpoint.host.withoutBrackets)
      : certificate.complaint(caFile: caFile, secondsSince1970: secondsSince1970)
    return "no TLS connection to \(route): its certificate \(complaint)"
  }

  /// Why there is no TLS connection, where nothing is known about the certificate.
  ///
  /// - Parameter route: what was to be connected.
  /// - Returns: the message.
  func tlsMessage(route: ServiceRoute) -> String {
    let reason =
      switch tlsProblem {
      case .certificate:
        "its certificate is out of date, or signed by an authority that is not trusted here (--ca-file, OS_CACERT, "
          + "or cacert in clouds.yaml names a file of others)"
      case .otherHost: "its certificate is not for \(route.endpoint.host.withoutBrackets): look at the endpoint's name"
      case .noTLS: "it does not speak TLS on this port: look at the endpoint's port, and at http or https before it"
      case .closed: "it closed the connection during the handshake"
      case .nothingInCommon: "it has no TLS version (1.2 or newer) or cipher in common with this program"
      case .noAuthorities:
        "this system has no certificate authorities (Debian: package ca-certificates); --ca-file, OS_CACERT, or cacert "
          + "in clouds.yaml names a file of others"
      case .other: ServiceErrorBody.cleaned("\(error)")
      }
    return "no TLS connection to \(route): \(reason)"
  }

  private var tlsProblem: TLSProblem {
    switch error {
    case let error as NIOSSLExtraError: return error == .failedToValidateHostname ? .otherHost : .other
    case NIOSSLError.handshakeFailed(let error): return Self.problem(error)
    case NIOSSLError.uncleanShutdown: return .closed
    case let error as BoringSSLError: return Self.problem(error)
    default: return .other
    }
  }

  private static func problem(_ error: BoringSSLError) -> TLSProblem {
    // The library gives its errors no names, only this text.
    let text = "\(error)"
    func has(_ names: String...) -> Bool { names.contains { text.contains($0) } }
    if has("CERTIFICATE_VERIFY_FAILED") { return .certificate }
    if has("WRONG_VERSION_NUMBER", "HTTP_REQUEST") { return .noTLS }
    if has("EOF during handshake") { return .closed }
    if has("UNSUPPORTED_PROTOCOL", "ALERT_PROTOCOL_VERSION", "HANDSHAKE_FAILURE", "NO_SHARED_CIPHER") {
      return .nothingInCommon
    }
    if case .unknownError(let stack) = error, stack.isEmpty { return .noAuthorities }
    return .other
  }
}
