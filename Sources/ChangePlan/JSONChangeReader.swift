internal import AutoScaling
internal import JSONText

/// Reads one change of a JSON plan or of JSON Lines from its object.
struct JSONChangeReader {
  /// The keys that changes have, and the members of their values.
  static let names = JSONNames(
    PlanColumn.plainNames + ["expect", "id", "ipv6_enable", "ipv6_bandwidth", "pool_id", "protocol_port", "weight"])

  /// What is merged under every change; has no group.
  private(set) var defaults = ChangeDraft()
  private let input: PlanInput

  init(_ input: PlanInput) { self.input = input }

  /// Reads a change, whose first byte is the next unread one, and hands it on.
  func readChange(
    _ node: JSONNode, into builder: inout PlanBuilder, each: (PlanChange) throws -> Void
  ) throws {
    var draft = ChangeDraft(line: input.position.line)
    guard let members = node.objectValue else {
      builder.report(at: input.position, "\(node.kindName) where a change should stand: a change is an object")
      return
    }
    read(members, into: &draft, isDefaults: false, &builder)
    if draft.groupID == nil, node[PlanColumn.groupID.name] == nil {
      builder.report(at: input.position, field: PlanColumn.groupID.name, "not given: every change must name its group")
      draft.hasErrors = true
    }
    draft.projectID = draft.projectID ?? defaults.projectID
    draft.comment = draft.comment ?? defaults.comment
    draft.hasErrors = draft.hasErrors || defaults.hasErrors
    draft.hasProjectError = draft.hasProjectError || (draft.projectID == nil && defaults.hasProjectError)
    if !defaults.planned.isEmpty { draft.planned = draft.planned.merging(defaults: defaults.planned) }
    if !defaults.expected.isEmpty { draft.expected = draft.expected.merging(defaults: defaults.expected) }
    try builder.add(
      draft,
      locate: { part in
        guard case .planned(let field) = part, let value = node[field.rawValue] else { return input.position }
        return input.position(at: value.offset)
      }, each: each)
  }

  /// Reads `defaults`, whose first byte is the next unread one.
  mutating func readDefaults(_ node: JSONNode, into builder: inout PlanBuilder) {
    guard let members = node.objectValue else {
      builder.report(at: input.position, field: "defaults", "\(node.kindName) where an object of fields should stand")
      defaults.hasErrors = true
      return
    }
    read(members, into: &defaults, isDefaults: true, &builder)
  }

  private func read(
    _ members: [JSONMember], into draft: inout ChangeDraft, isDefaults: Bool, _ builder: inout PlanBuilder
  ) {
    // One bit for each name that was seen: fields first, then the others.
    var seen: UInt32 = 0
    for member in members {
      guard let key = Key(member.name) else {
        reportUnknown(member, into: &builder)
        draft.hasErrors = true
        continue
      }
      if seen & key.bit != 0 {
        builder.report(
          at: input.position(at: member.nameOffset), field: member.name, "given twice: keep one of the keys")
        draft.hasErrors = true
        continue
      }
      seen |= key.bit
      do throws(ValueProblem) {
        try read(member, key, into: &draft, isDefaults: isDefaults, &builder)
      } catch {
        builder.report(at: input.position(at: error.offset), field: member.name, error.message)
        draft.hasErrors = true
        if key == .projectID { draft.hasProjectError = true }
      }
    }
  }

  private func read(
    _ member: JSONMember, _ key: Key, into draft: inout ChangeDraft, isDefaults: Bool, _ builder: inout PlanBuilder
  ) throws(ValueProblem) {
    switch key {
    case .groupID:
      if isDefaults {
        throw ValueProblem(message: "no default can name the group: give it in every change", offset: member.nameOffset)
      }
      draft.groupID = try identifier(member.node)
    case .projectID: draft.projectID = try identifier(member.node)
    case .comment:
      let text = try string(member.node)
      draft.comment = text.isEmpty ? nil : text
    case .expectations: readExpectations(member.node, into: &draft, &builder)
    case .field(let field):
      let value = try FieldValue(field: field, planJSON: member.node)
      if isDefaults, let problem = field.problem(with: value) {
        throw ValueProblem(message: problem, offset: member.node.offset)
      }
      draft.planned[field] = value
    }
  }

  private func readExpectations(_ node: JSONNode, into draft: inout ChangeDraft, _ builder: inout PlanBuilder) {
    guard let members = node.objectValue else {
      builder.report(
        at: input.position(at: node.offset), field: Key.expectationsName,
        "\(node.kindName) where an object of fields should stand")
      draft.hasErrors = true
      return
    }
    var problems: [(offset: Int, field: String, message: String)] = []
    var seen: Set<GroupField> = []
    for member in members {
      let name = PlanColumn.expectationPrefix + CSVHeader.shown(member.name)
      guard let field = GroupField(rawValue: member.name) else {
        let suggestion = NameSuggestion.text(for: member.name, among: PlanColumn.fieldNames)
        problems.append((member.nameOffset, name, "not a field that can be expected\(suggestion)"))
        continue
      }
      guard seen.insert(field).inserted else {
        problems.append((member.nameOffset, name, "given twice: keep one of the keys"))
        continue
      }
      do throws(ValueProblem) {
        draft.expected[field] = try FieldValue(field: field, planJSON: member.node)
      } catch {
        problems.append((error.offset, name, error.message))
      }
    }
    for problem in problems {
      builder.report(at: input.position(at: problem.offset), field: problem.field, problem.message)
      draft.hasErrors = true
    }
  }

  private func reportUnknown(_ member: JSONMember, into builder: inout PlanBuilder) {
    let suggestion = NameSuggestion.text(for: member.name, among: PlanColumn.plainNames + [Key.expectationsName])
    builder.report(
      at: input.position(at: member.nameOffset), field: CSVHeader.shown(member.name), "unknown key\(suggestion)")
  }

  private func identifier(_ node: JSONNode) throws(ValueProblem) -> String {
    let text = try string(node)
    if !PlanID.isPlain(text), let problem = PlanID.problem(with: text) {
      throw ValueProblem(message: problem, offset: node.offset)
    }
    return text
  }

  private func string(_ node: JSONNode) throws(ValueProblem) -> String {
    guard let text = node.stringValue else {
      let message =
        node.isNull
        ? "null is not a value of a plan: leave the key out" : "\(node.kindName) where a string should stand"
      throw ValueProblem(message: message, offset: node.offset)
    }
    return text
  }

  /// The keys of a change.
  private enum Key: Hashable {
    case groupID
    case projectID
    case comment
    case expectations
    case field(GroupField)

    static let expectationsName = "expect"

    init?(_ name: String) {
      if let field = GroupField(rawValue: name) {
        self = .field(field)
        return
      }
      switch name {
      case "scaling_group_id": self = .groupID
      case "project_id": self = .projectID
      case "comment": self = .comment
      case Self.expectationsName: self = .expectations
      default: return nil
      }
    }

    /// A bit of its own for each key; there are 21 fields.
    var bit: UInt32 {
      switch self {
      case .field(let field): 1 << UInt32(field.index)
      case .groupID: 1 << 28
      case .projectID: 1 << 29
      case .comment: 1 << 30
      case .expectations: 1 << 31
      }
    }
  }
}
