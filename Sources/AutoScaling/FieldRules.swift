/// Something that is wrong with a field of a change, or that is worth a warning.
package struct FieldProblem: Sendable, Hashable {
  package var field: GroupField
  /// What was found and what would be right, without the field's name.
  package var message: String

  package init(field: GroupField, message: String) {
    self.field = field
    self.message = message
  }
}

extension GroupField {
  /// Checks a planned value against the limits of the API page, without the cloud.
  ///
  /// A plan may have a million values: a right number, name or id is checked without an allocation.
  ///
  /// - Parameter value: a planned value; `.null` is never right, since `null` is not sent.
  /// - Returns: what is wrong and what would be right, without the field's name; `nil` where nothing is.
  package func problem(with value: FieldValue) -> String? {
    switch (kind, value) {
    case (.integer, .integer(let number)): integerProblem(number)
    case (.string, .string(let text)): stringProblem(text)
    case (.boolean, .boolean): nil
    case (.strings, .strings(let list)): stringsProblem(list)
    case (.networks, .networks(let list)): Self.networksProblem(list)
    case (.securityGroups, .securityGroups(let ids)): Self.securityGroupsProblem(ids)
    case (.listeners, .listeners(let list)): Self.listenersProblem(list)
    case (_, .null): "null is no value: leave the field out to keep it as it is"
    default: "must be \(kind.phrase)"
    }
  }

  // MARK: By kind

  private func integerProblem(_ number: Int) -> String? {
    switch self {
    case .coolDownTime:
      return Self.rangeProblem(number, FieldLimits.coolDownTime, unit: " seconds")
    case .healthPeriodicAuditGracePeriod:
      return Self.rangeProblem(number, FieldLimits.healthPeriodicAuditGracePeriod, unit: " seconds")
    case .healthPeriodicAuditTime:
      let allowed = FieldLimits.healthPeriodicAuditTimes
      if allowed.contains(number) { return nil }
      return "\(number) is not one of \(allowed.map { String($0) }.joined(separator: ", ")) minutes"
    default:
      return Self.rangeProblem(number, FieldLimits.instanceNumber, unit: " instances")
    }
  }

  private func stringProblem(_ text: String) -> String? {
    switch self {
    case .scalingGroupName: Self.nameProblem(text)
    case .lbListenerID: Self.lbListenerIDProblem(text)
    case .healthPeriodicAuditMethod: Self.choiceProblem(text, FieldLimits.healthPeriodicAuditMethods)
    case .instanceTerminatePolicy: Self.choiceProblem(text, FieldLimits.instanceTerminatePolicies)
    case .multiAZPriorityPolicy: Self.choiceProblem(text, FieldLimits.multiAZPriorityPolicies)
    case .enterpriseProjectID: Self.enterpriseProjectProblem(text)
    case .description: Self.descriptionProblem(text)
    default: text.isEmpty ? Self.emptyProblem : Identifier.problem(with: text)
    }
  }

  private func stringsProblem(_ list: [String]) -> String? {
    if self == .notifications {
      // [] is the documented way to have none (contract, guarantee 10).
      for mode in list {
        if let problem = Self.choiceProblem(mode, FieldLimits.notifications) { return problem }
      }
    } else {
      if list.isEmpty { return Self.emptyListProblem }
      for name in list {
        if let problem = Identifier.problem(with: name) { return problem }
      }
    }
    return Self.repetition(in: list).map { "\($0.quotedForMessage) is given twice" }
  }

  // MARK: By field

  private static func nameProblem(_ text: String) -> String? {
    if text.isEmpty { return emptyProblem }
    for byte in text.utf8 {
      if byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") { continue }
      return "\(text.quotedForMessage) may have letters (A to Z), digits, '_' and '-' only"
    }
    let limit = FieldLimits.nameLength.upperBound
    // Only ASCII is left, where bytes are characters.
    return text.utf8.count <= limit ? nil : "has \(text.utf8.count) characters, at most \(limit) are allowed"
  }

  private static func descriptionProblem(_ text: String) -> String? {
    if text.isEmpty { return emptyProblem }
    let limit = FieldLimits.descriptionLength.upperBound
    if text.utf8.count <= limit { return nil }
    let count = text.unicodeScalars.count
    return count <= limit ? nil : "has \(count) characters, at most \(limit) are allowed"
  }

  private static func enterpriseProjectProblem(_ text: String) -> String? {
    if text.isEmpty || text == "0" || Identifier.isUUID(text) { return nil }
    return "\(text.quotedForMessage) is neither a UUID nor \"0\" (the default enterprise project)"
  }

  private static func lbListenerIDProblem(_ text: String) -> String? {
    if text.isEmpty { return emptyProblem }
    let ids = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    if let problem = countProblem(ids.count, FieldLimits.lbListenerIDCount, "listener ids") { return problem }
    for id in ids {
      if let problem = Identifier.problem(with: id) { return problem + " (ids are joined by ',' without spaces)" }
    }
    return repetition(in: ids).map { "\($0.quotedForMessage) is given twice" }
  }

  private static func networksProblem(_ list: [Network]) -> String? {
    if list.isEmpty { return emptyListProblem }
    if let problem = countProblem(list.count, FieldLimits.networkCount, "networks") { return problem }
    for network in list {
      if let problem = Identifier.problem(with: network.id) { return problem }
      guard let bandwidth = network.ipv6BandwidthID else { continue }
      if let problem = Identifier.problem(with: bandwidth) { return "ipv6_bandwidth: " + problem }
      if network.ipv6Enable != true {
        return "network \(network.id.quotedForMessage) has ipv6_bandwidth, which needs ipv6_enable true"
      }
    }
    return repetition(in: list.map(\.id)).map { "network \($0.quotedForMessage) is given twice" }
  }

  private static func securityGroupsProblem(_ ids: [String]) -> String? {
    if ids.isEmpty { return emptyListProblem }
    if let problem = countProblem(ids.count, FieldLimits.securityGroupCount, "security groups") { return problem }
    return ids.lazy.compactMap { Identifier.problem(with: $0) }.first
  }

  private static func listenersProblem(_ list: [Listener]) -> String? {
    if list.isEmpty { return emptyListProblem }
    if let problem = countProblem(list.count, FieldLimits.lbaasListenerCount, "listeners") { return problem }
    for (index, listener) in list.enumerated() {
      if let problem = Identifier.problem(with: listener.poolID) { return "pool_id: " + problem }
      if let problem = rangeProblem(listener.protocolPort, FieldLimits.protocolPort, unit: "") {
        return "protocol_port: " + problem
      }
      if let problem = rangeProblem(listener.weight, FieldLimits.weight, unit: "") { return "weight: " + problem }
      // The service merges listeners of the same pool and port, so two of them cannot both be meant.
      if list[..<index].contains(where: {
        $0.poolID == listener.poolID && $0.protocolPort == listener.protocolPort
      }) {
        return "pool \(listener.poolID.quotedForMessage) with port \(listener.protocolPort) is given twice"
      }
    }
    return nil
  }

  // MARK: Pieces

  private static let emptyProblem = "has no documented empty value: leave the field out to keep it as it is"
  private static let emptyListProblem = "has no documented empty list: leave the field out to keep it as it is"

  private static func rangeProblem(_ number: Int, _ range: ClosedRange<Int>, unit: String) -> String? {
    range.contains(number) ? nil : "\(number) is not within \(range.lowerBound) to \(range.upperBound)\(unit)"
  }

  private static func choiceProblem(_ text: String, _ choices: [String]) -> String? {
    if choices.contains(text) { return nil }
    return "\(text.quotedForMessage) is not \(choices.count == 1 ? "" : "one of ")\(choices.joined(separator: ", "))"
  }

  private static func countProblem(_ count: Int, _ range: ClosedRange<Int>, _ what: String) -> String? {
    if count <= range.upperBound { return nil }
    return "has \(count) \(what), at most \(range.upperBound) \(range.upperBound == 1 ? "is" : "are") allowed"
  }

  private static func repetition(in list: [String]) -> String? {
    list.indices.first { list[..<$0].contains(list[$0]) }.map { list[$0] }
  }
}

extension GroupField.Kind {
  /// The kind in the words of a message.
  package var phrase: String {
    switch self {
    case .string: "a string"
    case .integer: "an integer"
    case .boolean: "true or false"
    case .strings: "a list of strings"
    case .networks: "a list of networks, each with an id"
    case .securityGroups: "a list of security groups, each with an id"
    case .listeners: "a list of listeners, each with pool_id, protocol_port and weight"
    }
  }
}

extension GroupModification {
  /// What contradicts itself among the fields that the change names (API page, table 2; reference, section 1.2).
  ///
  /// Fields that it does not name keep their live values, which are judged before sending.
  package func crossFieldProblems() -> [FieldProblem] {
    var problems: [FieldProblem] = []
    let minimum = self[.minInstanceNumber]?.integerValue
    let desired = self[.desireInstanceNumber]?.integerValue
    let maximum = self[.maxInstanceNumber]?.integerValue
    if let minimum, let maximum, maximum < minimum {
      // No desired number could be right then, so nothing is said about it.
      problems.append(
        FieldProblem(field: .maxInstanceNumber, message: "\(maximum) is below min_instance_number (\(minimum))"))
    } else if let desired {
      if let minimum, desired < minimum {
        problems.append(
          FieldProblem(field: .desireInstanceNumber, message: "\(desired) is below min_instance_number (\(minimum))"))
      }
      if let maximum, desired > maximum {
        problems.append(
          FieldProblem(field: .desireInstanceNumber, message: "\(desired) is above max_instance_number (\(maximum))"))
      }
    }
    if self[.lbListenerID] != nil, self[.lbaasListeners] != nil {
      problems.append(
        FieldProblem(
          field: .lbaasListeners,
          message: "excludes lb_listener_id: a group has listeners of one kind, give one of them"))
    }
    return problems
  }

  /// What the service would take, and what has no effect all the same.
  package func crossFieldWarnings() -> [FieldProblem] {
    guard self[.healthPeriodicAuditGracePeriod] != nil,
      self[.healthPeriodicAuditMethod]?.stringValue == "NOVA_AUDIT"
    else { return [] }
    // "valid only when the instance health check method of the AS group is ELB_AUDIT" (API page, table 2).
    return [
      FieldProblem(
        field: .healthPeriodicAuditGracePeriod, message: "has no effect with health_periodic_audit_method NOVA_AUDIT")
    ]
  }
}
