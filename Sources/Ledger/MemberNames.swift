/// The names of the members of a JSON object, without looking at the values.
///
/// For the ledger's own JSON, whose names are the API's and have no escapes: what a full parser makes of the values
/// would be thrown away, a million times in a report.
enum MemberNames {
  /// Goes through the names, in order.
  ///
  /// - Parameters:
  ///   - json: one object.
  ///   - body: gets each name as it is written, without its quotation marks.
  /// - Returns: `false` where the text ends before the object does, or is none.
  static func forEach(in json: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
    guard json.first == UInt8(ascii: "{") else { return false }
    var depth = 0
    var isBeforeName = false
    var index = 0
    while index < json.count {
      switch json[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        isBeforeName = depth == 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return index == json.count - 1 }
      case UInt8(ascii: ","):
        isBeforeName = depth == 1
      case UInt8(ascii: "\""):
        let start = index + 1
        index = start
        while index < json.count, json[index] != UInt8(ascii: "\"") {
          index += json[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < json.count else { return false }
        if isBeforeName {
          body(UnsafeRawBufferPointer(rebasing: json[start..<index]))
          isBeforeName = false
        }
      default: break
      }
      index += 1
    }
    return false
  }
}
