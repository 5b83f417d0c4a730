/// Settings that stay with the source that names their user or key.
struct SettingOwnership {
  /// The first source that names one; `nil` where none does.
  let owner: SettingLayer?
  /// The owner, and then the others that may fill what it lacks: all but those about somebody else.
  private let candidates: [SettingLayer]
  /// Those about somebody else.
  let strangers: [SettingLayer]

  static func ofUser(in layers: [SettingLayer]) -> SettingOwnership {
    SettingOwnership(layers, owns: \.namesUser) { $0.namesAnotherUser(than: $1) }
  }

  static func ofAccessKey(in layers: [SettingLayer]) -> SettingOwnership {
    SettingOwnership(layers, owns: { $0[.accessKey] != nil }) { $0.namesAnotherKey(than: $1) }
  }

  private init(
    _ layers: [SettingLayer], owns: (SettingLayer) -> Bool, isStranger: (SettingLayer, SettingLayer) -> Bool
  ) {
    guard let index = layers.firstIndex(where: owns) else {
      (owner, candidates, strangers) = (nil, layers, [])
      return
    }
    let owner = layers[index]
    let others = layers[..<index] + layers[(index + 1)...]
    self.owner = owner
    candidates = [owner] + others.filter { !isStranger($0, owner) }
    strangers = others.filter { isStranger($0, owner) }
  }

  func first<Value>(_ value: (SettingLayer) -> Value?) -> Value? { candidates.lazy.compactMap(value).first }

  func firstLayer(where matches: (SettingLayer) -> Bool) -> SettingLayer? { candidates.first(where: matches) }
}
