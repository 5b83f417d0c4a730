/// Hosts that are reached without a proxy: the value of `NO_PROXY`, read as curl reads it.
///
/// Entries are separated by commas or white space:
/// - `*`: every host;
/// - `example.com`, `.example.com` or `*.example.com`: this host and those whose names end in `.example.com`;
/// - `10.1.2.3`, `[fd00::1]`: this address; `10.0.0.0/8`, `fd00::/8`: these addresses (RFC 4632, RFC 4291). They are compared
///   with addresses in endpoints; names are not looked up for it.
///
/// A name or an address may have a port, as in `example.com:8443`, and counts for that port only then (curl's rules have none,
/// those of Go have). An entry that is nothing of this covers nothing.
struct NoProxyList: Sendable {
  private var entries: [Entry]

  private struct Entry {
    var hosts: Hosts
    /// `nil` for all ports.
    var port: Int?
  }

  fileprivate enum Hosts {
    case all
    case name(String)
    case network(IPAddress, prefixLength: Int)
  }

  /// - Parameter text: the value of the variable.
  init(_ text: String) {
    entries = text.split { $0 == "," || $0.isWhitespace }.compactMap { Self.entry(String($0).lowercased()) }
  }

  /// Whether an endpoint is reached without a proxy.
  func covers(_ endpoint: ServiceEndpoint) -> Bool {
    let port = endpoint.port ?? (endpoint.usesTLS ? 443 : 80)
    let address = IPAddress(endpoint.host.withoutBrackets)
    let name = endpoint.host.withoutTrailingDot
    return entries.contains { entry in
      guard entry.port == nil || entry.port == port else { return false }
      switch entry.hosts {
      case .all: return true
      case .name(let suffix): return address == nil && (name == suffix || name.hasSuffix("." + suffix))
      case .network(let network, let length): return address?.isIn(network, prefixLength: length) ?? false
      }
    }
  }

  private static func entry(_ text: String) -> Entry? {
    if text == "*" { return Entry(hosts: .all) }
    if let slash = text.firstIndex(of: "/") {
      guard let network = IPAddress(String(text[..<slash]).withoutBrackets),
        let length = Int(text[text.index(after: slash)...]), (0...network.bytes.count * 8).contains(length)
      else { return nil }
      return Entry(hosts: .network(network, prefixLength: length))
    }
    if let address = IPAddress(text.withoutBrackets) { return Entry(hosts: .address(address)) }
    // What has a colon and is no IPv6 address has a port.
    var host = text
    var port: Int?
    if let colon = text.lastIndex(of: ":") {
      port = Int(text[text.index(after: colon)...])
      guard port != nil else { return nil }
      host = String(text[..<colon])
    }
    if let address = IPAddress(host.withoutBrackets) { return Entry(hosts: .address(address), port: port) }
    if host.hasPrefix("*.") { host.removeFirst() }
    if host.hasPrefix(".") { host.removeFirst() }
    host = host.withoutTrailingDot
    return host.isEmpty ? nil : Entry(hosts: .name(host), port: port)
  }
}

extension NoProxyList.Hosts {
  fileprivate static func address(_ address: IPAddress) -> Self {
    .network(address, prefixLength: address.bytes.count * 8)
  }
}

extension String {
  fileprivate var withoutTrailingDot: String { hasSuffix(".") ? String(dropLast()) : self }
}
