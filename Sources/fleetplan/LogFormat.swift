import ArgumentParser
import JSONText
import Ledger
import Logging

/// How log lines look (`--log-format`).
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text
  case json

  func line(level: Logger.Level, message: String, values: [(key: String, value: Logger.MetadataValue)]) -> String {
    switch self {
    case .text:
      let prefix =
        switch level {
        case .info, .notice: ""
        case .warning: "warning: "
        case .error, .critical: "error: "
        case .debug, .trace: "debug: "
        }
      let suffix = values.map { " \($0.key)=\($0.value)" }.joined()
      return prefix + message + suffix + "\n"
    case .json:
      var writer = JSONWriter()
      writer.beginObject()
      writer.member("time", LedgerTime.iso8601(LedgerTime.now()))
      writer.member("level", level.rawValue)
      writer.member("message", message)
      for (key, value) in values { writer.member(key, "\(value)") }
      writer.endObject()
      return writer.text + "\n"
    }
  }
}
