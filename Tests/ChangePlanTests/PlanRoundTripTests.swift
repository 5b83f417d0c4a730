import AutoScaling
import ChangePlan
import JSONText
import Testing

/// Random changes written in every form that a plan may have, and read back.
struct PlanRoundTripTests {
  private static let seeds = Array(UInt64(1)...40)

  private func expect(_ changes: [PlanChange], from text: String, as format: PlanFormat, seed: UInt64) throws {
    let outcome = try PlanText.read(Array(text.utf8), as: format, project: nil)
    #expect(outcome.diagnostics.isEmpty, "seed \(seed)")
    #expect(outcome.changes.count == changes.count, "seed \(seed)")
    for (found, change) in zip(outcome.changes, changes) {
      var found = found
      found.line = change.line
      #expect(found == change, "seed \(seed)")
    }
  }

  @Test(arguments: seeds)
  func `CSV gives back what was written`(seed: UInt64) throws {
    var random = RandomChanges(seed: seed)
    let changes = (1...25).map { random.change(number: $0) }
    let separator = random.pick([",", ";", "\t"])
    let lineEnd = random.pick(["\n", "\r\n"])
    let columns = random.shuffled(
      ["scaling_group_id", "project_id", "comment"]
        + GroupField.allCases.flatMap { [$0.rawValue, "expect:" + $0.rawValue] })
    var lines = [columns.joined(separator: separator)]
    for change in changes {
      lines.append(
        columns.map { column in
          let content = content(of: column, in: change, &random)
          // Scalars, because CR and LF together are one character.
          let needsQuotes = content.unicodeScalars.contains { "\",;\t\n".unicodeScalars.contains($0) }
          guard needsQuotes || random.number(0...4) == 0 else { return content }
          return "\"" + content.replacing("\"", with: "\"\"") + "\""
        }.joined(separator: separator))
    }
    let text = (random.flag() ? "\u{FEFF}" : "") + lines.joined(separator: lineEnd) + (random.flag() ? lineEnd : "")
    try expect(changes, from: text, as: .csv, seed: seed)
  }

  @Test(arguments: seeds)
  func `JSON and JSON Lines give back what was written`(seed: UInt64) throws {
    var random = RandomChanges(seed: seed)
    let changes = (1...25).map { random.change(number: $0) }
    let objects = changes.map { object(of: $0, &random) }
    let space = random.pick(["", " ", "\n", " \r\n\t"])
    let array = "[" + objects.map { space + $0 + space }.joined(separator: ",") + "]"
    try expect(changes, from: array, as: .json, seed: seed)
    try expect(changes, from: "{\(space)\"name\":\"n\",\(space)\"changes\":\(array)}\(space)", as: .json, seed: seed)
    try expect(changes, from: objects.joined(separator: random.pick(["\n", "\r\n"])), as: .jsonl, seed: seed)
  }

  // MARK: Writing

  private func content(of column: String, in change: PlanChange, _ random: inout RandomChanges) -> String {
    switch column {
    case "scaling_group_id": return change.group.groupID
    case "project_id": return change.group.projectID
    case "comment": return change.comment ?? ""
    default:
      let isExpectation = column.hasPrefix("expect:")
      let name = isExpectation ? String(column.dropFirst("expect:".count)) : column
      guard let field = GroupField(rawValue: name),
        let value = (isExpectation ? change.expected : change.planned)[field]
      else { return "" }
      return cell(of: value, &random)
    }
  }

  private func cell(of value: FieldValue, _ random: inout RandomChanges) -> String {
    let isShort = random.flag()
    switch value {
    case .string(let text): return text.isEmpty ? "\"\"" : text
    case .integer(let number): return "\(number)"
    case .boolean(let flag): return random.pick(flag ? ["true", "TRUE", "True"] : ["false", "FALSE", "False"])
    case .strings(let list) where isShort && !list.isEmpty: return list.joined(separator: ";")
    case .securityGroups(let ids) where isShort: return ids.joined(separator: ";")
    case .networks(let list) where isShort && list.allSatisfy { $0.ipv6Enable == nil }:
      return list.map(\.id).joined(separator: ";")
    case .listeners(let list) where isShort:
      return list.map { "\($0.poolID):\($0.protocolPort):\($0.weight)" }.joined(separator: ";")
    default: return value.json
    }
  }

  private func object(of change: PlanChange, _ random: inout RandomChanges) -> String {
    var members: [(String, (inout JSONWriter) -> Void)] = [
      ("scaling_group_id", { $0.string(change.group.groupID) }), ("project_id", { $0.string(change.group.projectID) }),
    ]
    if let comment = change.comment { members.append(("comment", { $0.string(comment) })) }
    for entry in change.planned.entries { members.append((entry.field.rawValue, { entry.value.write(to: &$0) })) }
    if !change.expected.isEmpty || random.flag() { members.append(("expect", { change.expected.write(to: &$0) })) }
    var writer = JSONWriter()
    writer.beginObject()
    for (name, write) in random.shuffled(members) {
      writer.key(name)
      write(&writer)
    }
    writer.endObject()
    return writer.text
  }
}
