import Crypto

/// What a signature covers, in the one form in which client and service write it down (reference, section 7.2; Huawei
/// Cloud, "API Request Signing Guide", both forms).
package struct CanonicalRequest: Sendable, Hashable {
  /// The lines of the canonical request, joined by line feeds.
  package let text: String
  /// The names of the signed headers, lower case, in the order in which they are signed.
  package let signedHeaders: [String]

  /// The header that stands for the body's hash where it is present, such as `UNSIGNED-PAYLOAD`.
  private static let bodyHashHeader = "x-sdk-content-sha256"

  /// - Parameters:
  ///   - method: of the request; written in upper case.
  ///   - path: as on the wire, percent-encoded or not; a trailing `/` is added in the canonical form only.
  ///   - query: names and values before percent-encoding; the same name may come several times.
  ///   - headers: those that are signed, with any case of the name and any blanks around the value.
  ///   - body: the exact bytes; empty for none.
  package init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)], body: [UInt8] = []
  ) {
    self.init(
      method: method, path: path, query: query,
      headersInOrder: headers.map { (name: $0.name.lowercased(), value: $0.value) }
        .sorted { ($0.name, $0.value) < ($1.name, $1.value) },
      body: body)
  }

  /// As a verifier builds it: the headers stand in the order in which the signer has named them.
  ///
  /// - Parameters:
  ///   - method: of the request; written in upper case.
  ///   - path: as on the wire.
  ///   - query: names and values, decoded.
  ///   - headersInOrder: the signed headers, names in lower case.
  ///   - body: the exact bytes.
  package init(
    method: String, path: String, query: [(name: String, value: String)],
    headersInOrder: [(name: String, value: String)], body: [UInt8]
  ) {
    let headers = headersInOrder.map { (name: $0.name, value: Self.trimmed($0.value)) }
    signedHeaders = headers.map(\.name)
    let bodyHash = headers.first { $0.name == Self.bodyHashHeader }?.value ?? Hexadecimal.sha256(body)
    text = [
      method.uppercased(), Self.canonical(path: path), Self.canonical(query: query),
      // Each header ends its own line, so that an empty one follows the last.
      headers.map { "\($0.name):\($0.value)\n" }.joined(), signedHeaders.joined(separator: ";"), bodyHash,
    ].joined(separator: "\n")
  }

  /// The lower-case hexadecimal SHA-256 of the text.
  package var sha256: String { Hexadecimal.sha256(Array(text.utf8)) }

  /// Every segment decoded and encoded again, so that `%7e` and `~` are the same; always with a `/` at the end.
  private static func canonical(path: String) -> String {
    var segments = path.split(separator: "/", omittingEmptySubsequences: false)
    if segments.last?.isEmpty == true { segments.removeLast() }
    return segments.map { URIEncoding.encode(URIEncoding.decode($0)) + "/" }.joined()
  }

  /// By name and then by value, as bytes, before they are encoded.
  private static func canonical(query: [(name: String, value: String)]) -> String {
    query.sorted { one, other in
      if one.name != other.name { return one.name.utf8.lexicographicallyPrecedes(other.name.utf8) }
      return one.value.utf8.lexicographicallyPrecedes(other.value.utf8)
    }
    .map { URIEncoding.encode(Array($0.name.utf8)) + "=" + URIEncoding.encode(Array($0.value.utf8)) }
    .joined(separator: "&")
  }

  private static func trimmed(_ value: String) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var rest = value[...]
    while rest.first.map(isBlank) == true { rest.removeFirst() }
    while rest.last.map(isBlank) == true { rest.removeLast() }
    return String(rest)
  }
}

/// Percent-encoding of all but the unreserved characters, with upper-case digits (RFC 3986, section 2.3).
enum URIEncoding {
  static func encode(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        encoded.append(byte)
      default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// A `%` that no two digits follow stands for itself.
  static func decode(_ text: Substring) -> [UInt8] {
    let bytes = Array(text.utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = Hexadecimal.digit(bytes[index + 1]),
        let low = Hexadecimal.digit(bytes[index + 2])
      {
        decoded.append(high << 4 | low)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return decoded
  }
}

enum Hexadecimal {
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  static func sha256(_ bytes: [UInt8]) -> String { text(SHA256.hash(data: bytes)) }

  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
