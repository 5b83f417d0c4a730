import JSONText
import Testing

@testable import ChangeRun

@Suite struct RunOptionsTests {
  private static func roundTrip(_ options: RunOptions) throws -> RunOptions? {
    RunOptions(json: try JSONParser.parse(options.json))
  }

  @Test func `the defaults are those of the contract`() {
    #expect(
      RunOptions().json == """
        {"rate":10,"concurrency":"auto","max_attempts":8,\
        "retry_on":"408,409,429,500,502,503,504,connection","backoff":"500ms:1m","request_timeout":"30s",\
        "wait_scaling":"15m","busy_poll":"10s:1m","wait_endpoint":"15m","max_failures":"10%","max_removed":null,\
        "waves":null,"wave_pause":"0ms","confirm_waves":false,"verify":false,"wait_stable":null,"keep_going":false,\
        "skip_preconditions":false,"require_reversible":false,"overwrite_drift":false}
        """)
  }

  @Test func `what is stored is read again`() throws {
    var options = RunOptions()
    #expect(try Self.roundTrip(options) == options)
    options.rate = 2.5
    options.concurrency = 7
    options.maxAttempts = 1
    options.retryOn = try #require(RetryCauses(text: "409,connection"))
    options.backoff = try #require(RunOptions.backoff("250ms:5m"))
    options.requestTimeout = .milliseconds(1_500)
    options.waitScaling = .seconds(1)
    options.busyPoll = Backoff(base: .seconds(1), cap: .seconds(1))
    options.waitEndpoint = .seconds(3_600)
    options.maxFailures = .count(3)
    options.maxRemoved = 0
    options.waves = Waves(text: "1,12.5%,100%")
    options.wavePause = .seconds(90)
    options.confirmWaves = true
    options.verify = true
    options.waitStable = .zero
    options.keepGoing = true
    options.skipPreconditions = true
    options.requireReversible = true
    options.overwriteDrift = true
    #expect(try Self.roundTrip(options) == options)
  }

  @Test func `what belongs to one session is not stored`() throws {
    var options = RunOptions()
    options.until = 5
    options.stopAfter = .seconds(5)
    #expect(try Self.roundTrip(options) == RunOptions())
  }

  @Test func `what a newer version has stored beside is passed over, what cannot be is refused`() throws {
    #expect(RunOptions(json: try JSONParser.parse(#"{"rate":5,"colour":"red"}"#))?.rate == 5)
    for text in [
      "[]", #"{"rate":"fast"}"#, #"{"concurrency":"many"}"#, #"{"backoff":"1s"}"#, #"{"request_timeout":30}"#,
      #"{"waves":"0"}"#, #"{"max_failures":"-1"}"#, #"{"verify":"yes"}"#,
    ] {
      #expect(RunOptions(json: try JSONParser.parse(text)) == nil, "\(text)")
    }
  }

  @Test(arguments: ["", "1s", "1s:", "2s:1s", "0s:1s", "1s:2s:3s", "1:2"])
  func `backoffs that are none`(text: String) {
    #expect(RunOptions.backoff(text) == nil)
  }

  @Test(arguments: ["", "409,", "abc", "200", "600", "409;503", "connection,connections"])
  func `retry causes that are none`(text: String) {
    #expect(RetryCauses(text: text) == nil)
  }

  // MARK: Limits

  @Test(arguments: [
    ("0", FailureLimit.count(0)), ("17", .count(17)), ("0%", .share(percent: 0)), ("2.5%", .share(percent: 2.5)),
  ])
  func `failure limits`(text: String, limit: FailureLimit) {
    #expect(FailureLimit(text: text) == limit)
    #expect(limit.text == text)
  }

  @Test(arguments: ["", "%", "-1", "1.5", "101%", "-1%", "ten"])
  func `failure limits that are none`(text: String) {
    #expect(FailureLimit(text: text) == nil)
  }

  @Test func `a count is exceeded by one more, a share by more than it, from 20 on`() {
    #expect(!FailureLimit.count(2).isExceeded(failures: 2, finished: 2))
    #expect(FailureLimit.count(2).isExceeded(failures: 3, finished: 3))
    #expect(!FailureLimit.share(percent: 10).isExceeded(failures: 19, finished: 19))
    #expect(!FailureLimit.share(percent: 10).isExceeded(failures: 2, finished: 20))
    #expect(FailureLimit.share(percent: 10).isExceeded(failures: 3, finished: 20))
    #expect(FailureLimit.share(percent: 0).isExceeded(failures: 1, finished: 1_000_000))
    #expect(FailureLimit.count(2).allowance(failures: 0) == 3)
    #expect(FailureLimit.count(2).allowance(failures: 3) == 0)
    #expect(FailureLimit.share(percent: 10).allowance(failures: 3) == nil)
  }

  // MARK: Waves

  @Test(arguments: [
    ("1,10%,100%", 1_000, [1, 100, 1_000]), ("1,10%,100%", 5, [1, 5]), ("50%", 3, [1, 3]), ("29%", 100, [29, 100]),
    ("10%,20%", 70, [7, 14, 70]), ("5", 3, [3]), ("1,2,3", 10, [1, 2, 3, 10]), ("1,1%", 10, [1, 10]),
    ("100%", 4, [4]), ("0.1%", 1_000, [1, 1_000]), ("1", 0, []),
  ])
  func `waves end at cumulative shares, rounded down, at least one`(text: String, total: Int, ends: [Int]) throws {
    #expect(try #require(Waves(text: text)).ends(total: total) == ends)
  }

  @Test(arguments: ["", "0", "0%", "101%", "1,,2", "-1", "a", "5,4", "50%,20%", "3,3"])
  func `waves that are none`(text: String) {
    #expect(Waves(text: text) == nil)
  }

  @Test(arguments: ["1,10%,100%", "5,12.5%"])
  func `waves as text`(text: String) {
    #expect(Waves(text: text)?.text == text)
  }

  // MARK: Counts

  @Test func `counts add up`() {
    var counts = RunCounts(total: 12)
    for state in ChangeState.allCases { counts.add(state) }
    #expect(counts.finished == 6)
    #expect(counts.unfinished == 6)
    #expect(ChangeState.allCases.filter(\.isTerminal).count == 6)
    #expect(!counts.isCleanSuccess)
  }

  @Test func `every cause of a stop has the exit status of the contract`() {
    let statuses = Dictionary(uniqueKeysWithValues: StopCause.allCases.map { ($0, $0.exitStatus) })
    #expect(
      statuses == [
        .signal: 75, .until: 75, .stopAfter: 75, .endpointUnreachable: 75, .unauthorized: 75, .maxFailures: 76,
        .maxRemoved: 76, .waveConfirmation: 76, .neverConnected: 69, .credentialsRefused: 77, .ledger: 74,
      ])
  }
}

@Suite struct DurationTextTests {
  @Test(arguments: [
    ("250ms", 250), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000), ("1.5s", 1_500), ("0s", 0), ("0.25h", 900_000),
    ("87600h", 315_360_000_000),
  ])
  func `durations have a unit`(text: String, milliseconds: Int) {
    #expect(DurationText.parse(text) == .milliseconds(milliseconds))
  }

  @Test(arguments: [
    "", "30", "s", "ms", "-1s", "+1s", "1e3s", "0x10s", "nans", "infs", "1 s", " 1s", "1d", "1S", "1s ", ".5s",
    "1.2.3s",
    "87601h", "99999999999999999999h",
  ])
  func `everything else is none`(text: String) {
    #expect(DurationText.parse(text) == nil)
  }

  @Test(arguments: [
    (0, "0ms"), (1, "1ms"), (999, "999ms"), (1_000, "1s"), (1_500, "1500ms"), (60_000, "1m"), (90_000, "90s"),
    (3_600_000, "1h"), (86_400_000, "24h"),
  ])
  func `the shortest exact text in one unit`(milliseconds: Int, text: String) {
    #expect(DurationText.format(.milliseconds(milliseconds)) == text)
    #expect(DurationText.parse(text) == .milliseconds(milliseconds))
  }
}
