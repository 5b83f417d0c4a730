import Testing

@testable import Ledger

struct MemberNamesTests {
  private static func names(_ json: String) -> [String]? {
    var names: [String] = []
    let isObject = Array(json.utf8).withUnsafeBytes { bytes in
      MemberNames.forEach(in: bytes) { names.append(String(decoding: $0, as: UTF8.self)) }
    }
    return isObject ? names : nil
  }

  @Test(
    arguments: [
      ("{}", []), (#"{"a":1}"#, ["a"]),
      (#"{"a":"b","c":["d",{"e":"f"}],"g":{"h":1,"i":[2]},"j":null}"#, ["a", "c", "g", "j"]),
      (#"{"a":"x\",\"y\":{","b":"\\"}"#, ["a", "b"]), (#"{"a":["b","c"],"d":true}"#, ["a", "d"]),
    ] as [(String, [String])])
  func `the names of an object are those of its own members`(json: String, names: [String]) {
    #expect(Self.names(json) == names)
  }

  @Test(arguments: ["", "[]", "null", "{", #"{"a"#, #"{"a\"#, #"{"a":1"#, #"{"a":[1}"#, #"{"a":1}}"#])
  func `what is no whole object is told`(json: String) {
    #expect(Self.names(json) == nil)
  }
}
