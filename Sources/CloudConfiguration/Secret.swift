/// A text that must be shown nowhere: neither interpolation, `String(reflecting:)`, `dump` nor a mirror tells it.
package struct Secret: Sendable, Hashable {
  private let text: String

  package init(_ text: String) { self.text = text }

  /// The secret itself, for the one place that sends it or signs with it.
  package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "[secret]" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
