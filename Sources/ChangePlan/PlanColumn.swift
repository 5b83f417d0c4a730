internal import AutoScaling

/// The names that a plan gives to things: the columns of CSV, the keys of JSON.
enum PlanColumn: Hashable {
  case groupID
  case projectID
  case comment
  case field(GroupField)
  /// `expect:FIELD`; JSON has an object `expect` instead.
  case expectation(GroupField)

  static let expectationPrefix = "expect:"

  /// - Returns: `nil` for a name that is none of these.
  init?(name: String) {
    switch name {
    case "scaling_group_id": self = .groupID
    case "project_id": self = .projectID
    case "comment": self = .comment
    default:
      if let field = GroupField(rawValue: name) {
        self = .field(field)
      } else if name.hasPrefix(Self.expectationPrefix),
        let field = GroupField(rawValue: String(name.dropFirst(Self.expectationPrefix.count)))
      {
        self = .expectation(field)
      } else {
        return nil
      }
    }
  }

  var name: String {
    switch self {
    case .groupID: "scaling_group_id"
    case .projectID: "project_id"
    case .comment: "comment"
    case .field(let field): field.rawValue
    case .expectation(let field): Self.expectationPrefix + field.rawValue
    }
  }

  static let fieldNames = GroupField.allCases.map(\.rawValue)
  /// The keys of a change, apart from `expect`.
  static let plainNames = ["scaling_group_id", "project_id", "comment"] + fieldNames
  static let columnNames = plainNames + fieldNames.map { expectationPrefix + $0 }
}
