import ArgumentParser
import AutoScaling
import AutoScalingClient
import ChangePlan
import ChangeRun
import Reports

/// `fleetplan groups`
struct GroupsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "groups", abstract: "The live groups as a plan to edit. Sends no PUT.",
    discussion: """
      Lists the groups of one or several projects (100 a request) as a CSV plan: a column for each field, and a column \
      expect:FIELD with the same live value. As it is, it changes nothing. Edit cells, in a spreadsheet too, and run \
      it: only what was edited is sent, also where a policy has moved other values meanwhile, and where somebody has \
      changed an edited field meanwhile the change is reported as conflicted and left alone.

      With --set there is no need for a spreadsheet: each group gets the new value, and expects its own. Without \
      --fields the plan then has the fields to be set and scaling_group_name, so that one can read it.

      In cells, \"\" is a text or reference that is not set, and [] an empty list; a cell that you empty leaves the field \
      as it is. Delete columns only together with their expect: column, which else goes on being checked.
      With --no-expect the plan says what the groups hold now, and writes that back whenever it is run.

      Fields: \(GroupField.allCases.map(\.rawValue).joined(separator: ", ")).

      Examples:
        AS=https://as.eu-de.otc.t-systems.com
        BLUE=f3c95789ace1a9542c5d6baed2eac902
        GREEN=bcc1c77a3b85e1b974a174e6f1fa4769
        fleetplan groups --project $BLUE --endpoint $AS --output fleet.csv
        fleetplan groups --project $BLUE --endpoint $AS --name 'web-*' \\
          --fields min_instance_number,max_instance_number --output web.csv
        fleetplan groups --project $BLUE --project $GREEN --endpoint $AS \\
          --status INSERVICE --set cool_down_time=300 --output plan.csv
        fleetplan groups --project $BLUE --endpoint $AS --json |
          jq -r '.changes[].scaling_group_name'

      For an Excel that separates by semicolons (German, French …):
        fleetplan groups --project $BLUE --endpoint $AS \\
          --separator semicolon --bom --output fleet.csv
      """)

  @Option(
    help: ArgumentHelp(
      "A project; may be given several times. Default: that of the environment or of the chosen cloud.",
      valueName: "id"))
  var project: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only groups whose name fits, with *, ? and [a-z]; case counts. Several: any of them.", valueName: "glob"))
  var name: [String] = []

  @Option(help: ArgumentHelp("Only groups with these statuses, such as INSERVICE,PAUSED.", valueName: "list"))
  var status: [String] = []

  @Option(
    help: ArgumentHelp(
      "The fields that are columns, such as min_instance_number,cool_down_time. Default: all.", valueName: "list"))
  var fields: [String] = []

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("A new value for all the groups; may be given several times.", valueName: "field=value"))
  var assignments: [String] = []

  @Flag(name: .customLong("no-expect"), help: "Leave the expect: columns out.")
  var noExpect = false

  @Option(
    help: ArgumentHelp("Write to this file, which must not exist, instead of standard output.", valueName: "path"),
    completion: .file())
  var output: String?

  @Option(help: "What separates cells: comma, semicolon or tab.")
  var separator = CSVSeparator.comma

  @Flag(help: "Begin with a byte order mark, by which Excel knows UTF-8.")
  var bom = false

  @OptionGroup(title: "Cloud") var cloud: CloudOptions

  @Option(help: ArgumentHelp("Requests a second of all kinds together; 0 is unlimited. (default: 10)", valueName: "n"))
  var rate: Double?

  @Option(help: ArgumentHelp("For one request. (default: 30s)", valueName: "duration"))
  var requestTimeout: DurationArgument?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    try OptionBounds.check(rate: rate)
    try OptionBounds.check(requestTimeout: requestTimeout)
    for id in project {
      if let problem = Identifier.problem(with: id) { throw ValidationError("--project: \(problem)") }
    }
    if global.json, bom || separator != .comma {
      throw ValidationError("--separator and --bom are for CSV, not for --json.")
    }
    if let output, let format = PlanFormat(path: output), format != (global.json ? .json : .csv) {
      throw ValidationError(
        global.json
          ? "\(output) would be read as \(format.rawValue): with --json give it a name that ends with .json."
          : "\(output) would be read as \(format.rawValue): give it a name that ends with .csv, or --json.")
    }
    _ = try GroupStatuses.read(status)
    _ = try rowMaker()
  }

  func run() async throws { try await run(CommandContext(global)) }

  func run(_ context: CommandContext) async throws {
    var options = RunOptions()
    if let rate { options.rate = rate }
    if let requestTimeout { options.requestTimeout = requestTimeout.duration }
    let maker = try rowMaker()
    for problem in maker.assignments.crossFieldWarnings() {
      context.warn("--set \(problem.field.rawValue): \(problem.message)")
    }
    let format = global.json ? GroupPlanOutput.Format.json : .csv(separator, hasByteOrderMark: bom)
    let access = try await connect(context, options)
    // By its type it can send nothing but a GET (contract, guarantee 11).
    let client = try access.reader(options)
    let reader = PacedReader(client, options: options, credentials: access.credentials(client))
    do {
      if options.rate == 0 { context.note("rate unlimited: as fast as the service answers") }
      var session = GroupPlanSession(
        context, inventory: GroupInventory(reader),
        selection: GroupSelection(names: name, statuses: try GroupStatuses.read(status)), maker: maker,
        output: try GroupPlanOutput(format, rowsOf: maker, to: output, context))
      try await session.run(projects: access.projects)
      session.tellTotals(projects: access.projects.count, requests: reader.requestCount, path: output)
    } catch {
      reader.stop()
      try client.shutdown()
      if error is PreviewOutput.ReaderGone { return }
      throw error
    }
    try client.shutdown()
  }

  /// The way to the projects, each named once.
  private func connect(_ context: CommandContext, _ options: RunOptions) async throws -> CloudAccess {
    var projects: [String] = []
    for id in project where !projects.contains(id) { projects.append(id) }
    return try await EndpointDiscovery.access(
      projects: projects.isEmpty ? nil : projects, CloudConnector(cloud, context), run: options)
  }

  /// - Throws: `ValidationError` where a field or value is wrong.
  private func rowMaker() throws -> GroupPlanRowMaker {
    do throws(PlanArgumentProblem) {
      var wanted: [GroupField]?
      for name in fields.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
        wanted = (wanted ?? []) + [try GroupField(planName: String(name))]
      }
      return GroupPlanRowMaker(
        fields: wanted, assignments: try GroupModification(assignments: assignments), expectsLiveValues: !noExpect,
        isCSV: !global.json)
    } catch {
      throw ValidationError("\(error).")
    }
  }
}

extension CSVSeparator: ExpressibleByArgument {}
