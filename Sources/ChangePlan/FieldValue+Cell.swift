internal import AutoScaling
internal import JSONText

/// Reads a cell of a CSV plan by the contract's table (section 2).
extension FieldValue {
  /// - Parameters:
  ///   - field: tells the type.
  ///   - cell: the content after unquoting, not empty, valid UTF-8.
  ///   - strings: the column's cache.
  /// - Throws: `ValueProblem` where the content is not of the field's type. The field's rules are checked elsewhere.
  init(
    field: GroupField, cell: UnsafeRawBufferPointer, strings: inout StringCache
  ) throws(ValueProblem) {
    switch field.kind {
    case .integer: self = .integer(try Self.integer(cell))
    case .boolean: self = .boolean(try Self.boolean(cell))
    case .string:
      if Self.isEmptyStringMark(cell) {
        self = .string("")
      } else if field == .description {
        self = .string(try Self.text(cell, &strings))
      } else {
        try Self.refuseSpaces(around: cell)
        self = .string(try Self.text(cell, &strings))
      }
    case .strings, .networks, .securityGroups, .listeners:
      if cell.first == UInt8(ascii: "[") {
        try self.init(field: field, jsonCell: cell)
      } else {
        try self.init(field: field, listCell: cell)
      }
    }
  }

  // MARK: Scalars

  /// Digits, with `-` before them where they are negative (which every rule refuses, with its range).
  private static func integer(_ cell: UnsafeRawBufferPointer) throws(ValueProblem) -> Int {
    var number = 0
    let isNegative = cell[0] == UInt8(ascii: "-")
    let digits = cell.dropFirst(isNegative ? 1 : 0)
    var isNumber = !digits.isEmpty
    for byte in digits {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
        isNumber = false
        break
      }
      // More than 18 digits can overflow; no field takes a number of that size.
      number = number &* 10 &+ Int(byte &- UInt8(ascii: "0"))
    }
    guard isNumber, !(isNegative && number == 0) else { throw ValueProblem(message: integerProblem(cell)) }
    if digits.count > 18 {
      throw ValueProblem(message: "\(Excerpt.quoted(cell)) is too large a number")
    }
    if digits.count > 1, digits.first == UInt8(ascii: "0") {
      throw ValueProblem(message: "\(Excerpt.quoted(cell)) begins with 0: write \(number)")
    }
    return isNegative ? -number : number
  }

  /// What is wrong with a cell that is no whole number, with the cures for what spreadsheets do.
  private static func integerProblem(_ cell: UnsafeRawBufferPointer) -> String {
    let text = String(decoding: cell.prefix(80), as: UTF8.self)
    let shown = text.quotedForMessage
    if text == "\"\"" { return "\"\" is the empty string: leave the cell empty to keep the number as it is" }
    if text.first?.isWhitespace == true || text.last?.isWhitespace == true {
      return "\(shown) has spaces around it: remove them"
    }
    if let number = Double(text.replacing(",", with: ".")), number == number.rounded(), number.magnitude < 1e9 {
      let cause = text.lowercased().contains("e") ? "is in scientific notation" : "is not written as a whole number"
      return "\(shown) \(cause): write \(Int(number)) (in a spreadsheet, format the column as text)"
    }
    return "\(shown) is not a whole number: write digits only, such as 300"
  }

  private static func boolean(_ cell: UnsafeRawBufferPointer) throws(ValueProblem) -> Bool {
    if cell.count == 4, matches(cell, "true") { return true }
    if cell.count == 5, matches(cell, "false") { return false }
    let text = String(decoding: cell.prefix(80), as: UTF8.self)
    let word = text.lowercased()
    if let flag = LocalizedBoolean.words[word] {
      throw ValueProblem(
        message: "\(text.quotedForMessage) is not a boolean of a plan: write \(flag) "
          + "(in a spreadsheet, format the column as text first)")
    }
    if let first = word.first, let last = word.last, first.isWhitespace || last.isWhitespace {
      throw ValueProblem(message: "\(text.quotedForMessage) has spaces around it: remove them")
    }
    throw ValueProblem(message: "\(text.quotedForMessage) is not a boolean: write true or false")
  }

  /// Compares without regard to the case of ASCII letters.
  private static func matches(_ cell: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
    for index in 0..<cell.count where cell[index] | 0x20 != word.utf8Start[index] { return false }
    return true
  }

  private static func text(
    _ cell: UnsafeRawBufferPointer, _ strings: inout StringCache
  ) throws(ValueProblem) -> String {
    guard let text = strings.string(cell) else { throw ValueProblem(message: "not valid UTF-8") }
    return text
  }

  /// The two characters `""`, which set a string to the empty one.
  static func isEmptyStringMark(_ cell: UnsafeRawBufferPointer) -> Bool {
    cell.count == 2 && cell[0] == UInt8(ascii: "\"") && cell[1] == UInt8(ascii: "\"")
  }

  private static func refuseSpaces(around cell: UnsafeRawBufferPointer) throws(ValueProblem) {
    if isSpace(cell[0]) || isSpace(cell[cell.count - 1]) {
      throw ValueProblem(message: "\(Excerpt.quoted(cell)) has spaces around it: remove them")
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

  // MARK: Lists

  /// `id;id`, `pool_id:port:weight;…`
  private init(field: GroupField, listCell cell: UnsafeRawBufferPointer) throws(ValueProblem) {
    if Self.isEmptyStringMark(cell) {
      throw ValueProblem(message: "\"\" is the empty string: write [] for the empty list")
    }
    var elements: [String] = []
    var start = 0
    while start <= cell.count {
      let end = cell[start...].firstIndex(of: UInt8(ascii: ";")) ?? cell.count
      let element = UnsafeRawBufferPointer(rebasing: cell[start..<end])
      elements.append(try Self.element(element, number: elements.count + 1))
      start = end + 1
    }
    switch field.kind {
    case .networks: self = .networks(elements.map { Network(id: $0) })
    case .securityGroups: self = .securityGroups(elements)
    case .listeners:
      var listeners: [Listener] = []
      for (index, element) in elements.enumerated() {
        listeners.append(try Self.listener(element, number: index + 1))
      }
      self = .listeners(listeners)
    case .strings, .string, .integer, .boolean: self = .strings(elements)
    }
  }

  private static func element(
    _ bytes: UnsafeRawBufferPointer, number: Int
  ) throws(ValueProblem) -> String {
    if bytes.isEmpty {
      throw ValueProblem(message: "element \(number) is empty: put ';' only between elements")
    }
    if isSpace(bytes[0]) || isSpace(bytes[bytes.count - 1]) {
      throw ValueProblem(message: "element \(number), \(Excerpt.quoted(bytes)), has spaces around it: remove them")
    }
    if bytes.contains(UInt8(ascii: ",")) {
      throw ValueProblem(
        message: "element \(number), \(Excerpt.quoted(bytes)), contains ',': separate elements with ';'")
    }
    guard let text = UTF8Check.string(bytes) else {
      throw ValueProblem(message: "not valid UTF-8")
    }
    return text
  }

  private static func listener(_ text: String, number: Int) throws(ValueProblem) -> Listener {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, let port = plainNumber(parts[1]), let weight = plainNumber(parts[2])
    else {
      throw ValueProblem(
        message: "element \(number), \(text.quotedForMessage), is no listener: write pool_id:port:weight")
    }
    return Listener(poolID: String(parts[0]), protocolPort: port, weight: weight)
  }

  private static func plainNumber(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
      return nil
    }
    return Int(text)
  }

  private init(field: GroupField, jsonCell cell: UnsafeRawBufferPointer) throws(ValueProblem) {
    let node: JSONNode
    do throws(JSONSyntaxError) {
      node = try JSONParser.parse(cell)
    } catch {
      throw ValueProblem(message: "not JSON, at byte \(error.offset + 1) of the cell: \(error.reason)")
    }
    try self.init(field: field, planJSON: node)
  }
}

/// What spreadsheets and people of other languages write for true and false.
private enum LocalizedBoolean {
  static let words: [String: Bool] = [
    "wahr": true, "falsch": false, "vrai": true, "faux": false, "vero": true, "falso": false,
    "verdadero": true, "verdadeiro": true, "waar": true, "onwaar": false, "sant": true, "sand": true,
    "falskt": false, "falsk": false, "prawda": true, "fałsz": false, "pravda": true, "nepravda": false,
    "tosi": true, "epätosi": false, "igaz": true, "hamis": false, "doğru": true, "yanliş": false,
    "истина": true, "ложь": false, "ja": true, "nein": false, "yes": true, "no": false, "y": true, "n": false,
    "on": true, "off": false, "1": true, "0": false,
  ]
}
