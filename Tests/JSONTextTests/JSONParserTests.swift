import JSONText
import Testing

struct JSONParserTests {
  @Test func `values know where they begin`() throws {
    let node = try JSONParser.parse(#" {"a": [1, "x"], "b": null}"#)
    #expect(node.offset == 1)
    let members = try #require(node.objectValue)
    #expect(members.map(\.name) == ["a", "b"])
    #expect(members.map(\.nameOffset) == [2, 17])
    #expect(members.map(\.node.offset) == [7, 22])
    #expect(members[0].node.arrayValue?.map(\.offset) == [8, 11])
    #expect(node["b"]?.isNull == true)
    #expect(node["c"] == nil)
  }

  @Test(arguments: [
    ("0", JSONNode.Value.integer(0)), ("-1", .integer(-1)), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number("9223372036854775808")), ("-0", .number("-0")), ("1.0", .number("1.0")),
    ("1E+2", .number("1E+2")), ("true", .bool(true)), ("false", .bool(false)), ("null", .null),
    (#""""#, .string("")), (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")),
    (#""\u00e4\uD83D\uDE0E""#, .string("ä😎")), ("\"ä😎\"", .string("ä😎")), ("[]", .array([])), ("{}", .object([])),
  ])
  func `reads scalars and empty containers`(text: String, value: JSONNode.Value) throws {
    #expect(try JSONParser.parse(text).value == value)
  }

  @Test(arguments: [
    ("", 0, "the text ends where a value should begin"),
    ("[1,]", 3, "']' where a value should begin"),
    ("{\"a\" 1}", 5, "'1' where ':' should stand"),
    ("{a: 1}", 1, "'a' where a quoted name should begin"),
    ("[1 2]", 3, "'2' where ',' or ']' should stand"),
    ("\"abc", 0, "a string is not closed"),
    ("\"a\nb\"", 2, "a line break inside a string: write it as an escape"),
    (#""\x""#, 1, "'x' after a backslash is no escape of JSON"),
    (#""\ud800""#, 1, "half of a surrogate pair"),
    (#""\ud800\u0041""#, 1, "half of a surrogate pair"),
    (#""\u12g4""#, 1, "\\u needs four hexadecimal digits"),
    ("01", 1, "a number must not begin with 0"),
    ("1.", 2, "the text ends where a digit should stand"),
    ("True", 0, "'T' where a value should begin"),
    ("nul", 0, "an unquoted word that is not true, false or null"),
    ("1 2", 2, "text after the end of the JSON value"),
  ])
  func `names the place and the reason`(text: String, offset: Int, reason: String) {
    #expect(throws: JSONSyntaxError(offset: offset, reason: reason)) { try JSONParser.parse(text) }
  }

  @Test func `names the byte that is not UTF-8`() {
    let bytes = Array("[\"f".utf8) + [0xFC] + Array("r\"]".utf8)
    #expect(throws: JSONSyntaxError(offset: 3, reason: "the byte 0xFC inside a string is not valid UTF-8")) {
      try JSONParser.parse(bytes)
    }
  }

  @Test func `depth is limited where the caller says`() throws {
    let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    _ = try JSONParser.parse(text, maximumDepth: 64)
    #expect(throws: JSONSyntaxError(offset: 63, reason: "nested deeper than 63 levels")) {
      try JSONParser.parse(text, maximumDepth: 63)
    }
  }

  @Test func `known names are the same as others`() throws {
    let text = #"{"id": 1, "other": 2, "i\u0064": 3, "ix": 4}"#
    let names = JSONNames(["id", "max_instance_number", ""])
    let known = try Array(text.utf8).withUnsafeBytes { try JSONParser.parse($0, names: names) }
    #expect(known == (try JSONParser.parse(text)))
  }
}
