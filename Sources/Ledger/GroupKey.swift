package import AutoScaling

/// The 64-bit hash of a group's address by which `plan_group` finds groups.
///
/// It is stored, so it must stay as it is: FNV-1a over the project id, a zero byte and the group id, then the
/// finalizer of MurmurHash3. Two groups may share a key: whoever finds one compares the ids.
package struct GroupKey: Sendable {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The part that is the same for all groups of a project.
  init(projectID: String) {
    add(projectID)
    add(byte: 0)
  }

  /// The key of one group of that project.
  func key(groupID: String) -> Int64 {
    var copy = self
    copy.add(groupID)
    var hash = copy.state
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return Int64(bitPattern: hash ^ hash >> 33)
  }

  package static func key(of group: GroupReference) -> Int64 {
    GroupKey(projectID: group.projectID).key(groupID: group.groupID)
  }

  private mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte: byte) }
  }

  private mutating func add(byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x100_0000_01B3
  }
}
