import Foundation
import JSONText
import TestSupport
import Testing

@testable import ChangePlan

/// csv-spectrum and csv-test-data, read by the row reader alone: files without a plan's columns.
@Suite(.enabled(if: ConformanceData.folder != nil, Comment(rawValue: ConformanceData.notice)))
struct CSVConformanceTests {
  private static let spectrum = ConformanceData.files(in: "csv-spectrum/csvs")
  private static let testData = ConformanceData.files(in: "csv-test-data/csv")
  private static let good = testData.filter { !$0.lastPathComponent.hasPrefix("bad-") }

  /// Breaks RFC 4180: quotation marks inside unquoted cells (and its JSON shows other values than the CSV).
  private static let unsound = "location_coordinates.csv"

  private func rows(of file: URL, chunkSize: Int) throws -> (rows: [[String]], faults: [CSVFault]) {
    let input = try PlanInput(PlanSource(argument: file.path), chunkSize: chunkSize)
    var reader = CSVRowReader(input, separator: UInt8(ascii: ","))
    var rows: [[String]] = []
    var faults: [CSVFault] = []
    while try reader.advance() {
      faults += reader.faults
      rows.append(reader.cells.map { $0.withContent(in: reader.row) { String(decoding: $0, as: UTF8.self) } })
    }
    return (rows, faults)
  }

  private func json(beside file: URL) throws -> JSONNode {
    let name = file.deletingPathExtension().lastPathComponent + ".json"
    let folder = file.deletingLastPathComponent().deletingLastPathComponent().appending(path: "json")
    return try JSONParser.parse([UInt8](try Data(contentsOf: folder.appending(path: name))))
  }

  @Test func `the suites are complete`() {
    #expect(Self.spectrum.count == 12)
    #expect(Self.testData.count == 25)
  }

  @Test(arguments: spectrum, [1, 65_536])
  func `csv-spectrum reads as its JSON`(file: URL, chunkSize: Int) throws {
    let table = try rows(of: file, chunkSize: chunkSize)
    if file.lastPathComponent == Self.unsound {
      #expect(table.faults.map(\.kind) == [.quoteInUnquotedCell, .quoteInUnquotedCell])
      return
    }
    #expect(table.faults.isEmpty)
    let expected = try #require(try json(beside: file).arrayValue).map { row in
      Dictionary(uniqueKeysWithValues: (row.objectValue ?? []).map { ($0.name, $0.node.stringValue) })
    }
    let header = try #require(table.rows.first)
    let found = table.rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0.map(Optional.some))) }
    #expect(Array(found) == expected)
  }

  @Test(arguments: good, [1, 65_536])
  func `csv-test-data reads as its JSON`(file: URL, chunkSize: Int) throws {
    let table = try rows(of: file, chunkSize: chunkSize)
    #expect(table.faults.isEmpty)
    let expected = try #require(try json(beside: file).arrayValue)
    if file.lastPathComponent.hasPrefix("header-") {
      #expect(table.rows.first == ["foo", "bar", "baz"])
      #expect(
        Array(table.rows.dropFirst()) == expected.map { ($0.objectValue ?? []).map { $0.node.stringValue ?? "" } })
    } else {
      #expect(table.rows == expected.map { ($0.arrayValue ?? []).map { $0.stringValue ?? "" } })
    }
  }

  @Test(arguments: [
    ("bad-missing-quote.csv", [CSVFault(kind: .unclosedQuote, offset: 2)]),
    ("bad-quotes-with-unescaped-quote.csv", [CSVFault(kind: .textAfterClosingQuote, offset: 18)]),
    (
      "bad-unescaped-quote.csv",
      [CSVFault(kind: .quoteInUnquotedCell, offset: 7), CSVFault(kind: .quoteInUnquotedCell, offset: 14)]
    ),
  ])
  func `csv-test-data's bad quoting is refused where it is`(name: String, faults: [CSVFault]) throws {
    let file = try #require(Self.testData.first { $0.lastPathComponent == name })
    #expect(try rows(of: file, chunkSize: 65_536).faults == faults)
  }

  @Test(arguments: [("bad-header-less-fields.csv", 2), ("bad-header-more-fields.csv", 4)])
  func `csv-test-data's ragged rows show their number of cells`(name: String, count: Int) throws {
    let file = try #require(Self.testData.first { $0.lastPathComponent == name })
    #expect(try rows(of: file, chunkSize: 65_536).rows.map(\.count) == [3, count])
  }

  /// The names of a header are for the plan reader to judge; no `bad-` file is a plan.
  @Test(arguments: testData.filter { $0.lastPathComponent.hasPrefix("bad-") })
  func `csv-test-data's bad files are refused as plans`(file: URL) throws {
    let outcome = try PlanText.read(PlanSource(argument: file.path), as: .csv)
    #expect(!outcome.summary.isValid)
    #expect(outcome.changes.isEmpty)
  }
}
