internal import AutoScaling
internal import JSONText

/// Reads a value of a JSON plan, or of a JSON cell: strictly, as the API's request body has it.
extension FieldValue {
  /// - Throws: `ValueProblem` where the value is not of the field's type, with the offset of the offending part.
  ///   The field's rules are checked elsewhere.
  init(field: GroupField, planJSON node: JSONNode) throws(ValueProblem) {
    switch field.kind {
    case .integer: self = .integer(try Self.integer(node))
    case .boolean:
      guard let flag = node.boolValue else {
        throw Self.wrongType(node, expected: "a boolean: write true or false, without quotes")
      }
      self = .boolean(flag)
    case .string:
      guard let text = node.stringValue else { throw Self.wrongType(node, expected: "a string") }
      self = .string(text)
    case .strings:
      var list: [String] = []
      for element in try Self.elements(node, example: #"["…"]"#) {
        guard let text = element.stringValue else { throw Self.wrongType(element, expected: "a string") }
        list.append(text)
      }
      self = .strings(list)
    case .networks:
      var list: [Network] = []
      for element in try Self.elements(node, example: #"[{"id": "…"}]"#) { list.append(try Self.network(element)) }
      self = .networks(list)
    case .securityGroups:
      var ids: [String] = []
      for element in try Self.elements(node, example: #"[{"id": "…"}]"#) {
        let members = try ObjectMembers(element, required: ["id"])
        ids.append(try members.string("id"))
      }
      self = .securityGroups(ids)
    case .listeners:
      var list: [Listener] = []
      let example = #"[{"pool_id": "…", "protocol_port": 80, "weight": 1}]"#
      for element in try Self.elements(node, example: example) {
        let members = try ObjectMembers(element, required: ["pool_id", "protocol_port", "weight"])
        list.append(
          Listener(
            poolID: try members.string("pool_id"), protocolPort: try members.integer("protocol_port"),
            weight: try members.integer("weight")))
      }
      self = .listeners(list)
    }
  }

  private static func network(_ node: JSONNode) throws(ValueProblem) -> Network {
    let members = try ObjectMembers(node, required: ["id"], optional: ["ipv6_enable", "ipv6_bandwidth"])
    var network = Network(id: try members.string("id"))
    if let flag = members["ipv6_enable"] {
      guard let value = flag.boolValue else {
        throw wrongType(flag, "ipv6_enable", expected: "a boolean: write true or false, without quotes")
      }
      network.ipv6Enable = value
    }
    if let bandwidth = members["ipv6_bandwidth"] {
      network.ipv6BandwidthID = try ObjectMembers(bandwidth, required: ["id"]).string("id")
    }
    return network
  }

  private static func elements(_ node: JSONNode, example: String) throws(ValueProblem) -> [JSONNode] {
    guard let elements = node.arrayValue else { throw wrongType(node, expected: "an array: write \(example)") }
    return elements
  }

  fileprivate static func integer(_ node: JSONNode, _ name: String? = nil) throws(ValueProblem) -> Int {
    switch node.value {
    case .integer(let number): return number
    case .number(let text):
      if let number = Double(text), number == number.rounded(), number.magnitude < 1e9 {
        throw ValueProblem(
          message: "\(subject(name))\(text) is not written as a whole number: write \(Int(number))", offset: node.offset
        )
      }
      throw ValueProblem(
        message: "\(subject(name))\(String(text.prefix(40))) is not a whole number", offset: node.offset)
    case .string(let text):
      if let number = Int(text) {
        throw ValueProblem(message: "\(subject(name))a string: write \(number) without quotes", offset: node.offset)
      }
      throw wrongType(node, name, expected: "a whole number")
    case .null, .bool, .array, .object:
      throw wrongType(node, name, expected: "a whole number")
    }
  }

  fileprivate static func wrongType(_ node: JSONNode, _ name: String? = nil, expected: String) -> ValueProblem {
    if node.isNull {
      return ValueProblem(
        message: "\(subject(name))null is not a value of a plan: leave the key out", offset: node.offset)
    }
    return ValueProblem(
      message: "\(subject(name))\(node.kindName) where the API wants \(expected)", offset: node.offset)
  }

  private static func subject(_ name: String?) -> String { name.map { "\($0): " } ?? "" }
}

/// The members of a small object whose names are known: none missing, none unknown, none twice.
private struct ObjectMembers {
  private let node: JSONNode

  init(_ node: JSONNode, required: [String], optional: [String] = []) throws(ValueProblem) {
    guard let members = node.objectValue else {
      throw FieldValue.wrongType(node, expected: "an object with \(required.joined(separator: ", "))")
    }
    var seen: Set<String> = []
    for member in members {
      guard required.contains(member.name) || optional.contains(member.name) else {
        let suggestion = NameSuggestion.text(for: member.name, among: required + optional)
        throw ValueProblem(
          message: "\(member.name.quotedForMessage) is no key here\(suggestion)", offset: member.nameOffset)
      }
      guard seen.insert(member.name).inserted else {
        throw ValueProblem(message: "\(member.name) is given twice: keep one", offset: member.nameOffset)
      }
    }
    for name in required where !seen.contains(name) {
      throw ValueProblem(message: "an element without \(name)", offset: node.offset)
    }
    self.node = node
  }

  subscript(name: String) -> JSONNode? { node[name] }

  func string(_ name: String) throws(ValueProblem) -> String {
    guard let value = node[name] else { return "" }
    guard let text = value.stringValue else { throw FieldValue.wrongType(value, name, expected: "a string") }
    return text
  }

  func integer(_ name: String) throws(ValueProblem) -> Int {
    guard let value = node[name] else { return 0 }
    return try FieldValue.integer(value, name)
  }
}
