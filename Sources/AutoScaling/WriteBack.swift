/// How a field gets its prior value back.
package enum Restoration: Sendable, Hashable {
  /// By sending this value.
  case value(FieldValue)
  /// By no documented request; the reason is for the user.
  case impossible(String)
}

extension GroupField {
  /// What to send so that the field holds again what it held before a change (reference, section 2.2).
  ///
  /// - Parameter prior: what a read before the change showed; `nil` where it did not show the field.
  /// - Returns: `.impossible` for what the reference lists in section 2.3, and where the prior value is not known.
  package func restoration(of prior: FieldValue?) -> Restoration {
    guard let prior else {
      return .impossible("the group did not show its \(rawValue) before the change, so the prior value is unknown")
    }
    if prior.isEmpty { return restorationOfNothing }
    switch (self, prior) {
    case (.networks, .networks(let list)):
      return .value(.networks(list.map(\.withoutDefaults)))
    case (.description, .string(let text)) where !FieldLimits.descriptionLength.contains(text.unicodeScalars.count):
      return .impossible(
        "the prior description has more than \(FieldLimits.descriptionLength.upperBound) characters, which cannot be sent"
      )
    default:
      // The service held it, so it is sent as it was, also beyond limits that only some pages name.
      return .value(prior)
    }
  }

  /// For `null`, `""` and `[]`.
  private var restorationOfNothing: Restoration {
    switch self {
    case .enterpriseProjectID:
      .value(.string("0"))
    case .multiAZPriorityPolicy:
      .value(.string("EQUILIBRIUM_DISTRIBUTE"))
    case .lbListenerID, .lbaasListeners:
      .impossible(
        "\(rawValue) was not set before the change, and no documented request detaches load balancer listeners")
    case .notifications:
      // A plan may say [] (contract, guarantee 10); that it undoes EMAIL is not documented, so it is not promised.
      .impossible("notifications was not set before the change, and no documented request is known to clear it")
    case .securityGroups:
      .impossible("security_groups was not set before the change, and no documented request removes a security group")
    case .description:
      .impossible("description was empty before the change, and the API takes no empty description")
    case .scalingConfigurationID:
      .impossible("the group had no AS configuration before the change, and no documented request removes one")
    default:
      .impossible("\(rawValue) was not set before the change, and no documented request unsets it")
    }
  }
}
