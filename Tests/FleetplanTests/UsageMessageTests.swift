import ArgumentParser
import Foundation
import Testing

@testable import fleetplan

/// What is said of a command line that cannot be meant: what is wrong, what was found, what would be right.
struct UsageMessageTests {
  @Test(arguments: [
    (["run", "p.csv", "--rate=-1"], "--rate is 0 (unlimited) to 100000 requests a second, not -1."),
    (["run", "p.csv", "--rate", "nan"], "--rate is 0 (unlimited) to 100000 requests a second, not nan."),
    (["tune", "--rate", "1e300"], "--rate is 0 (unlimited) to 100000 requests a second, not 1e+300."),
    (["groups", "--rate", "100000.5"], "--rate is 0 (unlimited) to 100000 requests a second, not 100000.5."),
    (["run", "p.csv", "--max-attempts", "0"], "--max-attempts is 1 or more, not 0."),
    (["run", "p.csv", "--max-removed=-2"], "--max-removed is 0 or more, not -2."),
    (["tune", "--concurrency", "0"], "--concurrency is 1 to 1024, not 0."),
    (["tune"], "Nothing to change: give --rate N, --concurrency N, or both."),
    (["simulate", "--port", "70000"], "--port is 0 to 65535, not 70000."),
    (["demo", "--groups", "3"], "--groups is 10 to 10000, not 3."),
    (
      ["preview", "p.csv", "--request-timeout", "0s"],
      "--request-timeout is more than 0s, such as 30s: no request could be answered in no time."
    ),
    (
      ["run"],
      "Which plan? Give a plan file, or --plan ID for one that is loaded (`fleetplan history` lists them)."
    ),
    (["run", "p.csv", "--plan", "1"], "A plan file and --plan ID exclude each other: give one of them."),
    (
      ["run", "p.csv", "--expect-sha256", "abc"],
      "--expect-sha256 takes 64 hexadecimal digits, as `fleetplan load` prints them, not \"abc\"."
    ),
    (
      ["report", "--json", "--format", "csv"],
      "--json is --format json: it and --format csv exclude each other."
    ),
    (
      ["report", "--by", "state", "--state", "failed"],
      "--by and --state exclude each other: --by state counts all, --state lists those changes."
    ),
  ])
  func `a refusal says what was found and what would be right`(arguments: [String], message: String) throws {
    do {
      _ = try Fleetplan.parseAsRoot(arguments)
      Issue.record("accepted: \(arguments)")
    } catch {
      #expect(Fleetplan.message(for: error) == message)
    }
  }
}
