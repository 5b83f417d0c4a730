import AutoScaling
import JSONText

/// Reads the body of "Modifying an AS Group" as strictly as the service does (the reference, section 1.1).
///
/// - `null` is "not given" (the reference, section 1.4).
/// - Of unknown keys only those are passed over that known clients send: `scaling_group_id` at the top and
///   `listener_id` in a listener. Others are AS.0022.
/// - A key that is given twice counts as last written.
enum ModificationBody {
  /// - Throws: AS.0002, AS.0022, and the codes of list elements that lack a member.
  static func read(_ body: [UInt8]) throws(ServiceError) -> GroupModification {
    var modification = GroupModification()
    for member in try object(body) {
      if member.name == "scaling_group_id" { continue }
      guard let field = GroupField(rawValue: member.name) else {
        throw ServiceError(.bodyMalformed, "unsupported parameter \(member.name.quotedForMessage)")
      }
      modification[field] = member.node.isNull ? nil : try value(of: field, member.node)
    }
    return modification
  }

  /// The members of a body that must be a JSON object.
  ///
  /// - Throws: AS.0002 where there is nothing in it, AS.0022 where it is something else.
  static func object(_ body: [UInt8]) throws(ServiceError) -> [JSONMember] {
    // A client may end a body with a line break, or send nothing but that.
    if body.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) { throw ServiceError(.bodyEmpty) }
    let node: JSONNode
    do {
      node = try JSONParser.parse(body)
    } catch {
      throw ServiceError(.bodyMalformed, "\(error)")
    }
    guard let members = node.objectValue else {
      throw ServiceError(.bodyMalformed, "\(node.kindName) where an object should stand")
    }
    if members.isEmpty { throw ServiceError(.bodyEmpty) }
    return members
  }

  private static func value(of field: GroupField, _ node: JSONNode) throws(ServiceError) -> FieldValue {
    switch field.kind {
    case .string: return .string(try string(node, field.rawValue))
    case .integer: return .integer(try integer(node, field.rawValue))
    case .boolean:
      guard let flag = node.boolValue else { throw wrongType(node, field.rawValue, "a boolean") }
      return .boolean(flag)
    case .strings:
      var list: [String] = []
      for element in try array(node, field.rawValue) { list.append(try string(element, field.rawValue)) }
      return .strings(list)
    case .networks:
      var list: [Network] = []
      for element in try array(node, field.rawValue) { list.append(try network(element)) }
      return .networks(list)
    case .securityGroups:
      var ids: [String] = []
      for element in try array(node, field.rawValue) {
        var id: String?
        for member in try members(element, field.rawValue, known: ["id"]) { id = try string(member.node, "id") }
        guard let id else { throw ServiceError(.securityGroupMissing, "null") }
        ids.append(id)
      }
      return .securityGroups(ids)
    case .listeners:
      var list: [Listener] = []
      for element in try array(node, field.rawValue) { list.append(try listener(element)) }
      return .listeners(list)
    }
  }

  private static func network(_ node: JSONNode) throws(ServiceError) -> Network {
    var network = Network(id: "")
    for member in try members(node, "networks", known: ["id", "ipv6_enable", "ipv6_bandwidth"]) {
      switch member.name {
      case "id": network.id = try string(member.node, "id")
      case "ipv6_enable":
        guard let flag = member.node.boolValue else { throw wrongType(member.node, member.name, "a boolean") }
        network.ipv6Enable = flag
      default:
        for inner in try members(member.node, member.name, known: ["id"]) {
          network.ipv6BandwidthID = try string(inner.node, "id")
        }
      }
    }
    return network
  }

  private static func listener(_ node: JSONNode) throws(ServiceError) -> Listener {
    var poolID: String?
    var port: Int?
    var weight: Int?
    for member in try members(node, "lbaas_listeners", known: ["listener_id", "pool_id", "protocol_port", "weight"]) {
      switch member.name {
      case "pool_id": poolID = try string(member.node, member.name)
      case "protocol_port": port = try integer(member.node, member.name)
      case "weight": weight = try integer(member.node, member.name)
      default: continue
      }
    }
    guard let poolID else { throw ServiceError(.poolInvalid, "null") }
    guard let port else { throw ServiceError(.portInvalid, "null") }
    guard let weight else { throw ServiceError(.weightInvalid, "null") }
    return Listener(poolID: poolID, protocolPort: port, weight: weight)
  }

  // MARK: Types

  /// The members of an object that are not null.
  private static func members(
    _ node: JSONNode, _ name: String, known: [String]
  ) throws(ServiceError) -> [JSONMember] {
    guard let members = node.objectValue else { throw wrongType(node, name, "an object") }
    if let stranger = members.first(where: { !known.contains($0.name) }) {
      throw ServiceError(.bodyMalformed, "unsupported parameter \(stranger.name.quotedForMessage) in \(name)")
    }
    return members.filter { !$0.node.isNull }
  }

  private static func array(_ node: JSONNode, _ name: String) throws(ServiceError) -> [JSONNode] {
    guard let elements = node.arrayValue else { throw wrongType(node, name, "an array") }
    return elements
  }

  private static func string(_ node: JSONNode, _ name: String) throws(ServiceError) -> String {
    guard let text = node.stringValue else { throw wrongType(node, name, "a string") }
    return text
  }

  private static func integer(_ node: JSONNode, _ name: String) throws(ServiceError) -> Int {
    guard let number = node.integerValue else { throw wrongType(node, name, "an integer") }
    return number
  }

  private static func wrongType(_ node: JSONNode, _ name: String, _ expected: String) -> ServiceError {
    ServiceError(.bodyMalformed, "\(name) is \(node.kindName) and should be \(expected)")
  }
}
