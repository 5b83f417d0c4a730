/// Where the service is, and how to talk to it.
package struct ServiceClientOptions: Sendable {
  /// Endpoint of projects that are not in `endpoints`: the AS endpoint, without `/autoscaling-api`.
  package var endpoint: String?
  /// Endpoints of single projects, by project id.
  package var endpoints: [String: String]
  /// For a whole exchange, connecting included.
  package var requestTimeout: Duration
  /// For connecting and the TLS handshake; never longer than `requestTimeout`.
  package var connectTimeout: Duration
  /// Connections per endpoint; as many as there are exchanges at a time (1 or more).
  package var maximumConnections: Int
  /// PEM file of certificate authorities, in place of the system's.
  package var caFile: String?
  /// Accepts any certificate.
  package var skipsCertificateVerification: Bool
  /// Which endpoints are reached through a proxy.
  package var proxies: ProxySettings
  /// Allows plain HTTP to hosts other than loopback.
  package var allowsHTTP: Bool
  package var userAgent: String
  /// Threads for the network; one carries more requests than two cores can make use of.
  package var eventLoopCount: Int
  /// The time, in seconds since 1970, for signatures and for `Retry-After` dates.
  package var wallClock: @Sendable () -> Double

  package init(
    endpoint: String? = nil, endpoints: [String: String] = [:], requestTimeout: Duration = .seconds(30),
    connectTimeout: Duration = .seconds(10), maximumConnections: Int = 8, caFile: String? = nil,
    skipsCertificateVerification: Bool = false, proxies: ProxySettings = .none, allowsHTTP: Bool = false,
    userAgent: String = "fleetplan", eventLoopCount: Int = 1, wallClock: @escaping @Sendable () -> Double
  ) {
    self.endpoint = endpoint
    self.endpoints = endpoints
    self.requestTimeout = requestTimeout
    self.connectTimeout = connectTimeout
    self.maximumConnections = maximumConnections
    self.caFile = caFile
    self.skipsCertificateVerification = skipsCertificateVerification
    self.proxies = proxies
    self.allowsHTTP = allowsHTTP
    self.userAgent = userAgent
    self.eventLoopCount = eventLoopCount
    self.wallClock = wallClock
  }

  /// The endpoint of a project.
  ///
  /// - Throws: `ServiceConfigurationError` where there is none, it is no URL, or it is plain HTTP and must not be.
  package func serviceEndpoint(ofProject projectID: String) throws(ServiceConfigurationError) -> ServiceEndpoint {
    guard let text = endpoints[projectID] ?? endpoint else {
      throw ServiceConfigurationError.noEndpoint(projectID: projectID)
    }
    return try checked(text)
  }

  /// Every endpoint that is named, once it is checked.
  ///
  /// - Throws: as `serviceEndpoint(ofProject:)`.
  func serviceEndpoints() throws(ServiceConfigurationError) -> [ServiceEndpoint] {
    var checked: [ServiceEndpoint] = []
    if let endpoint { checked.append(try self.checked(endpoint)) }
    for (_, text) in endpoints.sorted(by: { $0.key < $1.key }) { checked.append(try self.checked(text)) }
    return checked
  }

  /// Reads an endpoint.
  ///
  /// - Throws: `ServiceConfigurationError` where it is no URL, or plain HTTP and must not be.
  func checked(_ text: String) throws(ServiceConfigurationError) -> ServiceEndpoint {
    let endpoint = try ServiceEndpoint(text)
    guard endpoint.usesTLS || endpoint.isLoopback || allowsHTTP else {
      throw ServiceConfigurationError.plainHTTP(endpoint: endpoint.description)
    }
    return endpoint
  }
}
