import AutoScaling
import JSONText
import Reports

/// Writes rows as one plan, CSV or JSON, row by row.
final class GroupPlanOutput {
  /// How the plan is written.
  enum Format: Hashable {
    case csv(CSVSeparator, hasByteOrderMark: Bool)
    case json
  }

  private enum Destination {
    case stream(PreviewOutput)
    case file(ReportSink, path: String)
  }

  private let destination: Destination
  /// `nil` for JSON.
  private let csv: CSVPlanWriter?
  private(set) var rows = 0

  /// Begins the plan.
  ///
  /// - Parameters:
  ///   - format: CSV or JSON.
  ///   - maker: makes the rows; it knows the columns.
  ///   - path: a new file; `nil`: standard output.
  ///   - context: has standard output.
  /// - Throws: `CommandError` 73 where the file exists or cannot be made; `PreviewOutput.ReaderGone`.
  init(_ format: Format, rowsOf maker: GroupPlanRowMaker, to path: String?, _ context: CommandContext) throws {
    if let path {
      try ReportSink.refuseExisting(path)
      destination = .file(try ReportSink(path: path, standardOutput: context.output), path: path)
    } else {
      destination = .stream(PreviewOutput(context.output))
    }
    switch format {
    case .csv(let separator, let hasByteOrderMark):
      let fields = Set(maker.fields)
      let writer = CSVPlanWriter(
        CSVPlanWriter.Columns(planned: fields, expected: maker.expectsLiveValues ? fields : []), separator: separator)
      csv = writer
      try write((hasByteOrderMark ? "\u{FEFF}" : "") + writer.header)
    case .json:
      csv = nil
      try write(#"{"changes":["#)
    }
  }

  func add(_ row: GroupPlanRow, of group: GroupReference) throws {
    if let csv {
      try write(csv.line(group: group, planned: row.planned, expected: row.expected, comment: nil))
    } else {
      try write((rows == 0 ? "\n" : ",\n") + Self.change(row, of: group))
    }
    rows += 1
  }

  /// Writes the end; a file gets its name only now.
  func finish() throws {
    if csv == nil { try write("\n]}\n") }
    switch destination {
    case .stream(let output): try output.flush()
    case .file(let file, let path):
      try ReportSink.refuseExisting(path)
      try file.close()
    }
  }

  /// A part of the plan is out, which does not go away when the rest cannot be had.
  var hasWrittenPart: Bool {
    switch destination {
    case .stream(let output): output.hasWritten
    case .file: false
    }
  }

  private func write(_ text: String) throws {
    switch destination {
    case .stream(let output): try output.write(text)
    case .file(let file, _): try file.write(text)
    }
  }

  private static func change(_ row: GroupPlanRow, of group: GroupReference) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("project_id", group.projectID)
    writer.member("scaling_group_id", group.groupID)
    for entry in row.planned.entries {
      writer.key(entry.field.rawValue)
      entry.value.write(to: &writer)
    }
    if !row.expected.isEmpty {
      writer.key("expect")
      row.expected.write(to: &writer)
    }
    writer.endObject()
    return writer.text
  }
}
