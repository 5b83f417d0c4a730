import ArgumentParser
import AutoScalingSimulator
import Execution
import JSONText

/// `fleetplan simulate`
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "An Auto Scaling endpoint on this machine, with chosen faults.",
    discussion: """
      Listens on 127.0.0.1 and prints one line of JSON with its endpoint and projects. Its state is real: what a \
      PUT sets, a GET shows. It ends with Ctrl-C.

      Faults: 409, 429, 500, 502, 503, 504, reset, lost-answer, late-effect, stale-read, truncated, garbage, \
      wrong-id, slow and others, each NAME=SHARE%[:retry-after=SECONDS][:delay=DURATION][:only=put|get]; \
      throttle=N answers 429 above N requests a second.

      Examples:
        fleetplan simulate --groups 1000 --projects 2 --plan random.csv
        fleetplan simulate --port 8774 --latency 20ms..80ms --fault 409=2%
        fleetplan simulate --groups 0 --groups-of plans/raise-limits.csv
        fleetplan simulate --auth token --token-lifetime 5m
      """)

  @Option(help: ArgumentHelp("The port; 0 is any free one.", valueName: "n"))
  var port = 0

  @Option(help: ArgumentHelp("How many groups there are.", valueName: "n"))
  var groups = 25

  @Option(help: ArgumentHelp("Over how many projects they are spread.", valueName: "n"))
  var projects = 1

  @Option(help: ArgumentHelp("The same seed makes the same groups and faults.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("How long an answer takes.", valueName: "min..max"))
  var latency: String?

  @Option(help: ArgumentHelp("How long a changed number keeps a group scaling.", valueName: "min..max"))
  var scalingTime: String?

  @Option(help: ArgumentHelp("A fault; may be given several times.", valueName: "spec"))
  var fault: [String] = []

  @Option(
    help: """
      Which credentials it wants: none; token, for the user OS_USERNAME of OS_USER_DOMAIN_NAME with OS_PASSWORD; or \
      aksk, signed with OS_ACCESS_KEY and OS_SECRET_KEY. The variables are those of this shell; for what is not set \
      it has samples, and says so.
      """)
  var auth = SimulatorOptions.Authentication.none

  @Option(
    help: ArgumentHelp("How long a token of --auth token is valid, from 1s (default: 24h).", valueName: "duration"))
  var tokenLifetime: String?

  @Flag(help: "Refuse every change with 403, as to a user who may only look.")
  var readOnly = false

  @Option(help: ArgumentHelp("Write a valid random plan for its groups.", valueName: "path"), completion: .file())
  var plan: String?

  @Option(help: ArgumentHelp("Make the groups that this plan is about, too.", valueName: "path"), completion: .file())
  var groupsOf: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    do { _ = try options() } catch let error as SimulatorOptionError { throw ValidationError(error.description) }
    try OptionBounds.check("--port", port, 0...65_535)
    try OptionBounds.check("--groups", groups, 0 ... .max)
    try OptionBounds.check("--projects", projects, 1 ... .max)
    guard tokenLifetime == nil || auth == .token else {
      throw ValidationError("--token-lifetime needs --auth token: without it nobody gets a token.")
    }
  }

  private func options(_ environment: [String: String] = [:]) throws -> SimulatorOptions {
    var options = SimulatorOptions()
    options.port = port
    options.groups = groups
    options.projects = projects
    options.seed = seed
    if let latency { options.latency = try SimulatorOptions.durationRange(latency) }
    if let scalingTime { options.scalingTime = try SimulatorOptions.durationRange(scalingTime) }
    options.faults = try fault.map { try FaultSpec($0) }
    if let tokenLifetime {
      options.tokenLifetime = try SimulatorOptions.duration(tokenLifetime)
      guard options.tokenLifetime >= .seconds(1) else {
        throw ValidationError("--token-lifetime \(tokenLifetime): a token is valid for 1s at least.")
      }
    }
    options.isReadOnly = readOnly
    credentials(environment).apply(to: &options)
    return options
  }

  private func credentials(_ environment: [String: String]) -> SimulatorCredentials {
    SimulatorCredentials(auth, environment: environment)
  }

  func run() async throws {
    let context = CommandContext(global)
    let server: SimulatorServer
    do {
      server = try await SimulatorServer.start(try options(context.environment))
    } catch {
      throw CommandError(
        .unavailable, "cannot listen on 127.0.0.1:\(port): \(error). Another --port, or 0 for any that is free, may do")
    }
    if let groupsOf { try SimulatedPlanGroups.add(plan: groupsOf, to: server.cloud) }
    if let plan {
      let count = try RandomPlan.write(to: plan, for: server.cloud, seed: seed)
      context.note("\(plan): \(PlanWords.count(count, "change"))")
    }
    // There is at least one project.
    for line in credentials(context.environment).lines(endpoint: server.endpoint, projectID: server.projects[0]) {
      context.note(line)
    }
    context.output.write(Self.announcement(server, groups: server.cloud.references.count) + "\n")
    let signals = try StopSignals(first: { _ in Task { await server.stop() } }, second: {})
    try await server.waitUntilStopped()
    signals.cancel()
  }

  static func announcement(_ server: SimulatorServer, groups: Int) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("endpoint", server.endpoint)
    writer.key("projects")
    writer.beginArray()
    for project in server.projects { writer.string(project) }
    writer.endArray()
    writer.member("groups", groups)
    writer.endObject()
    return writer.text
  }
}

extension SimulatorOptions.Authentication: ExpressibleByArgument {}
