import ArgumentParser
import Foundation
import Testing

@testable import fleetplan

/// The examples in the help of each command.
struct HelpExampleTests {
  struct Example: CustomTestStringConvertible, Sendable {
    var command: String
    /// The lines of a shell: assignments, and calls of the program.
    var lines: [String]

    var testDescription: String { command }
  }

  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let examples: [Example] =
    Fleetplan.configuration.subcommands.map { command in
      let text = command.configuration.discussion
      let lines = text[(text.range(of: "Example")?.lowerBound ?? text.endIndex)...]
        .replacing(/\\\n */, with: "").split(separator: "\n")
        .filter { $0.hasPrefix("  ") && !$0.hasPrefix("    ") }
      return Example(command: command.configuration.commandName ?? "", lines: lines.map(String.init))
    }

  /// Of a line: its words, without what it is piped into or from.
  private static func words(_ line: String, _ variables: [String: String]) throws -> [String] {
    let call = try #require(line.split(separator: "|").first { $0.contains("fleetplan") })
    return try call.split(separator: " ").map { word in
      guard word.hasPrefix("$") else { return word.trimmingCharacters(in: ["'"]) }
      return try #require(variables[String(word.dropFirst())], "\(word) is not set in \(line)")
    }
  }

  @Test(arguments: examples)
  func `every command has an example, whose lines are right as they stand`(example: Example) throws {
    #expect(example.lines.contains { $0.contains("fleetplan \(example.command)") })
    var variables: [String: String] = [:]
    for line in example.lines {
      let line = line.trimmingCharacters(in: .whitespaces)
      if let assignment = line.wholeMatch(of: /([A-Z]+)=(\S+)/) {
        variables[String(assignment.1)] = String(assignment.2)
        continue
      }
      let words = try Self.words(line, variables)
      #expect(words.first == "fleetplan", "\(line)")
      do {
        _ = try Fleetplan.parseAsRoot(Array(words.dropFirst()))
      } catch {
        Issue.record("\(line): \(Fleetplan.message(for: error))")
      }
      for word in line.split(separator: " ") where word.hasPrefix("plans/") {
        let file = Self.root.appendingPathComponent(String(word))
        #expect(FileManager.default.fileExists(atPath: file.path), "\(word) of \(line)")
      }
    }
  }

  @Test func `a line that is wrong would be found`() {
    #expect(throws: (any Error).self) { try Fleetplan.parseAsRoot(["run", "plan.csv", "--rate", "fast"]) }
    #expect(throws: (any Error).self) { try Fleetplan.parseAsRoot(["status", "--wach"]) }
  }

  @Test(arguments: Fleetplan.configuration.subcommands.map { $0.configuration.commandName ?? "" })
  func `help shows the example`(command: String) async throws {
    let result = try await FleetplanProcess(["help", command], folder: try TemporaryFolder()).wait()
    #expect(result.ending == .exit(0))
    #expect(result.output.contains("\nExample"))
    #expect(result.output.contains("  fleetplan \(command)"))
  }
}
