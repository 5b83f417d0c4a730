import AsyncHTTPClient
package import AutoScaling
import JSONText
import NIOCore
import NIOHTTP1

/// Asks IAM (Keystone v3; reference, section 7.1) for tokens.
///
/// Completions come on a network thread: they must not block it.
package final class IdentityClient: Sendable {
  private let exchange: ServiceExchange
  private let store: TokenStore

  /// - Parameters:
  ///   - options: TLS, time-outs and proxies as for the service; its endpoints are not used.
  ///   - store: where issued tokens are kept.
  /// - Throws: `ServiceConfigurationError`, among others for plain HTTP to IAM.
  package init(options: ServiceClientOptions, store: TokenStore) throws(ServiceConfigurationError) {
    _ = try options.checked(store.identityEndpoint.description)
    exchange = try ServiceExchange(options: options, authorizer: store)
    self.store = store
  }

  /// Fetches a token for a project, with the catalogue, and keeps it.
  ///
  /// - Parameters:
  ///   - project: by id or name.
  ///   - projectDomain: where it is named by name; `nil` for the user's domain.
  ///   - headWritten: called once, when the head was written or when that has failed.
  ///   - completion: called once.
  package func issueToken(
    project: IdentityName, projectDomain: IdentityName?, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<IssuedToken>) -> Void
  ) {
    exchange.issueToken(
      project: project, projectDomain: projectDomain, store: store, withCatalog: true, headWritten: headWritten,
      completion: completion)
  }

  /// Ends all connections; to be called once, and never from a completion.
  ///
  /// - Throws: what the network library reports.
  package func shutdown() throws { try exchange.shutdown() }
}

/// Asks IAM what a token that was handed over is for.
package final class TokenInspector: Sendable {
  private let exchange: ServiceExchange
  private let endpoint: ServiceEndpoint
  private let token: String

  /// - Parameters:
  ///   - options: TLS, time-outs and proxies as for the service; its endpoints are not used.
  ///   - authURL: of IAM, with its version.
  ///   - token: the token.
  /// - Throws: `ServiceConfigurationError`, among others for plain HTTP to IAM.
  package init(
    options: ServiceClientOptions, authURL: String, token: String
  ) throws(ServiceConfigurationError) {
    endpoint = try options.checked(authURL)
    exchange = try ServiceExchange(
      options: options, authorizer: TokenAuthorizer(token: token), identity: endpoint)
    self.token = token
  }

  /// "Verifying a token": `GET /v3/auth/tokens`.
  ///
  /// - Parameters:
  ///   - headWritten: called once, when the head was written or when that has failed.
  ///   - completion: called once.
  package func inspect(
    headWritten: @escaping HeadWritten, completion: @escaping @Sendable (ServiceResult<IssuedToken>) -> Void
  ) {
    exchange.askIdentity(
      .GET, endpoint, query: "", headers: [("X-Auth-Token", token), ("X-Subject-Token", token)], body: [],
      successStatus: 200, headWritten: headWritten, completion: completion
    ) { [token] answer in token }
  }

  /// Ends all connections; to be called once, and never from a completion.
  ///
  /// - Throws: what the network library reports.
  package func shutdown() throws { try exchange.shutdown() }
}

extension ServiceClient: TokenFetcher {
  package func fetchToken(
    projectID: String, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<Duration>) -> Void
  ) {
    exchange.fetchToken(projectID: projectID, headWritten: headWritten, completion: completion)
  }
}

extension ReadOnlyServiceClient: TokenFetcher {
  package func fetchToken(
    projectID: String, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<Duration>) -> Void
  ) {
    exchange.fetchToken(projectID: projectID, headWritten: headWritten, completion: completion)
  }
}

extension ServiceExchange {
  /// Fetches a token without catalogue, for the requests of this exchange.
  fileprivate func fetchToken(
    projectID: String, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<Duration>) -> Void
  ) {
    guard let store = authorizer as? TokenStore else {
      headWritten()
      return completion(.failure(Self.invalid("the credentials are not such that tokens are fetched for them")))
    }
    issueToken(
      project: .id(projectID), projectDomain: nil, store: store, withCatalog: false, headWritten: headWritten
    ) { [options] result in
      if case .success(let other) = result, other.value.projectID != projectID {
        // It would be kept for that project, and every change of this one would fail for want of a token.
        return completion(
          .failure(
            ServiceFailure(
              certainty: .refused, disposition: .permanent, status: other.status, code: FleetplanCode.unexpectedBody,
              message: "IAM has issued a token for project \(other.value.projectID) in place of \(projectID)",
              requestID: other.requestID)))
      }
      completion(
        result.map {
          ServiceSuccess(
            value: $0.value.lifetime(now: options.wallClock()), status: $0.status, requestID: $0.requestID)
        })
    }
  }

  /// "Obtaining a token": `POST /v3/auth/tokens`.
  fileprivate func issueToken(
    project: IdentityName, projectDomain: IdentityName?, store: TokenStore, withCatalog: Bool,
    headWritten: @escaping HeadWritten, completion: @escaping @Sendable (ServiceResult<IssuedToken>) -> Void
  ) {
    let body = TokenRequest(credentials: store.credentials, project: project, projectDomain: projectDomain).body
    askIdentity(
      .POST, store.identityEndpoint, query: withCatalog ? "" : "?nocatalog=true",
      headers: [("Content-Type", "application/json")], body: body, successStatus: 201, headWritten: headWritten,
      completion: { result in
        if case .success(let success) = result { store.keep(success.value) }
        completion(result)
      }
    ) { answer in answer.head.headers.first(name: "X-Subject-Token") ?? "" }
  }

  fileprivate func askIdentity(
    _ method: HTTPMethod, _ endpoint: ServiceEndpoint, query: String, headers: [(String, String)], body: [UInt8],
    successStatus: Int, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<IssuedToken>) -> Void,
    token: @escaping @Sendable (HTTPAnswer) -> String
  ) {
    let common = [("Host", endpoint.authority), ("User-Agent", options.userAgent), ("Accept", "application/json")]
    let request: HTTPClient.Request
    let route: ServiceRoute
    do {
      route = ServiceRoute(endpoint: endpoint, proxy: try options.proxies.proxy(for: endpoint))
      request = try HTTPClient.Request(
        url: "\(endpoint)/auth/tokens\(query)", method: method, headers: HTTPHeaders(common + headers),
        body: body.isEmpty ? nil : .byteBuffer(ByteBuffer(bytes: body)))
    } catch {
      headWritten()
      return completion(.failure(Self.invalid("no request can be made to \(endpoint)")))
    }
    perform(
      request, route: route, successStatus: successStatus, headWritten: headWritten, completion: completion
    ) { answer, host in answer.issuedToken(token(answer), host: host) }
  }
}

extension HTTPAnswer {
  fileprivate func issuedToken(_ token: String, host: String) -> Result<IssuedToken, ServiceFailure> {
    // Not JSON and not the documented JSON come to the same.
    let node = body.withUnsafeReadableBytes { try? JSONParser.parse($0) }
    if let issued = node.flatMap({ IssuedToken(subjectToken: token, body: $0) }) { return .success(issued) }
    // What was answered is not shown: it may be a token.
    return .failure(
      ServiceFailure(
        certainty: .refused, disposition: .permanent, status: status, code: FleetplanCode.unexpectedBody,
        message: "\(host) answered \(status), but not with a token for a project (is it IAM, version 3?)",
        requestID: requestID))
  }
}
