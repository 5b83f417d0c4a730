#if canImport(Glibc)
  import Glibc
#endif

/// Holds a TCP port of 127.0.0.1 without listening on it, so that it is still ours after an outage.
///
/// An unheld port of the ephemeral range can be taken by any outgoing connection; a client that keeps on trying to
/// connect to it can even end up connected to itself. On Linux two sockets with SO_REUSEADDR can have the same port as
/// long as only one of them listens (`man 7 socket`).
final class PortReservation: Sendable {
  /// Why a port cannot be had.
  struct Failure: Error, Sendable, CustomStringConvertible {
    var port: Int
    var reason: String

    var description: String { "port \(port) of 127.0.0.1: \(reason)" }
  }

  /// The port to listen on: 0 stays 0 where ports cannot be held.
  let port: Int

  #if canImport(Glibc)
    private let descriptor: CInt

    /// Takes a port, any free one for 0.
    ///
    /// - Throws: `Failure` where somebody listens on it, or it is not allowed.
    init(_ wanted: Int) throws(Failure) {
      func failure() -> Failure { Failure(port: wanted, reason: String(cString: strerror(errno))) }
      guard let number = in_port_t(exactly: wanted) else {
        throw Failure(port: wanted, reason: "a port is 0 to 65535")
      }
      descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
      if descriptor < 0 { throw failure() }
      var isReusable: CInt = 1
      let size = socklen_t(MemoryLayout<CInt>.size)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = number.bigEndian
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let descriptor = descriptor
      let isHeld = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReusable, size) == 0
            && bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
      }
      if !isHeld {
        let failure = failure()
        close(descriptor)
        throw failure
      }
      port = Int(in_port_t(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
  #else
    init(_ wanted: Int) throws(Failure) { port = wanted }
  #endif
}
