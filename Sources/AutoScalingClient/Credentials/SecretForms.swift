import JSONText

extension String {
  /// The text with every secret in it replaced, as it is or as URLs and JSON write it. Byte by byte: characters could
  /// have grown together with what stands beside them.
  ///
  /// - Parameter secrets: empty ones do not count.
  /// - Returns: a text with `[secret]` in their place.
  func withoutSecrets(_ secrets: [String]) -> String {
    // The longer ones first: one may be a part of another.
    let forms = Set(secrets.flatMap(\.forms)).sorted { $0.utf8.count > $1.utf8.count }
    return forms.reduce(self) { $0.replacingBytes(of: $1) }
  }

  private var forms: [String] {
    if isEmpty { return [] }
    var writer = JSONWriter(capacity: utf8.count + 16)
    writer.string(self)
    return [self, percentEncoded, String(writer.text.dropFirst().dropLast())]
  }

  private func replacingBytes(of secret: String) -> String {
    var result = ""
    var rest = self[...]
    while let range = rest.utf8.firstRange(of: secret.utf8) {
      result += rest[..<range.lowerBound]
      result += "[secret]"
      rest = rest[range.upperBound...]
    }
    return result.isEmpty ? self : result + rest
  }
}
