import AutoScaling
import JSONText

/// Values of the ledger as a page shows them.
enum ShownValue {
  /// One value, from JSON: text without quotation marks, and nothing that could be taken for a value where there is none.
  static func html(_ json: String) -> HTML {
    // What is no JSON is shown as it is.
    guard let node = try? JSONParser.parse(json) else { return "\(json)" }
    return html(node, json)
  }

  private static func html(_ node: JSONNode, _ json: String) -> HTML {
    if node.isNull { return "<i>not set</i>" }
    guard let text = node.stringValue else { return "\(short(json))" }
    return text.isEmpty ? "<i>empty</i>" : "\(short(text))"
  }

  /// A list of listeners can be longer than a screen: the CSV has all of it.
  private static func short(_ text: String) -> String { DisplayText.truncated(text, to: 240) }

  private static func html(_ node: JSONNode) -> HTML {
    var writer = JSONWriter()
    writer.node(node)
    return html(node, writer.text)
  }

  /// `field: before → after` for each field of a change, one a line.
  ///
  /// - Parameters:
  ///   - prior: an object, as the record in force has it; `nil` where nothing was recorded.
  ///   - planned: an object.
  /// - Returns: a line for each field.
  static func fields(prior: String?, planned: String) -> HTML {
    // As above: what is no object is shown as it is.
    guard let members = try? JSONParser.parse(planned).objectValue else { return "\(planned)" }
    let before = prior.flatMap { try? JSONParser.parse($0) }
    return members.map { member in
      let after = html(member.node)
      guard let before else { return line("\(member.name): <span class=\"to\">→</span> \(after)") }
      // A field that the group already held is not in the record: it was not sent.
      guard let value = before[member.name] else { return line("\(member.name): \(after) <i>already</i>") }
      return line("\(member.name): \(html(value)) <span class=\"to\">→</span> \(after)")
    }.joined()
  }

  private static func line(_ html: HTML) -> HTML { "<div>\(html)</div>" }

  /// `field: value` for each field of an object, one a line; nothing for `nil`.
  static func values(_ json: String?) -> HTML {
    guard let json else { return "" }
    // As above.
    guard let members = try? JSONParser.parse(json).objectValue else { return "\(json)" }
    return members.map { line("\($0.name): \(html($0.node))") }.joined()
  }
}
