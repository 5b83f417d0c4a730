import AutoScaling
import AutoScalingClient
import ChangeRun
import CloudConfiguration
import Dispatch
import Execution
import Foundation
import Logging

/// Finds the AS endpoint of each project: `--endpoint`, else what the configuration names, else the catalogue of the
/// project's token, else the region, else what the run has used before.
struct EndpointDiscovery {
  private struct Found {
    var endpoint: String
    var source: String
  }

  private let connector: CloudConnector
  private let run: RunOptions
  private let clock = RunClock()
  private var found: [String: Found] = [:]
  private var leases: [String: TokenLease] = [:]
  private var expiry = CredentialExpiry.never
  /// Why a project has no endpoint, by project id.
  private var obstacles: [String: String] = [:]

  private init(_ connector: CloudConnector, run: RunOptions) {
    self.connector = connector
    self.run = run
  }

  /// Finds the endpoints of projects; asks IAM where that is needed, at the run's rate.
  ///
  /// - Parameters:
  ///   - projects: ids; `nil` for the configured project.
  ///   - stored: what an earlier session of the run, or the run that is rolled back, has used.
  ///   - connector: flags and configuration.
  ///   - run: its rate, time-outs and attempts.
  /// - Returns: the way to the service.
  /// - Throws: `CommandError`: 78 where an endpoint is missing or another one than was stored, 77 where IAM refuses the
  ///   credentials, 69 where it cannot be asked.
  static func access(
    projects: [String]?, stored: [String: String] = [:], _ connector: CloudConnector, run: RunOptions
  ) async throws -> CloudAccess {
    var discovery = EndpointDiscovery(connector, run: run)
    let authorizer = try connector.authorizer()
    let projects = if let projects { projects } else { [try await discovery.configuredProject(authorizer)] }
    let explicit = connector.explicitEndpoint
    if let explicit {
      for project in projects { discovery.found[project] = Found(endpoint: explicit.value, source: explicit.source) }
    }
    try await discovery.askIdentity(projects, authorizer)
    var endpoints: [String: String] = [:]
    for project in projects { endpoints[project] = try discovery.endpoint(of: project, stored: stored[project]) }
    return CloudAccess(
      connector: connector, projects: projects, endpoints: endpoints, authorizer: authorizer, leases: discovery.leases,
      expiry: discovery.expiry)
  }

  // MARK: One project

  private func endpoint(of project: String, stored: String?) throws -> String {
    let context = connector.context
    guard let found = found[project] ?? regional() ?? stored.map({ Found(endpoint: $0, source: "the run") }) else {
      throw CommandError(.configuration, "no endpoint for project \(project): " + missing(project))
    }
    let endpoint = try mappingErrors { () throws -> String in try ServiceEndpoint(found.endpoint).description }
    if let stored, stored != endpoint {
      throw CommandError(
        .configuration,
        "\(found.source == "--endpoint" ? "--endpoint \(endpoint)" : "\(endpoint), from \(found.source),") is not the "
          + "one that this run has used for project \(project): \(stored). "
          + "A run stays with its endpoint: use the same cloud again, or make a run of its own")
    }
    context.logger.debug(
      "endpoint", metadata: ["project": "\(project)", "endpoint": "\(endpoint)", "source": "\(found.source)"])
    return endpoint
  }

  private func regional() -> Found? {
    guard let region = connector.settings.regionName else { return nil }
    return connector.settings.regionalAutoScalingEndpoint(region: region.value)
      .map { Found(endpoint: $0, source: "the region \(region.value), \(region.source)") }
  }

  private func missing(_ project: String) -> String {
    var parts = obstacles[project].map { [$0] } ?? []
    if let region = connector.settings.regionName {
      parts.append("the address of Auto Scaling in the region \(region.value) (\(region.source)) is not known")
    } else {
      parts.append("no region is configured (OS_REGION_NAME, or region_name in clouds.yaml)")
    }
    if obstacles[project] == nil {
      parts.append("no password, with which the catalogue could be asked (OS_AUTH_URL, OS_USERNAME, OS_PASSWORD)")
    }
    var text = parts.joined(separator: "; ")
    text +=
      ". Give one with --endpoint, such as --endpoint https://as.eu-de.otc.t-systems.com, or "
      + "auto_scaling_endpoint_override in clouds.yaml"
    return connector.settings.cloudChoiceHint.map { "\(text). \($0)" } ?? text
  }

  // MARK: IAM

  private mutating func askIdentity(_ projects: [String], _ authorizer: any RequestAuthorizer) async throws {
    let options = connector.clientOptions(endpoints: [:], run: run)
    switch connector.credentials.credentials {
    case .none: break
    case .accessKey(_, _, let securityToken):
      // 15 minutes to 24 hours (Huawei Cloud, "Obtaining a Temporary Access Key"): nobody tells for this one.
      if securityToken != nil { expiry = .unknown(longest: 900, name: "a temporary access key") }
    case .token(let token):
      expiry = .unknown(longest: 86_400, name: "a token (OS_TOKEN)")
      guard let authURL = connector.settings.authURL else { break }
      try await inspect(token, authURL.value, projects, options)
    case .password:
      guard let store = authorizer as? TokenStore else { break }
      // A token is fetched when it is needed: now only for the sake of the catalogue.
      let wanted = projects.filter { found[$0] == nil && leases[$0] == nil }
      if wanted.count > 1 { connector.context.note("asking IAM for the tokens of \(wanted.count) projects") }
      for issued in try await issueTokens(wanted.map(IdentityName.id), store) { look(into: issued) }
    }
  }

  /// One token after the other, at the run's rate.
  private mutating func issueTokens(_ projects: [IdentityName], _ store: TokenStore) async throws -> [IssuedToken] {
    if projects.isEmpty { return [] }
    let options = connector.clientOptions(endpoints: [:], run: run)
    let client = try mappingErrors { try IdentityClient(options: options, store: store) }
    let requests = PacedRequests(options: run, clock: clock)
    var tokens: [IssuedToken] = []
    do {
      for project in projects { tokens.append(try await issueToken(project, requests, client)) }
    } catch {
      try client.shutdown()
      throw error
    }
    try client.shutdown()
    await requests.keepDistance(clock)
    return tokens
  }

  private mutating func issueToken(
    _ project: IdentityName, _ requests: PacedRequests, _ client: IdentityClient
  ) async throws -> IssuedToken {
    let settings = connector.settings
    let domain = settings.projectDomainID.map { IdentityName.id($0.value) }
    let sent = clock.now().ticks
    let answer = requests.ask {
      client.issueToken(
        project: project, projectDomain: domain ?? settings.projectDomainName.map { .name($0.value) },
        headWritten: $0, completion: $1)
    }
    switch await answer.value {
    case .failure(let failure): throw IdentityFailure.error(failure, doing: "a token for project \(project.text)")
    case .success(let issued):
      if case .id(let id) = project, id != issued.projectID {
        throw CommandError(.configuration, "IAM has issued a token for project \(issued.projectID) in place of \(id)")
      }
      let life = issued.lifetime(now: Date().timeIntervalSince1970)
      leases[issued.projectID] = TokenLease(issuedAt: sent, expiresAt: sent + life.nanoseconds)
      return issued
    }
  }

  /// The project of the configuration, of which the name may be enough: then IAM tells its id.
  private mutating func configuredProject(_ authorizer: any RequestAuthorizer) async throws -> String {
    let settings = connector.settings
    if let id = settings.projectID {
      if let problem = Identifier.problem(with: id.value) {
        throw CommandError(.configuration, "\(id.source): \(problem)")
      }
      return id.value
    }
    guard let name = settings.projectName, let store = authorizer as? TokenStore else {
      let ways = "name it with --project, in OS_PROJECT_ID, or as project_id of the cloud in clouds.yaml"
      guard let name = settings.projectName else { throw CommandError(.usage, "which project? \(ways)") }
      throw CommandError(
        .configuration,
        "the id of the project \(name.value) (\(name.source)) is not known without a password, with which IAM tells it: "
          + ways)
    }
    let issued = try await issueTokens([.name(name.value)], store)
    for token in issued { look(into: token) }
    guard let token = issued.first else { preconditionFailure("one token was asked for") }
    return token.projectID
  }

  private mutating func inspect(
    _ token: Secret, _ authURL: String, _ projects: [String], _ options: ServiceClientOptions
  ) async throws {
    let inspector = try mappingErrors {
      try TokenInspector(options: options, authURL: authURL, token: token.reveal())
    }
    let requests = PacedRequests(options: run, clock: clock)
    let answer = await requests.ask { inspector.inspect(headWritten: $0, completion: $1) }.value
    try inspector.shutdown()
    switch answer {
    case .success(let issued):
      if let other = projects.first(where: { $0 != issued.projectID }) {
        throw CommandError(
          .configuration,
          "the token is for project \(issued.projectID) and cannot be used for \(other): give a user and a password "
            + "(OS_AUTH_URL, OS_USERNAME, OS_USER_DOMAIN_NAME, OS_PASSWORD), with which each project gets a token")
      }
      expiry = .at(Date(timeIntervalSince1970: issued.expiresAt))
      if found[issued.projectID] == nil { look(into: issued) }
    case .failure(let failure) where failure.disposition == .unauthorized:
      throw IdentityFailure.error(failure, doing: "what the token is for")
    case .failure(let failure):
      // Some clouds let only administrators look at tokens: without the answer the token may serve all the same.
      connector.context.logger.debug(
        "IAM does not tell about the token", metadata: ["reason": "\(LookingFailure.text(failure))"])
      for project in projects {
        obstacles[project] = "IAM does not tell what the token is for (\(LookingFailure.text(failure)))"
      }
    }
    await requests.keepDistance(clock)
  }

  /// Takes the endpoint of the token's project from the catalogue: of the region that the project's name begins with,
  /// else of the configured one.
  private mutating func look(into issued: IssuedToken) {
    let settings = connector.settings
    let interface = settings.interface?.value ?? "public"
    let regions = [issued.projectName.flatMap(CloudAddress.region(ofProject:)), settings.regionName?.value]
    for region in regions.compactMap({ $0 }) {
      if let endpoint = issued.catalog.autoScalingEndpoint(region: region, interface: interface) {
        found[issued.projectID] = Found(endpoint: endpoint, source: "the catalogue (\(region))")
        return
      }
    }
    let listed = issued.catalog.autoScalingRegions(interface: interface)
    if listed.count <= 1, let endpoint = issued.catalog.autoScalingEndpoint(region: nil, interface: interface) {
      found[issued.projectID] = Found(endpoint: endpoint, source: "the catalogue")
    } else if listed.count > 1 {
      obstacles[issued.projectID] =
        "the catalogue has Auto Scaling in \(listed.joined(separator: ", ")): choose with OS_REGION_NAME"
    } else {
      obstacles[issued.projectID] =
        "the catalogue of its token lists no Auto Scaling (types asv1, as; interface \(interface))"
    }
  }
}

extension IdentityName {
  fileprivate var text: String {
    switch self {
    case .id(let text), .name(let text): text
    }
  }
}

extension CloudConnector {
  /// What is given for all projects, whatever the catalogue says.
  fileprivate var explicitEndpoint: Setting<String>? {
    options.endpoint.map { Setting($0, from: "--endpoint") } ?? settings.autoScalingEndpoint
  }
}

/// What a refusal of IAM's means for a command.
enum IdentityFailure {
  static func error(_ failure: ServiceFailure, doing subject: String) -> CommandError {
    let text = LookingFailure.text(failure)
    switch failure.disposition {
    case .unauthorized, .permanent, .sameNumber:
      guard failure.status != nil else {
        return CommandError(.configuration, "IAM cannot be asked for \(subject): \(text)")
      }
      return CommandError(.credentialsRefused, "IAM refuses \(subject): \(text). Nothing was changed")
    case .busy, .busyIfScaling, .retryable:
      return CommandError(.unavailable, "IAM cannot be asked for \(subject): \(text). Nothing was changed")
    }
  }
}

extension PacedRequests {
  /// Waits until the next request may leave: what follows has a pacing of its own.
  fileprivate func keepDistance(_ clock: RunClock) async {
    let left = nextDue - clock.now().ticks
    guard left > 0 else { return }
    await withCheckedContinuation { continuation in
      DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(left)) { continuation.resume() }
    }
  }
}
