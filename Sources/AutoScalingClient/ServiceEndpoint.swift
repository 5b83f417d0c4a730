import AutoScaling

/// The address of a service: scheme, host, port and perhaps the beginning of a path.
package struct ServiceEndpoint: Sendable, Hashable {
  package var usesTLS: Bool
  /// As in a URL: an IPv6 address has its brackets.
  package var host: String
  /// `nil` where it is the scheme's default.
  package var port: Int?
  /// Empty, or `/` and more, without a trailing `/`.
  package var basePath: String

  /// The value of the `Host` header.
  package var authority: String { port.map { "\(host):\($0)" } ?? host }

  /// Reads an endpoint such as `https://as.eu-de.otc.t-systems.com` or `http://127.0.0.1:8080`.
  ///
  /// - Throws: `ServiceConfigurationError.invalidEndpoint`. User names and passwords are refused and not repeated.
  package init(_ text: String) throws(ServiceConfigurationError) {
    func invalid(_ reason: String) -> ServiceConfigurationError {
      .invalidEndpoint(Self.shown(text), reason: reason)
    }

    var rest = text[...]
    guard let schemeEnd = text.firstRange(of: "://") else {
      throw invalid("it must begin with https:// (or http://)")
    }
    switch text[..<schemeEnd.lowerBound].lowercased() {
    case "https": usesTLS = true
    case "http": usesTLS = false
    default: throw invalid("it must begin with https:// (or http://)")
    }
    rest = text[schemeEnd.upperBound...]
    if rest.contains("@") {
      throw ServiceConfigurationError.invalidEndpoint(
        "\(usesTLS ? "https" : "http")://…", reason: "it must not have a user name or password")
    }
    if rest.contains(where: { $0 == "?" || $0 == "#" }) { throw invalid("it must have no query and no fragment") }

    let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
    var path = rest[pathStart...]
    while path.last == "/" { path.removeLast() }
    guard path.utf8.allSatisfy({ $0 == UInt8(ascii: "/") || Self.isUnreserved($0) }) else {
      throw invalid("its path may have letters, digits, '-', '.', '_', '~' and '/' only")
    }
    if path.contains("/autoscaling-api") { throw invalid("leave /autoscaling-api and what follows it out") }
    basePath = String(path)

    (host, port) = try Self.split(authority: rest[..<pathStart], defaultPort: usesTLS ? 443 : 80, invalid)
  }

  /// For a message: nothing of a text with an `@`, before which there may be a password, and no query.
  private static func shown(_ text: String) -> String {
    if text.contains("@") { return "(not shown, since it may have a password in it)" }
    let beginning = text.prefix { $0 != "?" && $0 != "#" }
    return String(beginning).quotedForMessage + (beginning.endIndex == text.endIndex ? "" : "…")
  }

  /// An address of this machine: `localhost`, 127.0.0.0/8 or ::1 (RFC 6761, RFC 5735, RFC 4291).
  package var isLoopback: Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Splits `host:port`.
  ///
  /// - Parameters:
  ///   - authority: without a user name.
  ///   - defaultPort: is left out where it is named; `nil` for none.
  ///   - invalid: makes the error from the reason.
  /// - Returns: the host in lower case, an IPv6 address with its brackets, and the port where there is another one.
  /// - Throws: what `invalid` has made.
  static func split(
    authority: Substring, defaultPort: Int?, _ invalid: (String) -> ServiceConfigurationError
  ) throws(ServiceConfigurationError) -> (host: String, port: Int?) {
    var host = authority
    var portText: Substring?
    if host.first == "[" {
      guard let closing = host.firstIndex(of: "]") else { throw invalid("the IPv6 address is not closed by ']'") }
      let after = host[host.index(after: closing)...]
      if !after.isEmpty {
        guard after.first == ":" else { throw invalid("only a port may follow the host") }
        portText = after.dropFirst()
      }
      host = host[...closing]
      guard host.utf8.dropFirst().dropLast().allSatisfy({ $0.isIPv6Character }), host.utf8.count > 3 else {
        throw invalid("the IPv6 address is none")
      }
    } else {
      if let colon = host.firstIndex(of: ":") {
        portText = host[host.index(after: colon)...]
        host = host[..<colon]
      }
      guard !host.isEmpty else { throw invalid("it has no host") }
      guard host.utf8.allSatisfy(isUnreserved) else { throw invalid("the host has characters that no host has") }
    }
    var port: Int?
    if let portText {
      guard let number = Int(portText), FieldLimits.protocolPort.contains(number), portText.first != "+" else {
        throw invalid("the port must be 1 to 65535")
      }
      port = number == defaultPort ? nil : number
    }
    return (host.lowercased(), port)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool { byte.isUnreservedURLCharacter }
}

extension ServiceEndpoint: CustomStringConvertible {
  package var description: String { "\(usesTLS ? "https" : "http")://\(authority)\(basePath)" }
}

extension UInt8 {
  /// RFC 3986, section 2.3.
  var isUnreservedURLCharacter: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }

  fileprivate var isIPv6Character: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

extension String {
  /// Percent-encoded with upper-case digits, all but RFC 3986's unreserved characters.
  var percentEncoded: String {
    if utf8.allSatisfy(\.isUnreservedURLCharacter) { return self }
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in utf8 {
      if byte.isUnreservedURLCharacter {
        bytes.append(byte)
      } else {
        bytes.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
