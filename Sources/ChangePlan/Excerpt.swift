internal import AutoScaling

/// Pieces of a plan's text as they are shown in a diagnostic: short, on one line, valid UTF-8.
enum Excerpt {
  /// The bytes as text in quotation marks, shortened; what is not UTF-8 is shown as U+FFFD.
  static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    // As many bytes as the characters that are shown can have.
    String(decoding: bytes.prefix(256), as: UTF8.self).quotedForMessage
  }

  /// The text with everything written as an escape that could end the line or move a cursor.
  static func singleLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: \.isUnsafeInMessages) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar.isUnsafeInMessages {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
