#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An IPv4 or IPv6 address.
struct IPAddress: Hashable, Sendable {
  /// In network order: 4 or 16.
  let bytes: [UInt8]

  /// Reads `10.1.2.3` or `fd00::1`, without brackets and zone.
  init?(_ text: String) {
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 {
        self.bytes = bytes
        return
      }
    }
    return nil
  }

  /// - Parameter bytes: in network order; `nil` for other than 4 or 16 of them.
  init?(bytes: [UInt8]) {
    guard [4, 16].contains(bytes.count) else { return nil }
    self.bytes = bytes
  }

  /// Whether the first bits are those of the network.
  func isIn(_ network: IPAddress, prefixLength: Int) -> Bool {
    guard bytes.count == network.bytes.count else { return false }
    let whole = prefixLength / 8
    guard bytes[..<whole] == network.bytes[..<whole] else { return false }
    let rest = prefixLength % 8
    return rest == 0 || (bytes[whole] ^ network.bytes[whole]) >> UInt8(8 - rest) == 0
  }
}

extension IPAddress: CustomStringConvertible {
  var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else {
      preconditionFailure("4 or 16 bytes always have a text that fits")
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
