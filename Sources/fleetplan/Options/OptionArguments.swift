import ArgumentParser
import ChangeRun

/// A duration with its unit.
struct DurationArgument: ExpressibleByArgument {
  var duration: Duration

  init?(argument: String) {
    guard let duration = DurationText.parse(argument) else { return nil }
    self.duration = duration
  }
}

/// `BASE:CAP`.
struct BackoffArgument: ExpressibleByArgument {
  var backoff: Backoff

  init?(argument: String) {
    guard let backoff = RunOptions.backoff(argument) else { return nil }
    self.backoff = backoff
  }
}

/// A number, or `auto`.
struct ConcurrencyArgument: ExpressibleByArgument {
  /// `nil` for `auto`.
  var number: Int?

  init?(argument: String) {
    if argument == "auto" { return }
    guard let number = Int(argument), (1...1_024).contains(number) else { return nil }
    self.number = number
  }
}

/// A local time of day.
struct ClockTime: ExpressibleByArgument, Equatable {
  var hour: Int
  var minute: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].count <= 2, parts[1].count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), (0...23).contains(hour), (0...59).contains(minute)
    else { return nil }
    self.hour = hour
    self.minute = minute
  }
}

extension RetryCauses: ExpressibleByArgument {
  package init?(argument: String) { self.init(text: argument) }
}

extension FailureLimit: ExpressibleByArgument {
  package init?(argument: String) { self.init(text: argument) }
}

extension Waves: ExpressibleByArgument {
  package init?(argument: String) { self.init(text: argument) }
}
