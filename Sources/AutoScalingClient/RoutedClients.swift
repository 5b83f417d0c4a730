import AsyncHTTPClient
import NIOCore

/// HTTP clients on one event loop group, one for each proxy and one for none: with AsyncHTTPClient, a proxy belongs to a
/// client and not to a request.
struct RoutedClients: Sendable {
  private let direct: HTTPClient
  private let proxied: [ProxyServer: HTTPClient]

  /// - Parameters:
  ///   - proxies: all that requests will go through; `nil` need not be among them.
  ///   - eventLoopGroup: is left running by the shutdown.
  ///   - configuration: of all clients, without a proxy.
  init(
    proxies: Set<ProxyServer?>, eventLoopGroup: any EventLoopGroup, configuration: HTTPClient.Configuration
  ) {
    func client(_ proxy: ProxyServer?) -> HTTPClient {
      var configuration = configuration
      configuration.proxy = proxy?.configuration
      return HTTPClient(eventLoopGroupProvider: .shared(eventLoopGroup), configuration: configuration)
    }
    direct = client(nil)
    proxied = Dictionary(uniqueKeysWithValues: proxies.compactMap(\.self).map { ($0, client($0)) })
  }

  /// The client for a proxy, which must be one of those that were named.
  subscript(proxy: ProxyServer?) -> HTTPClient {
    guard let proxy else { return direct }
    guard let client = proxied[proxy] else { preconditionFailure("no client was made for the proxy \(proxy)") }
    return client
  }

  /// Ends all connections.
  ///
  /// - Throws: what the network library reports.
  func syncShutdown() throws {
    for client in [direct] + proxied.values { try client.syncShutdown() }
  }
}
