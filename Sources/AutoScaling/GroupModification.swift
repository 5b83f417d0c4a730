package import JSONText

/// The request body of "Modifying an AS Group": for every parameter a value, or nothing.
///
/// What is not in it is never sent, so the service leaves it as it is. The same type holds expected and
/// prior values, which are fields with values too (there, `.null` may occur).
package struct GroupModification: Sendable, Hashable {
  /// One field with its value.
  package struct Entry: Sendable, Hashable {
    package var field: GroupField
    package var value: FieldValue
  }

  /// The fields that have a value, in the order of `GroupField`.
  package private(set) var entries: [Entry] = []

  package init() {}

  package init(_ values: KeyValuePairs<GroupField, FieldValue>) {
    for (field, value) in values { self[field] = value }
  }

  package subscript(field: GroupField) -> FieldValue? {
    get { entries.first { $0.field == field }?.value }
    set {
      if let index = entries.firstIndex(where: { $0.field >= field }) {
        let isSame = entries[index].field == field
        switch (isSame, newValue) {
        case (true, let value?): entries[index].value = value
        case (true, nil): entries.remove(at: index)
        case (false, let value?): entries.insert(Entry(field: field, value: value), at: index)
        case (false, nil): break
        }
      } else if let newValue {
        entries.append(Entry(field: field, value: newValue))
      }
    }
  }

  package var isEmpty: Bool { entries.isEmpty }
  package var fields: [GroupField] { entries.map(\.field) }

  /// Those of the fields that pass the test.
  package func filter(_ isIncluded: (GroupField) -> Bool) -> GroupModification {
    var result = GroupModification()
    result.entries = entries.filter { isIncluded($0.field) }
    return result
  }

  /// These values, and those of `other` for the fields that have none here.
  package func merging(defaults other: GroupModification) -> GroupModification {
    var result = other
    for entry in entries { result[entry.field] = entry.value }
    return result
  }

  /// Writes one JSON object in the form of the API's request body.
  package func write(to writer: inout JSONWriter) {
    writer.beginObject()
    for entry in entries {
      writer.key(entry.field.rawValue)
      entry.value.write(to: &writer)
    }
    writer.endObject()
  }

  /// The body as JSON text; it is also the form in which the ledger keeps values.
  package var json: String {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.text
  }

  /// Reads what `json` gave. Keys that are no fields are passed over.
  ///
  /// - Returns: `nil` where the node is no object or a value has a shape that its field cannot have.
  package init?(ledgerJSON node: JSONNode) {
    guard let members = node.objectValue else { return nil }
    for member in members {
      guard let field = GroupField(rawValue: member.name) else { continue }
      guard let value = FieldValue(field: field, liveJSON: member.node) else { return nil }
      self[field] = value
    }
  }

  /// Reads what `json` gave.
  package init?(ledgerText text: String) {
    guard let node = try? JSONParser.parse(text) else { return nil }  // not JSON: the same `nil`
    self.init(ledgerJSON: node)
  }
}
