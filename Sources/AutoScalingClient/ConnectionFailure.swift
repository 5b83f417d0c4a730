import AsyncHTTPClient
import AutoScaling
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension HTTPFailure {
  /// The failure in the terms of the service: not sent before the head was written, lost after it.
  ///
  /// - Parameters:
  ///   - route: what was asked, and through what.
  ///   - timeout: the limit of the whole exchange, for the message.
  /// - Returns: a retryable failure; a permanent one only where the request itself is impossible.
  func serviceFailure(route: ServiceRoute, timeout: Duration) -> ServiceFailure {
    let (code, message) = wasSent ? lost(route: route, timeout: timeout) : notSent(route: route)
    return ServiceFailure(
      certainty: wasSent ? .lost : .notSent,
      disposition: code == FleetplanCode.invalidRequest ? .permanent : .retryable, status: status, code: code,
      message: message)
  }

  // MARK: Before the head was written

  private func notSent(route: ServiceRoute) -> (code: String, message: String) {
    switch error {
    case let error as NIOConnectionError:
      return notConnected(error, route: route)
    case let error as HTTPClientError:
      return notSent(error, route: route)
    case ChannelError.connectTimeout:
      return (FleetplanCode.connectTimeout, "\(route) could not be connected in time")
    case let error as IOError where error.errnoCode == ECONNREFUSED:
      return (FleetplanCode.connectionRefused, "\(route.firstHop) refuses connections")
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      return (FleetplanCode.tls, tlsMessage(route: route))
    default:
      return (
        FleetplanCode.connectionReset, "no connection to \(route): \(ServiceErrorBody.cleaned("\(error)"))"
      )
    }
  }

  private func notSent(_ error: HTTPClientError, route: ServiceRoute) -> (code: String, message: String) {
    switch error {
    case .connectTimeout, .getConnectionFromPoolTimeout, .deadlineExceeded:
      return (FleetplanCode.connectTimeout, "\(route) could not be connected in time")
    case .httpProxyHandshakeTimeout:
      return (
        FleetplanCode.connectTimeout, "\(route.firstHop) did not connect to \(route.endpoint.authority) in time"
      )
    case .invalidProxyResponse:
      return (
        FleetplanCode.connectionRefused,
        "\(route.firstHop) refuses to connect to \(route.endpoint.authority): it cannot reach it, or does not permit it "
          + "(hosts that need no proxy belong into NO_PROXY)"
      )
    case .proxyAuthenticationRequired:
      let words =
        route.proxy.map { proxy in
          proxy.hasCredentials
            ? "does not accept the user name and password in \(proxy.variable)"
            : "wants a user name and a password: \(proxy.variable)=http://USER:PASSWORD@HOST:PORT, percent-encoded"
        } ?? "wants a user name and a password"
      return (FleetplanCode.connectionRefused, "\(route.firstHop) \(words)")
    case .tlsHandshakeTimeout:
      return (FleetplanCode.tls, "the TLS handshake with \(route) did not end in time")
    case .remoteConnectionClosed:
      return (FleetplanCode.connectionReset, "\(route) closed the connection before the request was sent")
    case .alreadyShutdown, .cancelled:
      return (FleetplanCode.cancelled, "the client was shut down before the request to \(route) was sent")
    default:
      // The short text has no values: they could be a header's.
      return (FleetplanCode.invalidRequest, "the request to \(route) could not be made: \(error.shortDescription)")
    }
  }

  private func notConnected(_ error: NIOConnectionError, route: ServiceRoute) -> (code: String, message: String) {
    // The server, or the proxy before it.
    let hop = route.firstHop
    guard let first = error.connectionErrors.first else {
      return (FleetplanCode.nameNotFound, "the name of \(hop) has no address")
    }
    // TLS is set up before the first byte: where that cannot be done, each address fails with it.
    if first.error is BoringSSLError {
      return (FleetplanCode.tls, HTTPFailure(error: first.error, wasSent: false).tlsMessage(route: route))
    }
    let causes = error.connectionErrors.map(\.error)
    if causes.allSatisfy({ if case ChannelError.connectTimeout = $0 { true } else { false } }) {
      return (FleetplanCode.connectTimeout, "\(hop) could not be connected in time")
    }
    if causes.contains(where: { ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
      return (FleetplanCode.connectionRefused, "\(hop) refuses connections")
    }
    return (
      FleetplanCode.connectionRefused, "\(hop) cannot be reached: \(ServiceErrorBody.cleaned("\(first.error)"))"
    )
  }

  // MARK: After it

  private func lost(route: ServiceRoute, timeout: Duration) -> (code: String, message: String) {
    switch error {
    case is BodyTooLargeError:
      let limit = ExchangeDelegate.bodyLimit / 1024 / 1024
      return (FleetplanCode.bodyTooLarge, "\(route) answered with more than \(limit) MiB")
    case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
      return (FleetplanCode.requestTimeout, "no complete answer from \(route) within \(timeout.formatted)")
    case let error as HTTPClientError where error == .cancelled || error == .alreadyShutdown:
      return (FleetplanCode.cancelled, "the client was shut down before an answer from \(route) came")
    case let error as HTTPParserError where error != .invalidEOFState && error != .closedConnection:
      return (FleetplanCode.notHTTP, "what \(route) answered is not HTTP/1.1 (\(error))")
    default:
      if status != nil {
        return (FleetplanCode.truncatedBody, "\(route) closed the connection in the middle of its answer")
      }
      return (FleetplanCode.connectionReset, "\(route) closed the connection before it answered")
    }
  }
}

extension Duration {
  /// `30 s`, `250 ms`.
  fileprivate var formatted: String {
    let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    return milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
  }
}
