import ArgumentParser
import ChangeRun

/// How a run is carried out (contract, section 3, "Execution"). What is not given keeps its default, or, for
/// `resume`, what is stored with the run.
struct ExecutionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Requests a second of all kinds together; 0 is unlimited. (default: 10)", valueName: "n"))
  var rate: Double?

  @Option(
    help: ArgumentHelp("Changes in flight at once. (default: what the rate needs, 8 to 256)", valueName: "n|auto"))
  var concurrency: ConcurrencyArgument?

  @Option(help: ArgumentHelp("PUTs and failed reads for one change. (default: 8)", valueName: "n"))
  var maxAttempts: Int?

  @Option(
    help: ArgumentHelp(
      "What is tried again. (default: 408,409,429,500,502,503,504,connection)", valueName: "list"))
  var retryOn: RetryCauses?

  @Option(help: ArgumentHelp("Wait between tries, with full jitter. (default: 500ms:60s)", valueName: "base:cap"))
  var backoff: BackoffArgument?

  @Option(help: ArgumentHelp("For one request. (default: 30s)", valueName: "duration"))
  var requestTimeout: DurationArgument?

  @Option(help: ArgumentHelp("How long a busy group is waited for. (default: 15m)", valueName: "duration"))
  var waitScaling: DurationArgument?

  @Option(help: ArgumentHelp("How often a busy group is asked. (default: 10s:60s)", valueName: "base:cap"))
  var busyPoll: BackoffArgument?

  @Option(help: ArgumentHelp("How long a silent endpoint is waited for. (default: 15m)", valueName: "duration"))
  var waitEndpoint: DurationArgument?

  @Option(help: ArgumentHelp("More failures than this stop the run. (default: 10%)", valueName: "n|p%"))
  var maxFailures: FailureLimit?

  @Option(help: ArgumentHelp("Instances that the run may take away in all. (default: unlimited)", valueName: "n"))
  var maxRemoved: Int?

  @Option(help: ArgumentHelp("Cumulative shares of the plan, such as 1,10%,100%.", valueName: "list"))
  var waves: Waves?

  @Option(help: ArgumentHelp("Pause between waves.", valueName: "duration"))
  var wavePause: DurationArgument?

  // What `resume` takes from the run must be possible to take back: so there is a --no- of every flag.
  @Flag(inversion: .prefixedNo, help: "Stop after each wave (exit status 76) until it is resumed.")
  var confirmWaves: Bool?

  @Option(help: ArgumentHelp("Stop at this local time, today or tomorrow.", valueName: "hh:mm"))
  var until: ClockTime?

  @Option(help: ArgumentHelp("Stop after this time.", valueName: "duration"))
  var stopAfter: DurationArgument?

  @Flag(inversion: .prefixedNo, help: "Read each group back after its PUT, for up to 30 s.")
  var verify: Bool?

  @Option(
    help: ArgumentHelp("Wait until the group has the instances it should have; 0s: do not.", valueName: "duration"))
  var waitStable: DurationArgument?

  @Flag(inversion: .prefixedNo, help: "Go on with later changes of a group when one has failed.")
  var keepGoing: Bool?

  @Flag(inversion: .prefixedNo, help: "Leave the judgement of live values to the service.")
  var skipPreconditions: Bool?

  @Flag(inversion: .prefixedNo, help: "Block changes that cannot be taken back.")
  var requireReversible: Bool?

  /// Waves, or what is between them, are asked for.
  var hasWaves: Bool { waves != nil || wavePause != nil || confirmWaves == true }

  func validate() throws {
    try OptionBounds.check(rate: rate)
    try OptionBounds.check("--max-attempts", maxAttempts, 1 ... .max)
    try OptionBounds.check("--max-removed", maxRemoved, 0 ... .max)
    try OptionBounds.check(requestTimeout: requestTimeout)
    if confirmWaves == true, wavePause != nil {
      throw ValidationError(
        "--confirm-waves and --wave-pause exclude each other: a wave is followed by a stop or by a pause.")
    }
  }

  /// Puts what was given over `options`.
  func apply(to options: inout RunOptions) {
    if let rate { options.rate = rate }
    if let concurrency { options.concurrency = concurrency.number }
    if let maxAttempts { options.maxAttempts = maxAttempts }
    if let retryOn { options.retryOn = retryOn }
    if let backoff { options.backoff = backoff.backoff }
    if let requestTimeout { options.requestTimeout = requestTimeout.duration }
    if let waitScaling { options.waitScaling = waitScaling.duration }
    if let busyPoll { options.busyPoll = busyPoll.backoff }
    if let waitEndpoint { options.waitEndpoint = waitEndpoint.duration }
    if let maxFailures { options.maxFailures = maxFailures }
    if let maxRemoved { options.maxRemoved = maxRemoved }
    if let waves { options.waves = waves }
    if let wavePause {
      options.wavePause = wavePause.duration
      options.confirmWaves = false
    }
    if let confirmWaves { options.confirmWaves = confirmWaves }
    if let stopAfter { options.stopAfter = stopAfter.duration }
    if let verify { options.verify = verify }
    if let waitStable { options.waitStable = waitStable.duration > .zero ? waitStable.duration : nil }
    if let keepGoing { options.keepGoing = keepGoing }
    if let skipPreconditions { options.skipPreconditions = skipPreconditions }
    if let requireReversible { options.requireReversible = requireReversible }
  }
}
