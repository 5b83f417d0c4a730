import ChangePlan
import Foundation
import TestSupport
import Testing

/// Plan files in pairs: `x.csv`, and in `x.csv.diagnostics` what it must give, to the character.
struct PlanFixtureTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  private static let names: [String] = {
    // A folder that cannot be listed gives no fixtures, and the count fails then.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { PlanFormat(path: $0) != nil }.sorted()
  }()

  private func read(_ name: String, chunkSize: Int) throws -> PlanText.Outcome {
    let source = PlanSource(origin: .path(Self.folder.appending(path: name).path), displayName: name)
    return try PlanText.read(source, as: try #require(PlanFormat(path: name)), chunkSize: chunkSize)
  }

  @Test func `every plan has its diagnostics`() throws {
    let all = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Self.names.count >= 75)
    #expect(Set(all) == Set(Self.names).union(Self.names.map { $0 + ".diagnostics" }))
  }

  @Test(arguments: names)
  func `gives exactly its diagnostics`(name: String) throws {
    let outcome = try read(name, chunkSize: 65_536)
    let expected = try String(contentsOf: Self.folder.appending(path: name + ".diagnostics"), encoding: .utf8)
    #expect((outcome.diagnostics + [outcome.counts]).joined(separator: "\n") + "\n" == expected)
    if !name.hasSuffix(".json") { #expect(outcome.summary.name == name) }
    // Nothing is handed on behind an error.
    if outcome.summary.isValid { #expect(outcome.changes.count == outcome.summary.changeCount) }
    #expect(outcome.changes.map(\.number) == Array(1..<(outcome.changes.count + 1)))
  }

  @Test(arguments: names, [1, 2, 3, 7, 64])
  func `the size of the chunks makes no difference`(name: String, chunkSize: Int) throws {
    let whole = try read(name, chunkSize: 65_536)
    let pieces = try read(name, chunkSize: chunkSize)
    #expect(pieces.diagnostics == whole.diagnostics)
    #expect(pieces.counts == whole.counts)
    #expect(pieces.changes == whole.changes)
    #expect(pieces.summary.sha256 == whole.summary.sha256)
    #expect(pieces.summary.byteCount == whole.summary.byteCount)
  }

  /// Whatever stands in a file: an answer, and the same one for every size of the chunks.
  @Test(arguments: names)
  func `a damaged plan is read to the same end`(name: String) throws {
    let original = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
    let format = try #require(PlanFormat(path: name))
    let spice = Array("\"\\,;\n\r{}[]:\0 \t0eE-+.tfn".utf8) + [0x80, 0xC3, 0xFF, 0xEF]
    for seed in UInt64(1)...6 {
      var generator = SeededGenerator(seed: seed)
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 0...bytes.count, using: &generator)
        let byte = spice[Int.random(in: 0..<spice.count, using: &generator)]
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes.insert(byte, at: index)
        case 1 where index < bytes.count: bytes[index] = byte
        case 2 where index < bytes.count: bytes.remove(at: index)
        default: bytes.removeSubrange(index...)
        }
      }
      let whole = try PlanText.read(bytes, as: format, project: nil)
      let pieces = try PlanText.read(bytes, as: format, project: nil, chunkSize: 5)
      #expect(pieces.diagnostics == whole.diagnostics, "seed \(seed)")
      #expect(pieces.changes == whole.changes, "seed \(seed)")
      for diagnostic in whole.summary.diagnostics.listed {
        #expect(diagnostic.line >= 1 && diagnostic.column >= 1, "seed \(seed)")
      }
    }
  }
}
