import ChangeRun
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is said, and asked, before the first PUT of a session (contract, section 3).
struct RunStartSummary {
  /// What is about to happen: `apply`, `roll back` …
  var verb: String
  var changes: Int
  var groups: Int
  var projects: Int
  var options: RunOptions
  var expiry = CredentialExpiry.never

  /// A GET and a PUT for each change, at the given rate; in seconds, `nil` where the rate is unlimited.
  var seconds: Double? { options.rate > 0 ? Double(changes) * 2 / options.rate : nil }

  func text(now: Date) -> String {
    var text = "\(verb): \(PlanWords.size(changes: changes, groups: groups, projects: projects))"
    guard let seconds else {
      return text + "; rate unlimited: as fast as the service answers"
    }
    let rate = options.rate == options.rate.rounded() ? String(Int(options.rate)) : String(options.rate)
    text += "; at \(rate) requests/s about \(HumanText.duration(seconds: seconds))"
    return text + ", until about \(HumanText.localTime(now.addingTimeInterval(seconds)))"
  }

  /// Asks on a terminal, or insists on `--yes`.
  ///
  /// - Returns: whether to go on.
  /// - Throws: `CommandError` 64 where nobody can be asked and `--yes` is missing.
  func confirm(_ context: CommandContext, yes: Bool) throws -> Bool {
    context.note(text(now: Date()))
    if let warning = expiry.warning(runTaking: seconds, now: Date()) { context.warn(warning) }
    if yes { return true }
    guard context.canAsk else {
      throw CommandError(.usage, "nobody can be asked here: --yes says that it is meant. Nothing was changed")
    }
    context.errors.write("Go on? [y/N] ")
    let answer = readLine()?.lowercased() ?? ""
    return answer == "y" || answer == "yes"
  }
}

/// Durations and times as people read them.
enum HumanText {
  static func duration(seconds: Double) -> String {
    if seconds < 1 { return "\(max(Int((seconds * 1_000).rounded()), 0)) ms" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3_600 { return "\(whole / 60) min" + (whole % 60 == 0 ? "" : " \(whole % 60) s") }
    return "\(whole / 3_600) h" + (whole / 60 % 60 == 0 ? "" : " \(whole / 60 % 60) min")
  }

  /// Local time with its offset; the date too where it is not today's.
  static func localTime(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = Calendar.current.isDateInToday(date) ? "HH:mm:ss xxx" : "yyyy-MM-dd HH:mm xxx"
    return formatter.string(from: date)
  }
}
