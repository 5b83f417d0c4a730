import JSONText

/// What the body of a refusal says, in any of the shapes that the layers before the service use
/// (reference, section 6.1).
package struct ServiceErrorBody: Sendable, Hashable {
  /// `AS.2007`, `APIGW.0301`, `401` (IAM's is a number); `nil` where the body has none.
  package var code: String?
  /// On one line, without tags and control characters, at most 200 characters; empty where there is none.
  package var message: String
  package var requestID: String?

  package init(code: String? = nil, message: String, requestID: String? = nil) {
    self.code = code
    self.message = message
    self.requestID = requestID
  }

  /// Characters of a message that are kept.
  package static let messageLimit = 200
  /// Bytes that are looked at: the error bodies that are known have less than 1 KiB.
  private static let byteLimit = 64 * 1024

  /// Reads a body of any size and any content; it never fails.
  ///
  /// - Parameters:
  ///   - bytes: the body.
  ///   - redacting: takes the secrets out of a text: before it is cut or changed otherwise, after which a part of one
  ///     would not be recognized.
  package init(decoding bytes: UnsafeRawBufferPointer, redacting: (String) -> String = { $0 }) {
    if bytes.count <= Self.byteLimit, let node = try? JSONParser.parse(bytes, maximumDepth: 16),  // not JSON: as text
      let found = Self(json: node, redacting: redacting)
    {
      self = found
      return
    }
    // A multiple of the limit, since tags fall away; read some more, so that no secret is cut at its end.
    let beginning = UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.byteLimit))
    let text = redacting(String(decoding: beginning, as: UTF8.self)).unicodeScalars.prefix(16 * 1024)
    self.init(message: Self.cleaned(Self.withoutTags(String(text))))
  }

  package init(decoding bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { Self(decoding: $0) }
  }

  // MARK: JSON

  /// The names of code and message, in the order in which the vendor's own SDK looks for them.
  private static let names = [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")]

  /// - Returns: `nil` where the value has no error in a known shape.
  private init?(json node: JSONNode, redacting: (String) -> String) {
    guard let found = Self.find(in: node, depth: 0) else { return nil }
    code = found.code.map { Self.cleaned(redacting($0), limit: 64) }
    message = found.message.map { Self.cleaned(redacting($0)) } ?? ""
    requestID = Self.findRequestID(in: node, depth: 0).map { Self.cleaned(redacting($0), limit: 128) }
  }

  /// The outermost pair of code and message; a code or a message alone only where there is no pair at its level.
  private static func find(in node: JSONNode, depth: Int) -> (code: String?, message: String?)? {
    guard depth < 4, let members = node.objectValue else { return nil }
    for (codeName, messageName) in names {
      if let code = node[codeName].flatMap(text), let message = node[messageName].flatMap(text) {
        return (code, message)
      }
    }
    for (codeName, messageName) in names {
      let code = node[codeName].flatMap(text)
      let message = node[messageName].flatMap(text)
      if code != nil || message != nil { return (code, message) }
    }
    for member in members {
      if let found = find(in: member.node, depth: depth + 1) { return found }
    }
    return nil
  }

  private static func findRequestID(in node: JSONNode, depth: Int) -> String? {
    guard depth < 4, let members = node.objectValue else { return nil }
    for name in ["request_id", "requestId", "requestID"] {
      if let id = node[name]?.stringValue, !id.isEmpty { return id }
    }
    return members.lazy.compactMap { findRequestID(in: $0.node, depth: depth + 1) }.first
  }

  /// A code may be a number.
  private static func text(_ node: JSONNode) -> String? {
    switch node.value {
    case .string(let text): text.isEmpty ? nil : text
    case .integer(let number): String(number)
    default: nil
    }
  }

  // MARK: Text

  /// A page of HTML without its tags; other text as it is, unless it has something that looks like a tag.
  private static func withoutTags(_ text: String) -> String {
    var result = ""
    var scalars = text.unicodeScalars[...]
    while let opening = scalars.firstIndex(of: "<") {
      result.unicodeScalars.append(contentsOf: scalars[..<opening])
      result += " "
      guard let closing = scalars[opening...].firstIndex(of: ">") else { return result }
      scalars = scalars[scalars.index(after: closing)...]
    }
    result.unicodeScalars.append(contentsOf: scalars)
    return result
  }

  /// One line: control characters and runs of white space become one space, the rest is cut at the limit.
  package static func cleaned(_ text: String, limit: Int = messageLimit) -> String {
    var result = ""
    var count = 0
    var needsSpace = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace || scalar.isUnsafeInMessages {
        needsSpace = count > 0
        continue
      }
      if count >= limit {
        result += "…"
        break
      }
      if needsSpace {
        result += " "
        count += 1
        needsSpace = false
      }
      result.unicodeScalars.append(scalar)
      count += 1
    }
    return result
  }
}
