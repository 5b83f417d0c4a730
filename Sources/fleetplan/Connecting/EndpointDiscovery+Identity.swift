import AutoScaling
import AutoScalingClient
import ChangeRun
import CloudConfiguration
import Dispatch
import Execution
import Foundation
import Logging

/// What IAM tells: tokens with their catalogues, the id of a project that is configured by its name.
extension EndpointDiscovery {
  /// Asks what is not known yet: the catalogues of projects without an endpoint, and what a token is for that was handed
  /// over.
  mutating func askIdentity(_ projects: [String], _ authorizer: any RequestAuthorizer) async throws {
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
      _ = try await issueTokens(wanted.map(IdentityName.id), store)
    }
  }

  /// One token after the other, at the run's rate. Of each catalogue only the project's endpoint is kept.
  ///
  /// - Returns: the ids of the projects.
  private mutating func issueTokens(_ projects: [IdentityName], _ store: TokenStore) async throws -> [String] {
    if projects.isEmpty { return [] }
    let options = connector.clientOptions(endpoints: [:], run: run)
    let client = try mappingErrors { try IdentityClient(options: options, store: store) }
    let requests = PacedRequests(options: run, clock: clock)
    var ids: [String] = []
    do {
      for project in projects {
        let issued = try await issueToken(project, requests, client)
        look(into: issued)
        ids.append(issued.projectID)
      }
    } catch {
      try client.shutdown()
      throw error
    }
    try client.shutdown()
    await requests.keepDistance(clock)
    return ids
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
        throw CommandError(
          .configuration,
          "IAM has issued a token for project \(issued.projectID) in place of \(id): see that the user may work in that "
            + "project, or name the other one with --project. Nothing was changed")
      }
      let life = issued.lifetime(now: Date().timeIntervalSince1970)
      leases[issued.projectID] = TokenLease(issuedAt: sent, expiresAt: sent + life.nanoseconds)
      return issued
    }
  }

  /// The project of the configuration, of which the name may be enough: then IAM tells its id.
  mutating func configuredProject(_ authorizer: any RequestAuthorizer) async throws -> String {
    let settings = connector.settings
    if let id = settings.projectID {
      if let problem = Identifier.problem(with: id.value) {
        throw CommandError(.configuration, "\(id.source): \(problem)")
      }
      return id.value
    }
    guard let name = settings.projectName, let store = authorizer as? TokenStore else {
      let ways = "name it with --project, in OS_PROJECT_ID, or as project_id of the cloud in clouds.yaml"
      guard let name = settings.projectName else {
        throw CommandError(.usage, "which project? \(ways)" + (settings.cloudChoiceHint.map { ". \($0)" } ?? ""))
      }
      throw CommandError(
        .configuration,
        "the id of the project \(name.value) (\(name.source)) is not known without a password, with which IAM tells it: "
          + ways)
    }
    guard let id = try await issueTokens([.name(name.value)], store).first else {
      preconditionFailure("one token was asked for")
    }
    return id
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

/// What a refusal of IAM's means for a command.
enum IdentityFailure {
  static func error(_ failure: ServiceFailure, doing subject: String) -> CommandError {
    let text = LookingFailure.text(failure)
    switch failure.disposition {
    case .unauthorized, .permanent, .sameNumber:
      guard failure.status != nil else {
        return CommandError(.configuration, "IAM cannot be asked for \(subject): \(text). Nothing was changed")
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
