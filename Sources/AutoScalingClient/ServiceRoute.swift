/// The way to a service: what messages about its connections name.
struct ServiceRoute: Sendable, Hashable, CustomStringConvertible {
  var endpoint: ServiceEndpoint
  /// `nil` where it is reached directly.
  var proxy: ProxyServer?

  /// Host and port, and the proxy if there is one.
  var description: String { endpoint.authority + (proxy.map { " (through the proxy \($0))" } ?? "") }

  /// What the first connection goes to.
  var firstHop: String { proxy.map { "the proxy \($0)" } ?? endpoint.authority }
}
