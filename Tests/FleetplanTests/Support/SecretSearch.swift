import Foundation

/// Looks for secrets in every byte of the files below a folder.
struct SecretSearch {
  /// A form in which a secret, or half of it, would be as good as the secret.
  private struct Needle {
    var what: String
    var bytes: Data
  }

  /// What stands before a signature, and before the proxy's password.
  private static let constants = ["Signature=", "Proxy-Authorization"]

  private let needles: [Needle]

  /// - Parameters:
  ///   - secrets: each at least 20 characters long, so that half of it is found by chance nowhere.
  ///   - user: with whom they would be joined for basic authentication.
  init(_ secrets: [String], user: String = "ada") {
    var needles = Self.constants.map { Needle(what: $0, bytes: Data($0.utf8)) }
    for (number, secret) in secrets.enumerated() {
      precondition(secret.count >= 20, "half of a short secret is found by chance")
      func add(_ form: String, _ text: String) {
        needles.append(Needle(what: "secret \(number) \(form)", bytes: Data(text.utf8)))
      }
      // A message that is cut may show only one end.
      add("as it is, first half", String(secret.prefix(secret.count / 2)))
      add("as it is, second half", String(secret.suffix(secret.count / 2)))
      let bytes = Array(secret.utf8)
      add("percent-encoded", secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret)
      let unreserved = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
      add(
        "percent-encoded as RFC 3986 has it", secret.addingPercentEncoding(withAllowedCharacters: unreserved) ?? secret)
      add("in JSON", secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))
      add("in JSON in JSON", secret.replacing("\\", with: "\\\\\\\\").replacing("\"", with: "\\\\\\\""))
      add("in base64", Data(bytes).base64EncodedString())
      add("in base64 with the user", Data("\(user):\(secret)".utf8).base64EncodedString())
      add("in hexadecimal", bytes.map { String(format: "%02x", $0) }.joined())
      add("in hexadecimal capitals", bytes.map { String(format: "%02X", $0) }.joined())
    }
    self.needles = needles
  }

  /// What is found in some bytes: the forms, and tokens of the simulator.
  func findings(in bytes: Data) -> [String] {
    var found = needles.filter { bytes.range(of: $0.bytes) != nil }.map(\.what)
    if Self.hasToken(bytes) { found.append("a token of the simulator") }
    return found
  }

  /// What is found in the files below the folder, hidden ones among them.
  ///
  /// - Parameters:
  ///   - folder: of a stage.
  ///   - inputs: names of files that the test itself has written with secrets in them.
  /// - Returns: a line for each finding, with the file's name, and the names of all files that were searched.
  /// - Throws: what keeps a file from being read.
  func findings(
    below folder: TemporaryFolder, without inputs: Set<String> = []
  ) throws -> (found: [String], searched: Set<String>) {
    var found: [String] = []
    var searched: Set<String> = []
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    for name in names.sorted() where !inputs.contains(name) {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder.path(name), isDirectory: &isFolder), !isFolder.boolValue
      else { continue }
      searched.insert(name)
      found += findings(in: try folder.bytes(name)).map { "\(name): \($0)" }
      found += findings(in: Data(name.utf8)).map { "the name of \(name): \($0)" }
    }
    return (found, searched)
  }

  /// `SIM` and at least 16 of the 64 hexadecimal digits of a token.
  private static func hasToken(_ bytes: Data) -> Bool {
    var start = bytes.startIndex
    let mark = Data("SIM".utf8)
    while let range = bytes.range(of: mark, in: start..<bytes.endIndex) {
      let digits = bytes[range.upperBound...].prefix(16)
      if digits.count == 16, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) { return true }
      start = range.upperBound
    }
    return false
  }
}
