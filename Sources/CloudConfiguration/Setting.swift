/// A value and where it came from.
package struct Setting<Value: Sendable & Hashable>: Sendable, Hashable {
  package let value: Value
  /// A variable, such as `OS_USERNAME`, or a file and the key in it, such as
  /// `/home/ada/.config/openstack/clouds.yaml: clouds.otc.auth.username`. Never a value.
  package let source: String

  package init(_ value: Value, from source: String) {
    self.value = value
    self.source = source
  }
}

extension Setting<Secret> {
  /// The same in the open, for settings that are no secrets.
  var revealed: Setting<String> { Setting<String>(value.reveal(), from: source) }

  /// - Parameters:
  ///   - text: as the source has it.
  ///   - source: where it came from.
  /// - Throws: `invalidValue` for control characters, which no header and no name can carry. Typically the carriage
  ///   return of a file with Windows line ends that was sourced, or the line feed of a YAML block.
  init(checking text: String, from source: String) throws(CloudConfigurationError) {
    if let scalar = text.unicodeScalars.first(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      let cause =
        switch scalar {
        case "\r": "a carriage return (the file it comes from has Windows line ends)"
        case "\n": "a line feed"
        default: "a control character"
        }
      throw .invalidValue(source: source, reason: "it has \(cause)")
    }
    self.init(Secret(text), from: source)
  }
}
