internal import JSONText

/// Reads a plan of JSON Lines: one change a line, each an object.
///
/// Lines are independent: an ill-formed one does not keep the others from being checked.
struct JSONLinesPlanReader {
  /// The longest line, in bytes.
  private static let longestLine = JSONStream.longestValue

  private let input: PlanInput
  private let changes: JSONChangeReader
  /// No line with text in it came before.
  private var isFirst = true

  /// - Throws: `PlanReadError`, and what `each` throws.
  static func read(
    _ input: PlanInput, into builder: inout PlanBuilder, each: (PlanChange) throws -> Void
  ) throws {
    var reader = JSONLinesPlanReader(input)
    while let line = try reader.nextLine(into: &builder) {
      let goesOn = try reader.readLine(line.length, into: &builder, each: each)
      input.advance(by: line.length + line.endLength)
      guard goesOn else { return }
    }
    builder.finish(emptyPlanAt: TextPosition(line: 1, column: 1))
  }

  private init(_ input: PlanInput) {
    self.input = input
    changes = JSONChangeReader(input)
  }

  /// Has the next line unread in one piece.
  ///
  /// - Returns: its length without and with its end; `nil` at the end of the file, or behind a line that is too long.
  private func nextLine(into builder: inout PlanBuilder) throws(PlanReadError) -> (length: Int, endLength: Int)? {
    var searched = 0
    while true {
      let bytes = input.unread
      let end = bytes.firstOffset(of: UInt8(ascii: "\n"), from: searched)
      if let end, end <= Self.longestLine { return (end, 1) }
      searched = bytes.count
      if end != nil || searched > Self.longestLine {
        builder.report(at: input.position, "a line longer than 1 MiB: the lines behind it were not read")
        return nil
      }
      guard try input.fill() else { return searched > 0 ? (searched, 0) : nil }
    }
  }

  /// - Returns: `false` where the other lines are not worth reading.
  private mutating func readLine(
    _ length: Int, into builder: inout PlanBuilder, each: (PlanChange) throws -> Void
  ) throws -> Bool {
    let bytes = UnsafeRawBufferPointer(rebasing: input.unread[..<length])
    guard let first = bytes.firstIndex(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else {
      builder.skipEmptyRow(at: input.position)
      return true
    }
    defer { isFirst = false }
    if isFirst, bytes[first] == UInt8(ascii: "[") {
      builder.report(
        at: input.position(at: first), "an array: JSON Lines has one change a line; an array needs --format json")
      return false
    }
    let node: JSONNode
    do throws(JSONSyntaxError) {
      node = try JSONParser.parse(bytes, maximumDepth: JSONStream.maximumDepth, names: JSONChangeReader.names)
    } catch {
      let isCut = error.offset >= length
      let hint =
        isFirst && isCut ? ": JSON Lines has one whole change a line; a JSON document needs --format json" : ""
      builder.report(at: input.position(at: error.offset), error.reason + hint)
      return !(isFirst && isCut)
    }
    if isFirst, let changes = node["changes"] {
      builder.report(
        at: input.position(at: changes.offset),
        "a JSON document: JSON Lines has one change a line; a document needs --format json")
      return false
    }
    try changes.readChange(node, into: &builder, each: each)
    return true
  }
}
