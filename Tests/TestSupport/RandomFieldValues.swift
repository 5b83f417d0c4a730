package import AutoScaling

/// Makes random values that pass the rules of their fields.
package struct RandomFieldValues {
  private var generator: SeededGenerator

  package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  package mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  package mutating func flag() -> Bool { Bool.random(using: &generator) }
  package mutating func pick<Element>(_ list: [Element]) -> Element { list[number(0...(list.count - 1))] }
  package mutating func shuffled<Element>(_ list: [Element]) -> [Element] { list.shuffled(using: &generator) }

  package mutating func id() -> String {
    let letters = Array("0123456789abcdefABCXYZ-_")
    return String((0..<number(1...40)).map { _ in pick(letters) })
  }

  /// Text with everything that a format has to protect.
  package mutating func text() -> String {
    let pieces = [
      "a", "ä", "😎", "\"", "\"\"", ",", ";", "\t", "\n", "\r\n", " ", "\\", "/", "{", "[", "'", "\u{FEFF}", "x",
    ]
    return "t" + (0..<number(0...20)).map { _ in pick(pieces) }.joined()
  }

  package mutating func value(of field: GroupField) -> FieldValue {
    switch field {
    case .scalingGroupName, .scalingConfigurationID: .string(id())
    case .lbListenerID: .string(ids(1...6).joined(separator: ","))
    case .description: .string(text())
    case .enterpriseProjectID: .string(pick(["", "0", "c92b1a5d-6f20-43f2-b1b7-7ce35e58e413"]))
    case .healthPeriodicAuditMethod: .string(pick(FieldLimits.healthPeriodicAuditMethods))
    case .instanceTerminatePolicy: .string(pick(FieldLimits.instanceTerminatePolicies))
    case .multiAZPriorityPolicy: .string(pick(FieldLimits.multiAZPriorityPolicies))
    case .minInstanceNumber, .desireInstanceNumber, .maxInstanceNumber: .integer(number(0...1_000))
    case .coolDownTime, .healthPeriodicAuditGracePeriod: .integer(number(0...86_400))
    case .healthPeriodicAuditTime: .integer(pick(FieldLimits.healthPeriodicAuditTimes))
    case .deletePublicIP, .deleteVolume: .boolean(flag())
    case .availableZones: .strings(ids(1...4))
    case .notifications: .strings(flag() ? ["EMAIL"] : [])
    case .securityGroups: .securityGroups([id()])
    case .networks:
      .networks(
        ids(1...5).map { name in
          let enabled = flag() ? flag() : nil
          return Network(id: name, ipv6Enable: enabled, ipv6BandwidthID: enabled == true && flag() ? id() : nil)
        })
    case .lbaasListeners:
      .listeners(
        ids(1...6).map { Listener(poolID: $0, protocolPort: number(1...65_535), weight: number(0...100)) })
    }
  }

  /// Different ids.
  private mutating func ids(_ count: ClosedRange<Int>) -> [String] {
    (1...number(count)).map { "\($0)" + id() }
  }
}
