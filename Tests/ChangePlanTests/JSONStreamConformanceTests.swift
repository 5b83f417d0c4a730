import Foundation
import JSONText
import TestSupport
import Testing

@testable import ChangePlan

/// The stream, which cuts values out and never sees a whole text, must judge as the parser does.
@Suite(.enabled(if: ConformanceData.folder != nil, Comment(rawValue: ConformanceData.notice)))
struct JSONStreamConformanceTests {
  private static let files = ConformanceData.files(in: "json-test-suite/test_parsing")
    .filter { !$0.lastPathComponent.hasPrefix("i_") }

  /// Reads a text as the plan reader reads a plan: the outermost container piece by piece.
  private func streamed(_ file: URL, chunkSize: Int) throws -> JSONNode.Value {
    let input = try PlanInput(PlanSource(argument: file.path), chunkSize: chunkSize)
    let stream = JSONStream(input)
    var value: JSONNode.Value
    switch try stream.peek() {
    case UInt8(ascii: "["):
      var elements: [JSONNode] = []
      try stream.forEachElement { try stream.withValue { elements.append($0) } }
      value = .array(elements)
    case UInt8(ascii: "{"):
      var members: [JSONMember] = []
      try stream.forEachMember { name, _ in
        try stream.withValue { members.append(JSONMember(name: name, node: $0)) }
      }
      value = .object(members)
    default:
      value = try stream.withValue { $0.value }
    }
    try stream.finish()
    return value
  }

  /// The value without positions, which differ: the stream counts from the beginning of each piece.
  private func text(_ value: JSONNode.Value) -> String {
    var writer = JSONWriter()
    writer.node(JSONNode(value))
    return writer.text
  }

  @Test(arguments: files, [1, 3, 65_536])
  func `accepts and refuses as the suite says`(file: URL, chunkSize: Int) throws {
    guard file.lastPathComponent.hasPrefix("y_") else {
      #expect(throws: JSONStreamError.self) { try streamed(file, chunkSize: chunkSize) }
      return
    }
    let whole = try JSONParser.parse([UInt8](try Data(contentsOf: file)))
    #expect(text(try streamed(file, chunkSize: chunkSize)) == text(whole.value))
  }
}
