/// A JSON value (RFC 8259) together with the place where it begins.
///
/// Objects keep their members in order and may hold a name twice: that is legal JSON, and it is for the
/// caller to judge. Numbers that are not plain integers keep their text, so nothing is rounded.
package struct JSONNode: Sendable, Equatable {
  package enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits into 64 bits.
    case integer(Int)
    /// Any other number, as it was written.
    case number(String)
    case string(String)
    case array([JSONNode])
    case object([JSONMember])
  }

  package var value: Value
  /// Byte offset of the value's first byte in the text that was parsed.
  package var offset: Int

  package init(_ value: Value, offset: Int = 0) {
    self.value = value
    self.offset = offset
  }

  /// The first member of that name, `nil` where there is none or the value is not an object.
  package subscript(name: String) -> JSONNode? {
    guard case .object(let members) = value else { return nil }
    return members.first { $0.name == name }?.node
  }

  package var isNull: Bool { value == .null }

  package var stringValue: String? {
    if case .string(let text) = value { text } else { nil }
  }

  package var integerValue: Int? {
    if case .integer(let number) = value { number } else { nil }
  }

  package var boolValue: Bool? {
    if case .bool(let flag) = value { flag } else { nil }
  }

  package var arrayValue: [JSONNode]? {
    if case .array(let elements) = value { elements } else { nil }
  }

  package var objectValue: [JSONMember]? {
    if case .object(let members) = value { members } else { nil }
  }

  /// What the value is, in the words of the specification: `string`, `number`, `true`, …
  package var kindName: String {
    switch value {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// One member of a JSON object.
package struct JSONMember: Sendable, Equatable {
  package var name: String
  /// Byte offset of the name's opening quotation mark.
  package var nameOffset: Int
  package var node: JSONNode

  package init(name: String, nameOffset: Int = 0, node: JSONNode) {
    self.name = name
    self.nameOffset = nameOffset
    self.node = node
  }
}

/// Why a text is not JSON, and where.
package struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Byte offset of the first byte that cannot be right.
  package var offset: Int
  /// What was found and what would be right, without the place.
  package var reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  package var description: String { "byte \(offset): \(reason)" }
}
