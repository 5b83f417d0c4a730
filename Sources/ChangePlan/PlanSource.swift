/// Where the bytes of a plan come from.
package struct PlanSource: Sendable, Hashable {
  package enum Origin: Sendable, Hashable {
    case path(String)
    /// An open file descriptor, which is read to its end and not closed.
    case descriptor(Int32)
  }

  package var origin: Origin
  /// The name used in diagnostics.
  package var displayName: String

  package init(origin: Origin, displayName: String) {
    self.origin = origin
    self.displayName = displayName
  }

  /// A file, or standard input where the argument is `-`.
  package init(argument: String) {
    self = argument == "-" ? .standardInput : PlanSource(origin: .path(argument), displayName: argument)
  }

  package static let standardInput = PlanSource(origin: .descriptor(0), displayName: "<stdin>")

  /// The last component of the path; the plan's name, if it does not give itself one.
  package var baseName: String {
    switch origin {
    case .path(let path): path.split(separator: "/").last.map(String.init) ?? path
    case .descriptor: displayName == Self.standardInput.displayName ? "standard input" : displayName
    }
  }
}

/// Why a plan could not be read at all. What is wrong *in* a plan is a `PlanDiagnostic`.
package enum PlanReadError: Error, Sendable, Hashable, CustomStringConvertible {
  /// `reason` is the system's text for the error number.
  case cannotOpen(file: String, errorNumber: Int32, reason: String)
  case cannotRead(file: String, errorNumber: Int32, reason: String)
  /// The id given with `--project` could change the URL's path.
  case invalidDefaultProject(reason: String)

  package var description: String {
    switch self {
    case .cannotOpen(let file, _, let reason): "\(file): cannot open the plan: \(reason)"
    case .cannotRead(let file, _, let reason): "\(file): cannot read the plan: \(reason)"
    case .invalidDefaultProject(let reason): "--project: \(reason)"
    }
  }
}
