import JSONText

/// What is to be written of one change.
struct PreviewPiece: Equatable {
  /// To standard output; empty where only the sums are asked for.
  var shown: String
  /// To the export; `nil` where none is made.
  var exported: PlanExport.Row?

  init(shown: String, exported: PlanExport.Row?) {
    self.shown = shown
    self.exported = exported
  }

  // MARK: As one text

  /// The text that `init(spooled:)` makes a piece of.
  var spooled: String {
    var writer = JSONWriter()
    writer.beginArray()
    writer.string(shown)
    if let exported {
      if let line = exported.line { writer.string(line) } else { writer.null() }
      for warning in exported.warnings { writer.string(warning) }
    }
    writer.endArray()
    return writer.text
  }

  init(spooled: String) throws {
    let parts = try JSONParser.parse(spooled).arrayValue ?? []
    shown = parts.first?.stringValue ?? ""
    guard parts.count > 1 else { return }
    exported = PlanExport.Row(line: parts[1].stringValue, warnings: parts.dropFirst(2).compactMap(\.stringValue))
  }
}
