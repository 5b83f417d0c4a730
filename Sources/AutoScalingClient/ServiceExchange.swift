import AsyncHTTPClient
import AutoScaling
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// One exchange after the other with the service, over pooled connections: what both clients share.
///
/// AsyncHTTPClient's defaults that would be wrong here are off: redirects, repeated connecting, HTTP/2.
final class ServiceExchange: Sendable {
  let options: ServiceClientOptions
  let authorizer: any RequestAuthorizer
  private let eventLoopGroup: MultiThreadedEventLoopGroup
  private let clients: RoutedClients
  private let inspector: CertificateInspector
  private let timeout: TimeAmount
  private let targets = Mutex<[String: ProjectTarget]>([:])
  private let traffic = Mutex(Traffic())

  /// What `shutdown` has to wait for.
  private struct Traffic {
    var isOpen = true
    var inFlight = 0
    /// Completed when the last exchange has ended after the shutdown.
    var drained: EventLoopPromise<Void>?
  }

  /// Projects whose prepared addresses are kept; a plan names few.
  private static let targetLimit = 1_024

  /// - Parameters:
  ///   - options: the endpoints among them.
  ///   - authorizer: puts credentials on the requests about groups.
  ///   - identity: where tokens come from, if any do.
  /// - Throws: `ServiceConfigurationError` for an endpoint, a proxy or a CA file that cannot be used.
  init(
    options: ServiceClientOptions, authorizer: any RequestAuthorizer, identity: ServiceEndpoint? = nil
  ) throws(ServiceConfigurationError) {
    var endpoints = try options.serviceEndpoints()
    if let identity = identity ?? (authorizer as? TokenStore)?.identityEndpoint { endpoints.append(identity) }
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.httpVersion = .http1Only
    configuration.decompression = .disabled
    let connectTimeout = TimeAmount(min(options.connectTimeout, options.requestTimeout))
    configuration.timeout = .init(connect: connectTimeout)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, options.maximumConnections)
    configuration.connectionPool.retryConnectionEstablishment = false
    // Well below the 60 s and more of usual servers: a request on a connection that is being closed would be a lost answer.
    configuration.connectionPool.idleTimeout = .seconds(15)
    configuration.tlsConfiguration = try TLSConfiguration(options)
    let proxies = try Set(
      endpoints.map { endpoint throws(ServiceConfigurationError) in try options.proxies.proxy(for: endpoint) })

    self.options = options
    self.authorizer = authorizer
    timeout = TimeAmount(options.requestTimeout)
    eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: max(1, options.eventLoopCount))
    clients = RoutedClients(proxies: proxies, eventLoopGroup: eventLoopGroup, configuration: configuration)
    inspector = CertificateInspector(connectTimeout: connectTimeout)
  }

  /// Ends all connections, after which every completion has been called: what is in flight fails as cancelled.
  ///
  /// To be called once, and not from a completion.
  func shutdown() throws {
    let drained = traffic.withLock { traffic -> EventLoopFuture<Void>? in
      traffic.isOpen = false
      if traffic.inFlight > 0 { traffic.drained = eventLoopGroup.next().makePromise() }
      return traffic.drained?.futureResult
    }
    try clients.syncShutdown()
    try drained?.wait()
    try eventLoopGroup.syncShutdownGracefully()
  }

  /// - Returns: `false` after the shutdown.
  private func begin() -> Bool {
    traffic.withLock {
      if $0.isOpen { $0.inFlight += 1 }
      return $0.isOpen
    }
  }

  private func end() {
    let drained = traffic.withLock { traffic -> EventLoopPromise<Void>? in
      traffic.inFlight -= 1
      return traffic.inFlight == 0 ? traffic.drained : nil
    }
    drained?.succeed()
  }

  // MARK: One exchange

  /// Sends one request and reads the answer.
  ///
  /// - Parameters:
  ///   - method: GET or PUT.
  ///   - projectID: the project, which also tells the endpoint.
  ///   - groupID: `nil` for the list of groups.
  ///   - query: names and values before percent-encoding.
  ///   - body: JSON; empty for none.
  ///   - headWritten: called once, when the head was written or when that has failed.
  ///   - completion: called once, on a network thread, or on the caller's where no request could be made.
  ///   - read: reads the body of a 200; the host is for messages.
  func send<Value: Sendable>(
    _ method: HTTPMethod, projectID: String, groupID: String?, query: [(name: String, value: String)] = [],
    body: [UInt8] = [],
    headWritten: @escaping HeadWritten, completion: @escaping @Sendable (ServiceResult<Value>) -> Void,
    read: @escaping @Sendable (HTTPAnswer, _ host: String) -> Result<Value, ServiceFailure>
  ) {
    let request: HTTPClient.Request
    let target: ProjectTarget
    do throws(ServiceFailure) {
      target = try self.target(ofProject: projectID)
      request = try makeRequest(method, target: target, groupID: groupID, query: query, body: body)
    } catch {
      headWritten()
      completion(.failure(error))
      return
    }
    perform(
      request, route: target.route, headWritten: headWritten,
      completion: { completion($0.mapError(Self.explainingPermission)) }, read: read)
  }

  /// Sends a request that is ready, and reads the answer.
  ///
  /// - Parameters:
  ///   - request: with its credentials.
  ///   - route: what is asked, and through what.
  ///   - successStatus: of the answer that is read.
  ///   - headWritten: called once, when the head was written or when that has failed.
  ///   - completion: called once.
  ///   - read: reads the body of a success.
  func perform<Value: Sendable>(
    _ request: HTTPClient.Request, route: ServiceRoute, successStatus: Int = 200, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<Value>) -> Void,
    read: @escaping @Sendable (HTTPAnswer, _ host: String) -> Result<Value, ServiceFailure>
  ) {
    guard begin() else {
      headWritten()
      let failure = HTTPFailure(error: HTTPClientError.alreadyShutdown, wasSent: false)
      completion(.failure(failure.serviceFailure(route: route, timeout: options.requestTimeout)))
      return
    }
    let delegate = ExchangeDelegate(headWritten: headWritten)
    let eventLoop = eventLoopGroup.next()
    let deadline = NIODeadline.now() + timeout
    // One hop: on the loop, starting the timer, the request and the completion need no more of them.
    eventLoop.execute { [self] in
      clients[route.proxy]
        .execute(request: request, delegate: delegate, eventLoop: .delegate(on: eventLoop), deadline: deadline)
        .futureResult.whenComplete { result in
          let outcome = delegate.finish(result)
          guard case .failure(let failure) = outcome, failure.isAboutCertificate else {
            completion(self.result(of: outcome, route: route, successStatus: successStatus, read: read))
            self.end()
            return
          }
          self.inspector.certificate(of: route, on: eventLoop, deadline: deadline).whenComplete { certificate in
            // Without it the failure is told all the same, in fewer words.
            let failure = self.explained(failure, route: route, certificate: try? certificate.get())
            completion(.failure(failure))
            self.end()
          }
        }
    }
  }

  /// A 403 of the service is no matter of wrong credentials (reference, section 1: the IAM actions).
  private static func explainingPermission(_ failure: ServiceFailure) -> ServiceFailure {
    guard failure.status == 403 else { return failure }
    var explained = failure
    explained.message +=
      " (the credentials are known, but may not do this: as:groups:list, as:groups:get and as:groups:update are needed "
      + "in this project)"
    return explained
  }

  private func explained(
    _ failure: HTTPFailure, route: ServiceRoute, certificate: PresentedCertificate?
  ) -> ServiceFailure {
    var explained = failure.serviceFailure(route: route, timeout: options.requestTimeout)
    if let certificate {
      explained.message = failure.tlsMessage(
        route: route, certificate: certificate, caFile: options.caFile, secondsSince1970: options.wallClock())
    }
    explained.message = authorizer.redacted(explained.message)
    return explained
  }

  private func result<Value: Sendable>(
    of outcome: Result<HTTPAnswer, HTTPFailure>, route: ServiceRoute, successStatus: Int,
    read: (HTTPAnswer, _ host: String) -> Result<Value, ServiceFailure>
  ) -> ServiceResult<Value> {
    let host = route.endpoint.authority
    let failure: ServiceFailure
    switch outcome {
    case .success(var answer) where answer.status == successStatus:
      answer.authorizer = authorizer
      switch read(answer, host) {
      case .success(let value):
        return .success(ServiceSuccess(value: value, status: successStatus, requestID: answer.requestID))
      case .failure(let notDocumented):
        failure = notDocumented
      }
    case .success(var answer):
      answer.authorizer = authorizer
      let now = options.wallClock()
      var refusal = answer.refusal(host: host, now: now)
      let date = answer.head.headers.first(name: "Date").flatMap(HTTPDate.secondsSince1970)
      if let words = authorizer.explanation(of: refusal, host: host, clockAhead: date.map { now - $0 }) {
        refusal.message += " (\(words))"
      }
      failure = refusal
    case .failure(let error):
      failure = error.serviceFailure(route: route, timeout: options.requestTimeout)
    }
    var redacted = failure
    redacted.message = authorizer.redacted(failure.message)
    return .failure(redacted)
  }

  // MARK: The request

  private func makeRequest(
    _ method: HTTPMethod, target: ProjectTarget, groupID: String?, query: [(name: String, value: String)], body: [UInt8]
  ) throws(ServiceFailure) -> HTTPClient.Request {
    var path = target.path
    if let groupID {
      if let problem = Identifier.problem(with: groupID) { throw Self.invalid("scaling_group_id: \(problem)") }
      path += "/"
      path += groupID
    }
    var description = RequestDescription(
      method: method.rawValue, host: target.route.endpoint.authority, path: path, query: query,
      headers: body.isEmpty ? target.headers : target.headersWithBody, body: body, projectID: target.projectID)
    try authorizer.authorize(&description, secondsSince1970: options.wallClock())

    var url = target.origin + path
    for (index, item) in query.enumerated() {
      url += "\(index == 0 ? "?" : "&")\(item.name.percentEncoded)=\(item.value.percentEncoded)"
    }
    do {
      return try HTTPClient.Request(
        url: url, method: method, headers: HTTPHeaders(description.headers),
        body: body.isEmpty ? nil : .byteBuffer(ByteBuffer(bytes: body)))
    } catch {
      throw Self.invalid("no request can be made to \(target.route.endpoint)")
    }
  }

  private func target(ofProject projectID: String) throws(ServiceFailure) -> ProjectTarget {
    if let target = targets.withLock({ $0[projectID] }) { return target }
    if let problem = Identifier.problem(with: projectID) { throw Self.invalid("project_id: \(problem)") }
    let route: ServiceRoute
    do throws(ServiceConfigurationError) {
      let endpoint = try options.serviceEndpoint(ofProject: projectID)
      route = ServiceRoute(endpoint: endpoint, proxy: try options.proxies.proxy(for: endpoint))
    } catch {
      throw Self.invalid("\(error)")
    }
    let target = ProjectTarget(projectID: projectID, route: route, userAgent: options.userAgent)
    targets.withLock {
      if $0.count >= Self.targetLimit { $0.removeAll() }
      $0[projectID] = target
    }
    return target
  }

  static func invalid(_ message: String) -> ServiceFailure {
    ServiceFailure(
      certainty: .notSent, disposition: .permanent, code: FleetplanCode.invalidRequest, message: message)
  }
}

/// What all requests about a project have in common.
private struct ProjectTarget: Sendable {
  var projectID: String
  var route: ServiceRoute
  var origin: String
  var path: String
  var headers: [(String, String)]
  var headersWithBody: [(String, String)]

  init(projectID: String, route: ServiceRoute, userAgent: String) {
    self.projectID = projectID
    self.route = route
    let endpoint = route.endpoint
    origin = "\(endpoint.usesTLS ? "https" : "http")://\(endpoint.authority)"
    path = "\(endpoint.basePath)/autoscaling-api/v1/\(projectID)/scaling_group"
    headers = [("Host", endpoint.authority), ("User-Agent", userAgent), ("Accept", "application/json")]
    headersWithBody = headers + [("Content-Type", "application/json")]
  }
}
