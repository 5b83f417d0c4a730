import AutoScaling
import AutoScalingClient
import ChangeRun
import CloudConfiguration
import Dispatch
import Execution
import Foundation
import Logging

/// Finds the AS endpoint of each project: `--endpoint`, else what the configuration names, else the catalogue of the
/// project's token, else what the run has used before, else the region.
struct EndpointDiscovery {
  struct Found {
    var endpoint: String
    var source: String
  }

  let connector: CloudConnector
  let run: RunOptions
  let clock = RunClock()
  var found: [String: Found] = [:]
  var leases: [String: TokenLease] = [:]
  var expiry = CredentialExpiry.never
  /// Why a project has no endpoint, by project id.
  var obstacles: [String: String] = [:]

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
    // The region only gives a guess: it does not take a run away from where it began.
    guard let found = found[project] ?? stored.map({ Found(endpoint: $0, source: "the run") }) ?? regional() else {
      throw CommandError(.configuration, "no endpoint for project \(project): " + missing(project))
    }
    let endpoint = try mappingErrors { () throws -> String in try ServiceEndpoint(found.endpoint).description }
    if let stored, stored != endpoint {
      throw CommandError(
        .configuration,
        "\(found.source == "--endpoint" ? "--endpoint \(endpoint)" : "\(endpoint), from \(found.source),") is not the "
          + "one that this run has used for project \(project): \(stored). "
          + "A run stays with its endpoint: use the same cloud again, or --endpoint \(stored), or make a run of its own"
      )
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
}

extension CloudConnector {
  /// What is given for all projects, whatever the catalogue says.
  fileprivate var explicitEndpoint: Setting<String>? {
    options.endpoint.map { Setting($0, from: "--endpoint") } ?? settings.autoScalingEndpoint
  }
}
