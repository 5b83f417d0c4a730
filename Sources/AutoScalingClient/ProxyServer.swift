import AsyncHTTPClient

/// An HTTP proxy, through which connections are tunnelled with `CONNECT` (RFC 9110, section 9.3.6).
///
/// User name and password are part of no text about it.
package struct ProxyServer: Sendable, Hashable {
  /// As in a URL: an IPv6 address has its brackets.
  package let host: String
  package let port: Int
  /// The environment variable that names it, for messages.
  package let variable: String
  private let credentials: Credentials?

  private struct Credentials: Hashable {
    var userName: String
    var password: String
  }

  /// Reads a proxy such as `http://proxy.example.com:3128`, `http://user:p%40ss@[fd00::1]:3128` or `proxy:3128`.
  ///
  /// - Parameters:
  ///   - text: the value of the variable; user name and password are percent-encoded.
  ///   - variable: the variable's name.
  /// - Throws: `ServiceConfigurationError.unusableProxy`, which does not repeat the text: there may be a password in it.
  init(_ text: String, variable: String) throws(ServiceConfigurationError) {
    let hasUserName = text.contains("@")
    func invalid(_ reason: String) -> ServiceConfigurationError { .unusableProxy(variable: variable, reason: reason) }
    func malformed(_ reason: String) -> ServiceConfigurationError {
      guard hasUserName else { return invalid(reason) }
      return invalid("\(reason) (in a user name or password, characters such as / @ : and # must be percent-encoded)")
    }

    var rest = text[...]
    if let schemeEnd = text.firstRange(of: "://") {
      switch text[..<schemeEnd.lowerBound].lowercased() {
      case "http": break
      case "https":
        throw invalid("a proxy that is itself spoken to with TLS is not supported: name it with http://HOST:PORT")
      case let scheme where scheme.hasPrefix("socks"):
        throw invalid("SOCKS is not supported: name an HTTP proxy, with http://HOST:PORT, or leave it unset")
      default: throw malformed("it must be http://HOST:PORT")
      }
      rest = text[schemeEnd.upperBound...]
    }
    if rest.last == "/" { rest.removeLast() }
    if rest.contains(where: { "/?#".contains($0) }) { throw malformed("it must be http://HOST:PORT and no more") }

    var credentials: Credentials?
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let userName = String(parts[0]).percentDecoded,
        let password = String(parts.count > 1 ? parts[1] : "").percentDecoded
      else { throw invalid("its user name or password is not percent-encoded UTF-8") }
      // RFC 7617, section 2: the colon ends the user name, and control characters have no place in either.
      guard !userName.contains(":"),
        (userName + password).unicodeScalars.allSatisfy({ $0.value >= 32 && $0 != "\u{7F}" })
      else { throw invalid("its user name has a colon, or there are control characters in it or in the password") }
      credentials = Credentials(userName: userName, password: password)
      rest = rest[rest.index(after: at)...]
    }
    let (host, port) = try ServiceEndpoint.split(authority: rest, defaultPort: nil, malformed)
    guard let port else {
      throw invalid("it has no port, over which programs differ: write it, as in http://HOST:3128")
    }
    self.host = host
    self.port = port
    self.variable = variable
    self.credentials = credentials
  }

  /// That it has been given a user name.
  var hasCredentials: Bool { credentials != nil }

  /// The proxy as AsyncHTTPClient takes it.
  var configuration: HTTPClient.Configuration.Proxy {
    .server(host: host.withoutBrackets, port: port, authorization: basic)
  }

  /// The value of `Proxy-Authorization`, where there is one.
  var authorization: String? { basic?.headerValue }

  private var basic: HTTPClient.Authorization? {
    credentials.map { .basic(username: $0.userName, password: $0.password) }
  }
}

extension ProxyServer: CustomStringConvertible, CustomReflectable {
  /// Host and port.
  package var description: String { "\(host):\(port)" }

  package var customMirror: Mirror { Mirror(self, children: ["address": description, "variable": variable]) }
}

extension String {
  /// `nil` where a `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8.
  var percentDecoded: String? {
    var bytes: [UInt8] = []
    var rest = utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst()?.hexadecimalDigit, let low = rest.popFirst()?.hexadecimalDigit else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// An IPv6 address as it is outside of URLs.
  var withoutBrackets: String { hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self }
}

extension UInt8 {
  fileprivate var hexadecimalDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
