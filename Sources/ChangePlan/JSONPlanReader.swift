internal import JSONText

/// Reads a JSON plan: `{"name": …, "defaults": {…}, "changes": […]}`, or a bare array of changes.
struct JSONPlanReader {
  private let input: PlanInput
  private let stream: JSONStream
  private var changes: JSONChangeReader
  private var name: String?
  /// Where `changes` began.
  private var changesPosition: TextPosition?

  /// - Returns: the plan's own name, if it has one.
  /// - Throws: `PlanReadError`, and what `each` throws.
  static func read(
    _ input: PlanInput, into builder: inout PlanBuilder, each: (PlanChange) throws -> Void
  ) throws -> String? {
    var reader = JSONPlanReader(input)
    do {
      try reader.readPlan(into: &builder, each: each)
      builder.finish(emptyPlanAt: reader.changesPosition)
    } catch let error as JSONStreamError {
      builder.report(at: error.position, error.message)
    }
    return reader.name
  }

  private init(_ input: PlanInput) {
    self.input = input
    stream = JSONStream(input)
    changes = JSONChangeReader(input)
  }

  private mutating func readPlan(into builder: inout PlanBuilder, each: (PlanChange) throws -> Void) throws {
    let first = try stream.peek()
    let start = input.position
    switch first {
    case UInt8(ascii: "["): try readChanges(into: &builder, each: each)
    case UInt8(ascii: "{"):
      try readDocument(into: &builder, each: each)
      if changesPosition == nil {
        builder.report(at: start, field: "changes", "not given: a plan has an array of them")
      }
    case nil: throw JSONStreamError(position: start, message: "the file is empty: a plan has changes")
    default:
      throw try stream.unexpected("where a plan should begin: write an object with changes, or an array of changes")
    }
    try stream.finish()
  }

  private mutating func readDocument(into builder: inout PlanBuilder, each: (PlanChange) throws -> Void) throws {
    var seen: Set<String> = []
    try stream.forEachMember { key, position in
      let isRepeated = !seen.insert(key).inserted
      if isRepeated { builder.report(at: position, field: key, "given twice: keep one of the keys") }
      let isLate = changesPosition != nil && (key == "name" || key == "defaults")
      if isLate, !isRepeated {
        builder.report(at: position, field: key, "must come before changes, which are read one by one")
      }
      switch key {
      case "changes" where !isRepeated: try readChanges(into: &builder, each: each)
      case "defaults" where !isRepeated && !isLate:
        try stream.withValue { changes.readDefaults($0, into: &builder) }
      case "name" where !isRepeated && !isLate: try stream.withValue { readName($0, into: &builder) }
      case "$schema", "changes", "defaults", "name": try skipValue()
      case _ where changesPosition == nil && PlanColumn(name: key) != nil:
        throw JSONStreamError(
          position: position,
          message:
            "\(key): a change, where a plan should stand: put changes into an array; JSON Lines needs --format jsonl")
      default:
        let suggestion = NameSuggestion.text(for: key, among: ["name", "defaults", "changes"])
        builder.report(
          at: position, field: CSVHeader.shown(key),
          "unknown key\(suggestion): a plan has name, defaults and changes")
        try skipValue()
      }
    }
  }

  private mutating func readChanges(into builder: inout PlanBuilder, each: (PlanChange) throws -> Void) throws {
    let first = try stream.peek()
    let position = input.position
    changesPosition = position
    guard first == UInt8(ascii: "[") else {
      guard first != nil else { throw try stream.unexpected("where the array of changes should begin") }
      try stream.withValue { node in
        builder.report(at: position, field: "changes", "\(node.kindName) where an array of changes should stand")
      }
      return
    }
    // From here on the defaults stay as they are.
    let changes = changes
    try stream.forEachElement {
      var problem: JSONStreamError?
      try stream.withValue(
        { try changes.readChange($0, into: &builder, each: each) }, reportingIllFormed: { problem = $0 })
      if let problem { builder.report(at: problem.position, problem.message) }
    }
  }

  private mutating func readName(_ node: JSONNode, into builder: inout PlanBuilder) {
    guard let text = node.stringValue else {
      builder.report(at: input.position, field: "name", "\(node.kindName) where a string should stand")
      return
    }
    if text.isEmpty || text.unicodeScalars.count > PlanReader.longestName {
      builder.report(
        at: input.position, field: "name",
        "\(text.unicodeScalars.count) characters long: a name has 1 to \(PlanReader.longestName)")
      return
    }
    name = text
  }

  /// Passes over the value of a key whose value is not wanted; arrays may be longer than one value may be.
  private func skipValue() throws {
    guard try stream.peek() == UInt8(ascii: "[") else { return try stream.withValue { _ in } }
    try stream.forEachElement { try stream.withValue { _ in } }
  }
}
