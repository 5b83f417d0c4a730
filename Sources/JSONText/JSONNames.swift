/// Names that a parser will meet again and again: it gives the same string each time instead of making a new one.
package struct JSONNames: Sendable {
  /// The names by their length in bytes.
  private let namesByLength: [[String]]

  package init(_ names: some Sequence<String>) {
    var lists: [[String]] = []
    for name in names {
      let length = name.utf8.count
      while lists.count <= length { lists.append([]) }
      lists[length].append(name)
    }
    namesByLength = lists
  }

  /// The known name of these bytes.
  func match(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count < namesByLength.count else { return nil }
    for name in namesByLength[bytes.count] {
      // Names are native strings, whose bytes are at hand.
      let isSame = name.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).hasSameBytes(as: bytes) }
      if isSame == true { return name }
    }
    return nil
  }
}
