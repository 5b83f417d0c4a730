import Foundation
import Migrations
import Testing

@Suite struct MigrationsTests {
  /// The project's root: above this file, or named by the environment.
  private static var folder: String? {
    let named = ProcessInfo.processInfo.environment["FLEETPLAN_ROOT"]
    let above = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    return [named, above].compactMap { $0 }.map { $0 + "/migrations" }
      .first { FileManager.default.fileExists(atPath: $0 + "/Migrations.swift") }
  }

  @Test func `what is embedded is what the folder has`() throws {
    let folder = try #require(Self.folder, "the folder `migrations` is not where the tests were built")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }.sorted()
    #expect(files == Migrations.all.map { $0.name + ".sql" })
    for migration in Migrations.all {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(migration.name).sql"))
      #expect(Array(bytes) == migration.sql, "\(migration.name)")
    }
  }

  @Test func `the numbers have no gaps and begin the names`() {
    #expect(Migrations.all.map(\.number) == Array(1...Migrations.all.count))
    for migration in Migrations.all {
      let digits = String(repeating: "0", count: 3 - String(migration.number).count) + String(migration.number)
      #expect(migration.name.hasPrefix("V\(digits)_"))
    }
  }
}
