import ArgumentParser
import AutoScaling
import AutoScalingClient
import ChangeRun
import Foundation
import Logging

/// How the service is reached (contract, section 3, "Cloud").
struct CloudOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The Auto Scaling endpoint, such as https://as.eu-de.otc.t-systems.com, without /autoscaling-api.",
      valueName: "url"))
  var endpoint: String?

  @Option(
    help: """
      Where credentials come from: none, token (OS_TOKEN or OS_AUTH_TOKEN), or auto: a token where there is one, \
      else none.
      """)
  var auth = Authentication.auto

  @Option(
    help: ArgumentHelp(
      "PEM file of certificate authorities. Default: OS_CACERT, else the system's.", valueName: "path"),
    completion: .file())
  var caFile: String?

  @Flag(help: "Allow plain HTTP to hosts other than this machine.")
  var allowHttp = false

  /// What was given and is not kept with a run, with a space before each word; the endpoint is.
  var repeatedFlags: String {
    (auth == .auto ? "" : " --auth \(auth.rawValue)") + (caFile.map { " --ca-file " + ShellWord.quote($0) } ?? "")
      + (allowHttp ? " --allow-http" : "")
  }

  enum Authentication: String, ExpressibleByArgument, CaseIterable {
    case auto
    case none
    case token
  }

  /// What the client is made from.
  ///
  /// - Parameters:
  ///   - context: for `OS_CACERT`.
  ///   - endpoints: by project id.
  ///   - run: its time-out and concurrency count.
  /// - Returns: the options, with the endpoints of all projects.
  func clientOptions(
    _ context: CommandContext, endpoints: [String: String], run: RunOptions
  ) -> ServiceClientOptions {
    ServiceClientOptions(
      endpoints: endpoints, requestTimeout: run.requestTimeout,
      maximumConnections: run.concurrency ?? RunOptions.automaticConcurrency.upperBound,
      caFile: caFile ?? context.environment["OS_CACERT"].flatMap { $0.isEmpty ? nil : $0 }, allowsHTTP: allowHttp,
      userAgent: "fleetplan/\(ToolVersion.text)", wallClock: { Date().timeIntervalSince1970 })
  }

  func authorizer(_ context: CommandContext) throws -> any RequestAuthorizer {
    let found = ["OS_TOKEN", "OS_AUTH_TOKEN"].first { !context.environment[$0, default: ""].isEmpty }
    guard auth != .none, let name = found, let token = context.environment[name] else {
      if auth == .token {
        throw CommandError(.configuration, "--auth token: neither OS_TOKEN nor OS_AUTH_TOKEN is set")
      }
      context.logger.debug("credentials", metadata: ["source": "none"])
      return NoAuthorizer()
    }
    context.logger.debug("credentials", metadata: ["source": "\(name)"])
    return try mappingErrors { try TokenAuthorizer(token: token) }
  }

  /// The endpoint of each project.
  ///
  /// - Parameters:
  ///   - projects: the projects of the plan.
  ///   - stored: what an earlier session of the run, or the run that is rolled back, has used.
  /// - Returns: by project id.
  /// - Throws: `CommandError` 78 where there is none, or another one than was stored.
  func endpoints(projects: [String], stored: [String: String] = [:]) throws -> [String: String] {
    var endpoints: [String: String] = [:]
    for project in projects {
      let named = try endpoint.map { text in
        try mappingErrors { () throws -> String in try ServiceEndpoint(text).description }
      }
      if let named, let before = stored[project], before != named {
        throw CommandError(
          .configuration,
          "--endpoint \(named) is not the one that this run has used for project \(project): \(before). "
            + "A run stays with its endpoint: leave --endpoint out, or make a run of its own")
      }
      guard let endpoint = named ?? stored[project] else {
        throw CommandError(
          .configuration,
          "no endpoint for project \(project): give one with --endpoint, such as "
            + "--endpoint https://as.eu-de.otc.t-systems.com")
      }
      endpoints[project] = endpoint
    }
    return endpoints
  }
}
