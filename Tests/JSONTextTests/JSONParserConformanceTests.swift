import Foundation
import JSONText
import TestSupport
import Testing

/// nst/JSONTestSuite: `y_` must be accepted, `n_` refused, `i_` is free.
@Suite(.enabled(if: ConformanceData.folder != nil, Comment(rawValue: ConformanceData.notice)))
struct JSONParserConformanceTests {
  private static let files = ConformanceData.files(in: "json-test-suite/test_parsing")

  private static func files(beginningWith prefix: String) -> [URL] {
    files.filter { $0.lastPathComponent.hasPrefix(prefix) }
  }

  @Test func `the suite is complete`() {
    #expect(Self.files(beginningWith: "y_").count == 95)
    #expect(Self.files(beginningWith: "n_").count == 188)
    #expect(Self.files(beginningWith: "i_").count == 35)
  }

  @Test(arguments: files(beginningWith: "y_"))
  func `accepts what is JSON`(file: URL) throws {
    let bytes = [UInt8](try Data(contentsOf: file))
    _ = try JSONParser.parse(bytes)
  }

  @Test(arguments: files(beginningWith: "n_"))
  func `refuses what is not JSON`(file: URL) throws {
    let bytes = [UInt8](try Data(contentsOf: file))
    let error = #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(bytes) }
    if let error {
      #expect((0...bytes.count).contains(error.offset))
      #expect(!error.reason.isEmpty)
    }
  }

  @Test(arguments: files(beginningWith: "i_"))
  func `accepts or refuses the free ones without breaking`(file: URL) throws {
    let bytes = [UInt8](try Data(contentsOf: file))
    do throws(JSONSyntaxError) {
      var writer = JSONWriter()
      writer.node(try JSONParser.parse(bytes))
      #expect(throws: Never.self) { try JSONParser.parse(writer.bytes) }
    } catch {
      #expect((0...bytes.count).contains(error.offset))
    }
  }
}
