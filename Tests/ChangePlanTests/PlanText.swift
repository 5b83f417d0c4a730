import AutoScaling
import ChangePlan
import Foundation
import Testing

/// A plan in a temporary file, and what reading it gives.
struct PlanText {
  static let project = "5f2d0c9b7e6a4d1f8c3b2a1908f7e6d5"
  static let group = "a8327883-6b07-4497-9c61-68d03ee193a1"

  struct Outcome {
    var changes: [PlanChange] = []
    var summary: PlanSummary

    var diagnostics: [String] { summary.diagnostics.listed.map(\.description) }
    /// The line that stands under the diagnostics of a fixture.
    var counts: String {
      "= \(summary.changeCount) changes, \(summary.unchangedCount) unchanged, \(summary.emptyCount) empty, "
        + "\(summary.diagnostics.errorCount) errors, \(summary.diagnostics.warningCount) warnings"
    }
  }

  /// Reads a plan that is written out for it; it is called `plan` in diagnostics.
  static func read(
    _ bytes: [UInt8], as format: PlanFormat, project: String? = project, chunkSize: Int = 65_536
  ) throws -> Outcome {
    let file = FileManager.default.temporaryDirectory.appending(path: "plan-\(UUID().uuidString)")
    try Data(bytes).write(to: file)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: file) } }
    return try read(
      PlanSource(origin: .path(file.path), displayName: "plan"), as: format, project: project, chunkSize: chunkSize)
  }

  static func read(_ text: String, as format: PlanFormat, project: String? = project) throws -> Outcome {
    try read(Array(text.utf8), as: format, project: project)
  }

  static func read(
    _ source: PlanSource, as format: PlanFormat, project: String? = nil, chunkSize: Int = 65_536
  ) throws -> Outcome {
    var changes: [PlanChange] = []
    let reader = try PlanReader(defaultProjectID: project, chunkSize: chunkSize)
    let summary = try reader.read(source, format: format) { changes.append($0) }
    return Outcome(changes: changes, summary: summary)
  }
}
