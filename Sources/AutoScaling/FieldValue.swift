package import JSONText

/// A subnet of a group (API page, table 4; the IPv6 members come from newer pages).
package struct Network: Sendable, Hashable {
  package var id: String
  /// `nil` where it was not given, which the service takes as `false`.
  package var ipv6Enable: Bool?
  /// The id of a shared bandwidth; needs `ipv6Enable`.
  package var ipv6BandwidthID: String?

  package init(id: String, ipv6Enable: Bool? = nil, ipv6BandwidthID: String? = nil) {
    self.id = id
    self.ipv6Enable = ipv6Enable
    self.ipv6BandwidthID = ipv6BandwidthID
  }
}

/// A listener of an enhanced load balancer (API page, table 3).
package struct Listener: Sendable, Hashable {
  /// Backend ECS group.
  package var poolID: String
  /// 1 to 65535.
  package var protocolPort: Int
  /// 0 to 100.
  package var weight: Int

  package init(poolID: String, protocolPort: Int, weight: Int) {
    self.poolID = poolID
    self.protocolPort = protocolPort
    self.weight = weight
  }
}

/// The value of a `GroupField`, planned or read.
package enum FieldValue: Sendable, Hashable {
  /// JSON `null`: only ever read from the service, never planned and never sent.
  case null
  case string(String)
  case integer(Int)
  case boolean(Bool)
  case strings([String])
  case networks([Network])
  /// The ids of the security groups.
  case securityGroups([String])
  case listeners([Listener])

  package var integerValue: Int? {
    if case .integer(let number) = self { number } else { nil }
  }

  package var stringValue: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// `null`, `""` and `[]`: what the service shows where a field has never been set.
  package var isEmpty: Bool {
    switch self {
    case .null: true
    case .string(let text): text.isEmpty
    case .strings(let list): list.isEmpty
    case .networks(let list): list.isEmpty
    case .securityGroups(let list): list.isEmpty
    case .listeners(let list): list.isEmpty
    case .integer, .boolean: false
    }
  }

  /// Writes the value as the API's request body has it.
  package func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .string(let text): writer.string(text)
    case .integer(let number): writer.integer(number)
    case .boolean(let flag): writer.bool(flag)
    case .strings(let list):
      writer.beginArray()
      for text in list { writer.string(text) }
      writer.endArray()
    case .networks(let list):
      writer.beginArray()
      for network in list {
        writer.beginObject()
        writer.member("id", network.id)
        if let ipv6Enable = network.ipv6Enable { writer.member("ipv6_enable", ipv6Enable) }
        if let bandwidth = network.ipv6BandwidthID {
          writer.key("ipv6_bandwidth")
          writer.beginObject()
          writer.member("id", bandwidth)
          writer.endObject()
        }
        writer.endObject()
      }
      writer.endArray()
    case .securityGroups(let ids):
      writer.beginArray()
      for id in ids {
        writer.beginObject()
        writer.member("id", id)
        writer.endObject()
      }
      writer.endArray()
    case .listeners(let list):
      writer.beginArray()
      for listener in list {
        writer.beginObject()
        writer.member("pool_id", listener.poolID)
        writer.member("protocol_port", listener.protocolPort)
        writer.member("weight", listener.weight)
        writer.endObject()
      }
      writer.endArray()
    }
  }

  /// The value as JSON text, in the form of the API's request body.
  package var json: String {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.text
  }

  /// Reads a value as the service shows it, or as the ledger keeps it: leniently.
  ///
  /// Members that a request does not have (`listener_id`, `protocol_version`, …) are dropped, an integer may
  /// come as a numeric string (an old fixture of otcextensions has that), stray spaces around network ids go.
  ///
  /// - Returns: `nil` where the shape is none that the field can have.
  package init?(field: GroupField, liveJSON node: JSONNode) {
    if node.isNull {
      self = .null
      return
    }
    switch field.kind {
    case .string:
      guard let text = node.stringValue else { return nil }
      self = .string(text)
    case .integer:
      guard let number = Self.lenientInteger(node) else { return nil }
      self = .integer(number)
    case .boolean:
      guard let flag = node.boolValue else { return nil }
      self = .boolean(flag)
    case .strings:
      guard let elements = node.arrayValue else { return nil }
      var list: [String] = []
      for element in elements {
        guard let text = element.stringValue else { return nil }
        list.append(text)
      }
      self = .strings(list)
    case .networks:
      guard let elements = node.arrayValue else { return nil }
      var list: [Network] = []
      for element in elements {
        guard let id = element["id"]?.stringValue else { return nil }
        list.append(
          Network(
            id: Self.trimmed(id), ipv6Enable: element["ipv6_enable"]?.boolValue,
            ipv6BandwidthID: element["ipv6_bandwidth"]?["id"]?.stringValue))
      }
      self = .networks(list)
    case .securityGroups:
      guard let elements = node.arrayValue else { return nil }
      var ids: [String] = []
      for element in elements {
        guard let id = element["id"]?.stringValue else { return nil }
        ids.append(id)
      }
      self = .securityGroups(ids)
    case .listeners:
      guard let elements = node.arrayValue else { return nil }
      var list: [Listener] = []
      for element in elements {
        guard let poolID = element["pool_id"]?.stringValue,
          let port = element["protocol_port"].flatMap(Self.lenientInteger),
          let weight = element["weight"].flatMap(Self.lenientInteger)
        else { return nil }
        list.append(Listener(poolID: poolID, protocolPort: port, weight: weight))
      }
      self = .listeners(list)
    }
  }

  private static func lenientInteger(_ node: JSONNode) -> Int? {
    node.integerValue ?? node.stringValue.flatMap { Int($0) }
  }

  private static func trimmed(_ text: String) -> String {
    guard text.utf8.first == 0x20 || text.utf8.last == 0x20 else { return text }
    return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
