import Ledger

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What reports need to know of the place where they are read.
package struct ReportStyle: Sendable {
  /// The ledger's path, for commands that the reader may copy; `nil` where it is the default one.
  package var ledger: String?
  /// Flags that commands to the cloud need, with a space before each word; empty where they are not known.
  package var cloudFlags: String
  /// Seconds east of UTC at a time in seconds since 1970.
  package var utcOffset: @Sendable (Int) -> Int

  package init(
    ledger: String?, cloudFlags: String = "", utcOffset: @escaping @Sendable (Int) -> Int = ReportStyle.localOffset
  ) {
    self.ledger = ledger
    self.cloudFlags = cloudFlags
    self.utcOffset = utcOffset
  }

  /// The offset of this machine's time zone.
  package static let localOffset: @Sendable (Int) -> Int = { seconds in
    var time = time_t(seconds)
    var parts = tm()
    return localtime_r(&time, &parts) == nil ? 0 : Int(parts.tm_gmtoff)
  }

  /// `2026-11-24 02:02:03 +01:00`
  package func time(_ milliseconds: Int) -> String {
    let offset = utcOffset(milliseconds / 1000)
    let local = LedgerTime.iso8601(milliseconds + offset * 1000)
    let minutes = abs(offset) / 60
    let two = { (number: Int) in (number < 10 ? "0" : "") + String(number) }
    return "\(local.prefix(10)) \(local.dropFirst(11).prefix(8)) "
      + "\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
  }

  /// A command line of this program, as it can be copied into a shell.
  package func command(_ words: String...) -> String { command(words) }

  /// A command line of this program, as it can be copied into a shell.
  package func command(_ words: [String]) -> String {
    let ledgerWords = ledger.map { ["--ledger", $0] } ?? []
    return (["fleetplan"] + words + ledgerWords).map(DisplayText.shellQuoted).joined(separator: " ")
  }

  /// A duration of 0 or more milliseconds as people say it, in two units at most.
  package static func duration(_ milliseconds: Int) -> String {
    switch milliseconds {
    case ..<1_000: return "\(milliseconds) ms"
    case ..<59_950:
      let tenths = (milliseconds + 50) / 100
      return tenths.isMultiple(of: 10) ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    default: break
    }
    let seconds = (milliseconds + 500) / 1000
    if seconds < 3_600 { return "\(seconds / 60) min" + (seconds % 60 == 0 ? "" : " \(seconds % 60) s") }
    let minutes = (seconds + 30) / 60
    if minutes < 24 * 60 { return "\(minutes / 60) h" + (minutes % 60 == 0 ? "" : " \(minutes % 60) min") }
    let hours = (minutes + 30) / 60
    return "\(hours / 24) d" + (hours % 24 == 0 ? "" : " \(hours % 24) h")
  }
}
