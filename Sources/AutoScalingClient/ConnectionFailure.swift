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
  ///   - host: host and port that were asked.
  ///   - timeout: the limit of the whole exchange, for the message.
  /// - Returns: a retryable failure; a permanent one only where the request itself is impossible.
  func serviceFailure(host: String, timeout: Duration) -> ServiceFailure {
    let (code, message) = wasSent ? lost(host: host, timeout: timeout) : notSent(host: host)
    return ServiceFailure(
      certainty: wasSent ? .lost : .notSent,
      disposition: code == FleetplanCode.invalidRequest ? .permanent : .retryable, status: status, code: code,
      message: message)
  }

  // MARK: Before the head was written

  private func notSent(host: String) -> (code: String, message: String) {
    switch error {
    case let error as NIOConnectionError:
      return notConnected(error, host: host)
    case let error as HTTPClientError:
      switch error {
      case .connectTimeout, .getConnectionFromPoolTimeout, .deadlineExceeded:
        return (FleetplanCode.connectTimeout, "\(host) could not be connected in time")
      case .tlsHandshakeTimeout:
        return (FleetplanCode.tls, "the TLS handshake with \(host) did not end in time")
      case .remoteConnectionClosed:
        return (FleetplanCode.connectionReset, "\(host) closed the connection before the request was sent")
      case .alreadyShutdown, .cancelled:
        return (FleetplanCode.cancelled, "the client was shut down before the request to \(host) was sent")
      default:
        // The short text has no values: they could be a header's.
        return (
          FleetplanCode.invalidRequest, "the request to \(host) could not be made: \(error.shortDescription)"
        )
      }
    case ChannelError.connectTimeout:
      return (FleetplanCode.connectTimeout, "\(host) could not be connected in time")
    case let error as IOError where error.errnoCode == ECONNREFUSED:
      return (FleetplanCode.connectionRefused, "\(host) refuses connections")
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      return (FleetplanCode.tls, "no TLS connection to \(host): \(ServiceErrorBody.cleaned("\(error)"))")
    default:
      return (
        FleetplanCode.connectionReset, "no connection to \(host): \(ServiceErrorBody.cleaned("\(error)"))"
      )
    }
  }

  private func notConnected(
    _ error: NIOConnectionError, host: String
  ) -> (code: String, message: String) {
    guard let first = error.connectionErrors.first else {
      return (FleetplanCode.nameNotFound, "the name of \(host) has no address")
    }
    let causes = error.connectionErrors.map(\.error)
    if causes.allSatisfy({ if case ChannelError.connectTimeout = $0 { true } else { false } }) {
      return (FleetplanCode.connectTimeout, "\(host) could not be connected in time")
    }
    if causes.contains(where: { ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
      return (FleetplanCode.connectionRefused, "\(host) refuses connections")
    }
    return (
      FleetplanCode.connectionRefused, "\(host) cannot be reached: \(ServiceErrorBody.cleaned("\(first.error)"))"
    )
  }

  // MARK: After it

  private func lost(host: String, timeout: Duration) -> (code: String, message: String) {
    switch error {
    case is BodyTooLargeError:
      let limit = ExchangeDelegate.bodyLimit / 1024 / 1024
      return (FleetplanCode.bodyTooLarge, "\(host) answered with more than \(limit) MiB")
    case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
      return (FleetplanCode.requestTimeout, "no complete answer from \(host) within \(timeout.formatted)")
    case let error as HTTPClientError where error == .cancelled || error == .alreadyShutdown:
      return (FleetplanCode.cancelled, "the client was shut down before an answer from \(host) came")
    case let error as HTTPParserError where error != .invalidEOFState && error != .closedConnection:
      return (FleetplanCode.notHTTP, "what \(host) answered is not HTTP/1.1 (\(error))")
    default:
      if status != nil {
        return (FleetplanCode.truncatedBody, "\(host) closed the connection in the middle of its answer")
      }
      return (FleetplanCode.connectionReset, "\(host) closed the connection before it answered")
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
