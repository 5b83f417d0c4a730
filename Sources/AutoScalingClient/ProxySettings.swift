/// Which proxy an endpoint is reached through: the environment variables that curl reads, with curl's rules.
///
/// | variable | is for |
/// |---|---|
/// | `https_proxy`, `HTTPS_PROXY` | endpoints with https |
/// | `http_proxy` | endpoints with http |
/// | `all_proxy`, `ALL_PROXY` | both, where the variable above is not set |
/// | `no_proxy`, `NO_PROXY` | hosts that are reached without one, see `NoProxyList` |
///
/// Of the two spellings the lower-case one wins, and an empty variable is one that is not set. `HTTP_PROXY` is not read: where a
/// program is started as a CGI script, that is a header of the request (https://httpoxy.org). This machine (loopback) is
/// never reached through a proxy.
package struct ProxySettings: Sendable {
  private var https: Variable?
  private var http: Variable?
  private var exceptions: NoProxyList

  private struct Variable {
    var name: String
    var value: String
  }

  /// No proxy for anything.
  package static let none = ProxySettings([:])

  /// - Parameter environment: all variables of the process.
  package init(_ environment: [String: String]) {
    func first(_ names: String...) -> Variable? {
      for name in names {
        if let value = environment[name], !value.isEmpty { return Variable(name: name, value: value) }
      }
      return nil
    }
    https = first("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    http = first("http_proxy", "all_proxy", "ALL_PROXY")
    exceptions = NoProxyList(first("no_proxy", "NO_PROXY")?.value ?? "")
  }

  /// The proxy of an endpoint.
  ///
  /// - Parameter endpoint: what is to be reached.
  /// - Returns: `nil` where it is reached without one.
  /// - Throws: `ServiceConfigurationError.unusableProxy` where the variable that counts for it names no HTTP proxy.
  package func proxy(for endpoint: ServiceEndpoint) throws(ServiceConfigurationError) -> ProxyServer? {
    guard let variable = endpoint.usesTLS ? https : http else { return nil }
    if endpoint.isLoopback || exceptions.covers(endpoint) { return nil }
    return try ProxyServer(variable.value, variable: variable.name)
  }
}

extension ProxySettings: CustomStringConvertible, CustomReflectable {
  /// The variables' names: their values may have passwords.
  package var description: String {
    let names = Set([https, http].compactMap { $0?.name })
    return names.isEmpty ? "no proxy" : "proxies of \(names.sorted().joined(separator: " and "))"
  }

  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
