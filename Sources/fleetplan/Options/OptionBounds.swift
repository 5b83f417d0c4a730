import ArgumentParser

/// What numbers of the command line may be; a refusal names the option, what was found, and what would be right.
enum OptionBounds {
  static func check(rate: Double?) throws {
    guard let rate, !(rate >= 0 && rate <= 100_000) else { return }
    let text = abs(rate) < 1e9 && rate == rate.rounded() ? String(Int(rate)) : String(rate)
    throw ValidationError("--rate is 0 (unlimited) to 100000 requests a second, not \(text).")
  }

  static func check(_ name: String, _ number: Int?, _ range: ClosedRange<Int>) throws {
    guard let number, !range.contains(number) else { return }
    let text = range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    throw ValidationError("\(name) is \(text), not \(number).")
  }

  static func check(requestTimeout: DurationArgument?) throws {
    guard let requestTimeout, requestTimeout.duration <= .zero else { return }
    throw ValidationError("--request-timeout is more than 0s, such as 30s: no request could be answered in no time.")
  }
}
