/// What a request asks for, by its method and URL.
enum Route: Sendable, Equatable {
  case group(FaultSpec.Method, projectID: String, groupID: String)
  case groupList(projectID: String)
  case action(projectID: String, groupID: String)
  case activityLog(projectID: String, groupID: String)
  case quotas(projectID: String, groupID: String?)
  case identityVersion
  case tokens
  /// What a token is for.
  case tokenInspection
  case catalog
  case projectList
  /// Another version of the AS API.
  case unknownVersion(String)
  /// A path that exists, with a method that it does not have.
  case unknownMethod
  case unknown

  /// Takes the path of the URL without the query, percent-encoded as sent.
  init(method: String, path: String) {
    let parts = path.split(separator: "/").map { Query.decoded($0, plusIsSpace: false) }
    switch parts.first {
    case "autoscaling-api":
      self = Self.autoScaling(method, Array(parts.dropFirst()), hasTrailingSlash: path.last == "/")
    case "v3": self = Self.identity(method, Array(parts.dropFirst()))
    default: self = .unknown
    }
  }

  private static func autoScaling(_ method: String, _ parts: [String], hasTrailingSlash: Bool) -> Route {
    guard let version = parts.first else { return .unknown }
    guard version == "v1" else { return .unknownVersion(version) }
    guard parts.count >= 3 else { return .unknown }
    let project = parts[1]
    switch (parts[2], parts.count) {
    case ("scaling_group", 3):
      // `…/scaling_group/` names a group without an id, except to list them.
      if hasTrailingSlash, let verb = FaultSpec.Method(rawValue: method.lowercased()), verb != .get {
        return .group(verb, projectID: project, groupID: "")
      }
      return method == "GET" ? .groupList(projectID: project) : .unknownMethod
    case ("scaling_group", 4):
      switch method {
      case "GET": return .group(.get, projectID: project, groupID: parts[3])
      case "PUT": return .group(.put, projectID: project, groupID: parts[3])
      default: return .unknownMethod
      }
    case ("scaling_group", 5) where parts[4] == "action":
      return method == "POST" ? .action(projectID: project, groupID: parts[3]) : .unknownMethod
    case ("scaling_activity_log", 4):
      return method == "GET" ? .activityLog(projectID: project, groupID: parts[3]) : .unknownMethod
    case ("quotas", 3), ("quotas", 4):
      let groupID = parts.count == 4 ? parts[3] : nil
      return method == "GET" ? .quotas(projectID: project, groupID: groupID) : .unknownMethod
    default: return .unknown
    }
  }

  private static func identity(_ method: String, _ parts: [String]) -> Route {
    switch parts {
    case []: method == "GET" ? .identityVersion : .unknownMethod
    case ["auth", "tokens"]:
      switch method {
      case "POST": .tokens
      case "GET": .tokenInspection
      default: .unknownMethod
      }
    case ["auth", "catalog"]: method == "GET" ? .catalog : .unknownMethod
    case ["projects"], ["auth", "projects"]: method == "GET" ? .projectList : .unknownMethod
    default: .unknown
    }
  }

  /// Of all routes of the AS API that are about a project.
  var projectID: String? {
    switch self {
    case .group(_, let projectID, _), .groupList(let projectID), .action(let projectID, _),
      .activityLog(let projectID, _), .quotas(let projectID, _):
      projectID
    default: nil
    }
  }

  var groupID: String? {
    switch self {
    case .group(_, _, let groupID), .action(_, let groupID), .activityLog(_, let groupID): groupID
    case .quotas(_, let groupID): groupID
    default: nil
    }
  }

  /// Whether it needs more than the right to look.
  var changesGroup: Bool {
    switch self {
    case .group(let method, _, _): method != .get
    case .action: true
    default: false
    }
  }

  var kind: JournalEntry.Kind {
    switch self {
    case .group(.get, _, _): .get
    case .group(.put, _, _): .put
    case .groupList: .list
    case .action: .action
    default: .other
    }
  }
}

/// The query of a URL.
struct Query: Sendable {
  private var values: [String: String] = [:]
  /// All of them, also those whose name comes several times.
  private(set) var items: [(name: String, value: String)] = []

  /// - Parameter text: what follows the `?`.
  init(_ text: String) {
    for pair in text.split(separator: "&") {
      let sign = pair.firstIndex(of: "=") ?? pair.endIndex
      let name = Self.decoded(pair[..<sign], plusIsSpace: true)
      let value = Self.decoded(pair[sign...].dropFirst(), plusIsSpace: true)
      values[name] = value
      items.append((name, value))
    }
  }

  subscript(name: String) -> String? { values[name] }

  /// Undoes percent-encoding; what is no valid escape stays as it is.
  static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "%"), position + 2 < bytes.count,
        let high = hexadecimal(bytes[position + 1]), let low = hexadecimal(bytes[position + 2])
      {
        result.append(high << 4 | low)
        position += 3
        continue
      }
      result.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
      position += 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
