/// The three forms of a plan file (contract, section 2).
package enum PlanFormat: String, Sendable, Hashable, CaseIterable {
  case csv
  /// One document, `{"changes": […]}` or a bare array.
  case json
  /// JSON Lines: one change a line.
  case jsonl

  /// Tells the format from the ending of a file's name, in any case: `.csv`, `.tsv`, `.json`, `.jsonl`, `.ndjson`.
  ///
  /// - Returns: `nil` for any other ending: the user has to say it with `--format`.
  package init?(path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...].lowercased() {
    case "csv", "tsv": self = .csv
    case "json": self = .json
    case "jsonl", "ndjson": self = .jsonl
    default: return nil
    }
  }
}
