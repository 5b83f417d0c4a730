package import JSONText

/// The address of a group: every request about it names both.
package struct GroupReference: Sendable, Hashable, CustomStringConvertible {
  package var projectID: String
  package var groupID: String

  package init(projectID: String, groupID: String) {
    self.projectID = projectID
    self.groupID = groupID
  }

  package var description: String { "\(projectID)/\(groupID)" }
}

/// A group as the service shows it ("Querying an AS Group"; the reference, section 2).
///
/// Every field is optional and nullable there, so an absent one is *unknown*, which is neither null nor false.
package struct ScalingGroup: Sendable, Hashable {
  package var id: String
  /// The fields that can be modified, as far as the answer shows them; `.null` where it shows null.
  package var values: GroupModification
  /// `INSERVICE`, `PAUSED`, `ERROR`, `DELETING`, `FREEZED`: an open list. `nil` where it was not shown.
  package var status: String?
  /// A scaling action is in progress. `nil` where it was not shown.
  package var isScaling: Bool?
  package var currentInstanceNumber: Int?
  package var vpcID: String?
  /// The text of the last failed scaling action.
  package var detail: String?

  package init(
    id: String, values: GroupModification, status: String? = nil, isScaling: Bool? = nil,
    currentInstanceNumber: Int? = nil, vpcID: String? = nil, detail: String? = nil
  ) {
    self.id = id
    self.values = values
    self.status = status
    self.isScaling = isScaling
    self.currentInstanceNumber = currentInstanceNumber
    self.vpcID = vpcID
    self.detail = detail
  }

  package var name: String? { values[.scalingGroupName]?.stringValue }

  /// Reads the object of one group, leniently: keys that are not known are passed over.
  ///
  /// - Returns: `nil` where the node is no group: no object, no id, or a field of an impossible shape.
  package init?(json node: JSONNode) {
    guard let members = node.objectValue else { return nil }
    var id: String?
    self.init(id: "", values: GroupModification())
    for member in members {
      if let field = GroupField(rawValue: member.name) {
        guard let value = FieldValue(field: field, liveJSON: member.node) else { return nil }
        values[field] = value
        continue
      }
      switch member.name {
      case "scaling_group_id": id = member.node.stringValue
      case "scaling_group_status": status = member.node.stringValue
      case "is_scaling": isScaling = member.node.boolValue
      case "current_instance_number": currentInstanceNumber = member.node.integerValue
      case "vpc_id": vpcID = member.node.stringValue
      case "detail": detail = member.node.stringValue
      default: continue
      }
    }
    guard let id, !id.isEmpty else { return nil }
    self.id = id
  }
}

/// One page of "Querying AS Groups" (the reference, section 3).
package struct GroupPage: Sendable, Hashable {
  package var groups: [ScalingGroup]
  /// How many groups there are in all, as the service counts them.
  package var totalNumber: Int
  /// Offset of the first group of this page, from 0.
  package var startNumber: Int

  package init(groups: [ScalingGroup], totalNumber: Int, startNumber: Int) {
    self.groups = groups
    self.totalNumber = totalNumber
    self.startNumber = startNumber
  }
}
