#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// TCP ports of 127.0.0.1.
enum LoopbackPort {
  /// A port that nobody has at the moment.
  ///
  /// - Throws: `BenchError` where the system gives none.
  static func free() throws -> Int {
    let descriptor = try socket()
    defer { close(descriptor) }
    var address = address(of: 0)
    let result = withSocketAddress(&address) { pointer, size in
      guard bind(descriptor, pointer, size) == 0 else { return errno }
      var size = size
      return getsockname(descriptor, pointer, &size) == 0 ? 0 : errno
    }
    guard result == 0 else {
      throw BenchError(
        status: BenchError.Status.unavailable, message: "no free port: \(String(cString: strerror(result)))")
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// Whether somebody listens on it.
  static func isOpen(_ port: Int) -> Bool {
    // Without a socket nobody can be asked: not open.
    guard let descriptor = try? socket() else { return false }
    defer { close(descriptor) }
    var address = address(of: port)
    return withSocketAddress(&address) { connect(descriptor, $0, $1) } == 0
  }

  private static func socket() throws -> CInt {
    #if canImport(Glibc)
      let descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = Darwin.socket(AF_INET, SOCK_STREAM, 0)
    #endif
    guard descriptor >= 0 else {
      throw BenchError(
        status: BenchError.Status.unavailable, message: "no socket: \(String(cString: strerror(errno)))")
    }
    return descriptor
  }

  private static func address(of port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return address
  }

  private static func withSocketAddress<Value>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Value
  ) -> Value {
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
