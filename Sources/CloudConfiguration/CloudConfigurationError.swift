/// Why it cannot be told how the cloud is reached. No case carries a secret.
package enum CloudConfigurationError: Error, Sendable, Hashable {
  /// There is a file, but it cannot be read.
  case unreadableFile(path: String, reason: String)
  /// A variable names a file that is not there.
  case missingFile(path: String, namedBy: String)
  /// A file is no YAML, or no INI file. The line counts from 1 and is not repeated: it may hold a password.
  case syntax(path: String, line: Int, problem: String)
  /// A key has a value of another kind than it can have.
  case wrongKind(path: String, line: Int?, key: String, found: String, expected: String)
  /// A cloud is chosen, and no file tells about clouds.
  case noCloudsFile(cloud: String, chosenBy: String, searched: [String])
  /// No file has the chosen cloud.
  case unknownCloud(cloud: String, chosenBy: String, path: String, known: [String])
  /// A cloud has several regions, and none is chosen.
  case severalRegions(source: String, regions: [String])
  /// A setting cannot be used.
  case invalidValue(source: String, reason: String)
  /// Credentials are missing, or some of them are.
  case incomplete(IncompleteCredentials)

  /// EX_CONFIG (contract, section 3).
  package var exitStatus: Int32 { 78 }
}

/// What is there of some credentials, and what is not.
package struct IncompleteCredentials: Sendable, Hashable {
  /// Such as `--auth password`; `nil` where nobody asked for this kind by name.
  package let demandedBy: String?
  package let present: [Present]
  package let missing: [Missing]
  /// What else could be done.
  package let hint: String?

  /// A part that is there.
  package struct Present: Sendable, Hashable {
    package let noun: String
    package let source: String
  }

  /// A part that is not.
  package struct Missing: Sendable, Hashable {
    package let noun: String
    /// The variables that would give it.
    package let variables: [String]
    /// The key and file that would give it, where a cloud is chosen.
    package let fileKey: String?
    /// Why a value that is there does not count.
    package let note: String?
  }
}

extension CloudConfigurationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadableFile(let path, let reason):
      "\(path) cannot be read: \(reason). Make it readable for you"
    case .missingFile(let path, let variable):
      "\(path), which \(variable) names, does not exist: correct the variable, or unset it"
    case .syntax(let path, let line, let problem):
      "\(path):\(line): \(problem)"
    case .wrongKind(let path, let line, let key, let found, let expected):
      "\(path)\(line.map { ":\($0)" } ?? ""): \(key) is \(found), expected \(expected)"
    case .noCloudsFile(let cloud, let source, let searched):
      "the cloud \(cloud.quoted) (\(source)) cannot be looked up: there is no clouds.yaml. "
        + "Looked for \(searched.joined(separator: ", ")); OS_CLIENT_CONFIG_FILE names another"
    case .unknownCloud(let cloud, let source, let path, let known):
      "\(path) has no cloud \(cloud.quoted) (\(source)): "
        + (known.isEmpty ? "it has none at all" : "it has \(known.map(\.safe).joined(separator: ", "))")
    case .severalRegions(let source, let regions):
      "\(source) has several regions (\(regions.map(\.safe).joined(separator: ", "))): choose one with OS_REGION_NAME"
    case .invalidValue(let source, let reason):
      "\(source): \(reason)"
    case .incomplete(let credentials):
      credentials.description
    }
  }
}

extension IncompleteCredentials: CustomStringConvertible {
  package var description: String {
    var text = "incomplete credentials"
    if let demandedBy { text += " for \(demandedBy)" }
    text += ": "
    if !present.isEmpty {
      text += present.map { "\($0.noun) from \($0.source)" }.joined(separator: ", ") + ", but "
    }
    text += missing.map(\.description).joined(separator: "; ")
    return hint.map { "\(text). \($0)" } ?? text
  }
}

extension IncompleteCredentials.Missing: CustomStringConvertible {
  package var description: String {
    let ways = variables + (fileKey.map { [$0] } ?? [])
    return "no \(noun): set \(ways.joined(separator: " or "))" + (note.map { " (\($0))" } ?? "")
  }
}

extension String {
  /// On one line, and safe for a terminal.
  var safe: String {
    unicodeScalars.map {
      $0.properties.generalCategory == .control ? "\\u{\(String($0.value, radix: 16))}" : String($0)
    }
    .joined()
  }

  var quoted: String { "\"\(safe)\"" }
}
