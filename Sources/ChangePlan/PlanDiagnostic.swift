/// One problem of a plan file, and where it is.
///
/// Its text has the form that editors understand; it is always one line, whatever the file contains.
package struct PlanDiagnostic: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Severity: String, Sendable, Hashable {
    /// The plan is refused.
    case error
    /// The plan can be run; its author may have meant something else.
    case warning
  }

  /// The plan as the user named it; `<stdin>` for standard input.
  package var file: String
  /// From 1. Lines end with LF, also inside quoted cells.
  package var line: Int
  /// From 1, in UTF-8 bytes; a byte order mark does not count.
  package var column: Int
  package var severity: Severity
  /// The column or key it is about: `max_instance_number`, `expect:networks`, also an unknown one.
  package var field: String?
  /// What is wrong, and what would be right.
  package var message: String

  package init(
    file: String, line: Int, column: Int, severity: Severity, field: String? = nil, message: String
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.severity = severity
    self.field = field
    self.message = message
  }

  /// `file:line:column: severity: field: message` (contract, section 2).
  package var description: String {
    let subject = field.map { "\($0): " } ?? ""
    return Excerpt.singleLine("\(file):\(line):\(column): \(severity.rawValue): \(subject)\(message)")
  }
}

/// The problems of one plan: all of them counted, the first of them kept.
package struct DiagnosticList: Sendable {
  /// How many problems are listed at most; the others are only counted.
  package static let listingLimit = 1_000

  package private(set) var errorCount = 0
  package private(set) var warningCount = 0
  private var errors: [PlanDiagnostic] = []
  private var warnings: [PlanDiagnostic] = []

  package init() {}

  package mutating func append(_ diagnostic: PlanDiagnostic) {
    switch diagnostic.severity {
    case .error:
      errorCount += 1
      if errors.count < Self.listingLimit { errors.append(diagnostic) }
    case .warning:
      warningCount += 1
      if warnings.count < Self.listingLimit { warnings.append(diagnostic) }
    }
  }

  package var hasErrors: Bool { errorCount > 0 }

  /// At most `listingLimit` problems in the order of the file. Where they are more, errors go before warnings.
  package var listed: [PlanDiagnostic] {
    let room = Self.listingLimit - errors.count
    return (errors + warnings.prefix(room)).sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  /// How many problems were counted and are not in `listed`.
  package var unlistedCount: Int { errorCount + warningCount - listed.count }
}
