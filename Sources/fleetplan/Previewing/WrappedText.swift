import Reports

/// A piece of text that stays on one line, in one colour.
struct StyledWord {
  /// ECMA-48, "Select Graphic Rendition".
  enum Color: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case dim = "2"
    case bold = "1"
  }

  var text: String
  var color: Color?

  init(_ text: String, _ color: Color? = nil) {
    self.text = text
    self.color = color
  }

  /// The words of a sentence.
  static func words(_ text: String, _ color: Color? = nil) -> [StyledWord] {
    text.split(separator: " ", omittingEmptySubsequences: false).map { StyledWord(String($0), color) }
  }
}

/// Sets words in lines: on a terminal not wider than it is, elsewhere without a limit, so that a line stays a line
/// for those who search.
struct WrappedText {
  let usesColor: Bool
  /// Of the terminal; `nil` where there is none.
  let columns: Int?

  /// The words with a space between them.
  ///
  /// - Parameters:
  ///   - words: none is broken, even one that is too long.
  ///   - indent: spaces before the first line.
  ///   - hanging: spaces before each further one.
  /// - Returns: the lines, each with its line feed.
  func lines(_ words: [StyledWord], indent: Int, hanging: Int) -> String {
    var result = ""
    var line: [StyledWord] = []
    var width = indent
    func end() {
      result += String(repeating: " ", count: result.isEmpty ? indent : hanging) + painted(line) + "\n"
    }
    for word in words {
      let length = DisplayText.width(word.text)
      if !line.isEmpty, let columns, width + 1 + length > columns {
        end()
        line = []
        width = hanging
      }
      width += (line.isEmpty ? 0 : 1) + length
      line.append(word)
    }
    end()
    return result
  }

  /// Whether the words are short enough for one line; where there is no terminal, for one of 80 columns.
  func fits(_ words: [StyledWord], indent: Int) -> Bool {
    words.reduce(indent - 1) { $0 + 1 + DisplayText.width($1.text) } <= columns ?? 80
  }

  /// Neighbours of one colour are painted in one go.
  private func painted(_ words: [StyledWord]) -> String {
    var text = ""
    for (index, word) in words.enumerated() {
      let former = index == 0 ? nil : words[index - 1].color
      if usesColor, former != nil, former != word.color { text += "\u{1B}[0m" }
      if index > 0 { text += " " }
      if usesColor, let color = word.color, color != former { text += "\u{1B}[\(color.rawValue)m" }
      text += word.text
    }
    return text + (usesColor && words.last?.color != nil ? "\u{1B}[0m" : "")
  }
}
