/// Cuts CSV text (RFC 4180) into rows and cells, one row at a time.
///
/// Lines end with CRLF or LF. A fault is noted and the row read on as well as can be, so that one row
/// gives all of its problems.
struct CSVRowReader {
  /// The longest row, in bytes, its line end included.
  static let longestRow = 1 << 20

  private let input: PlanInput
  private let classes: [UInt8]
  private let separator: UInt8

  /// The cells of the current row, at least one.
  private(set) var cells: [CSVCell] = []
  /// The breaches in the current row, in order.
  private(set) var faults: [CSVFault] = []
  /// The current row has a byte from 0x80 on: whether it is UTF-8 has still to be checked.
  private(set) var hasNonASCII = false
  private var rowLength = 0

  /// Classes of bytes: what the scanner may run over, what it must look at, what it must note.
  private enum ByteClass {
    static let plain: UInt8 = 0
    static let structural: UInt8 = 1
    static let control: UInt8 = 2
    static let nonASCII: UInt8 = 3
  }

  init(_ input: PlanInput, separator: UInt8) {
    self.input = input
    self.separator = separator
    var classes = [UInt8](repeating: ByteClass.plain, count: 256)
    for byte in 0..<0x20 { classes[byte] = ByteClass.control }
    for byte in 0x80...0xFF { classes[byte] = ByteClass.nonASCII }
    classes[Int(UInt8(ascii: "\t"))] = ByteClass.plain
    for byte in [separator, UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n")] {
      classes[Int(byte)] = ByteClass.structural
    }
    self.classes = classes
  }

  /// The bytes of the current row; valid until the next call of `advance`.
  var row: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: input.unread[..<rowLength]) }

  /// Goes to the next row. The input's position is then that of the row's first byte.
  ///
  /// - Returns: `false` at the end of the file.
  /// - Throws: `PlanReadError` where the file cannot be read.
  mutating func advance() throws(PlanReadError) -> Bool {
    input.advance(by: rowLength)
    rowLength = 0
    var isComplete = false
    while true {
      let bytes = input.unread
      if !bytes.isEmpty || isComplete {
        if bytes.isEmpty { return false }
        let isAtLimit = bytes.count >= Self.longestRow
        if scan(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.longestRow)), isComplete: isComplete || isAtLimit) {
          if isAtLimit, rowLength == Self.longestRow, faults.last?.isFatal != true {
            faults.append(CSVFault(kind: .rowTooLong, offset: 0))
          }
          return true
        }
      }
      isComplete = try !input.fill()
    }
  }

  /// Scans one row.
  ///
  /// - Parameters:
  ///   - bytes: the text from the row's first byte on.
  ///   - isComplete: there is nothing behind `bytes`.
  /// - Returns: `false` where the row may go on behind `bytes`.
  private mutating func scan(_ bytes: UnsafeRawBufferPointer, isComplete: Bool) -> Bool {
    cells.removeAll(keepingCapacity: true)
    faults.removeAll(keepingCapacity: true)
    hasNonASCII = false
    var index = 0
    while true {
      let offset = index
      var cell = CSVCell(offset: offset, content: offset..<offset)
      if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
        guard scanQuoted(bytes, from: &index, isComplete: isComplete, into: &cell) else { return false }
        let isFollowed = index < bytes.count && !endsCell(bytes, at: index)
        if isFollowed, faults.last?.kind != .unclosedQuote {
          faults.append(CSVFault(kind: .textAfterClosingQuote, offset: index))
        }
        skipUnquoted(bytes, from: &index, notesQuotes: false)
      } else {
        skipUnquoted(bytes, from: &index, notesQuotes: true)
        cell.content = offset..<index
      }
      guard index < bytes.count else {
        guard isComplete else { return false }
        cells.append(cell)
        rowLength = index
        return true
      }
      if bytes[index] == UInt8(ascii: "\r"), index + 1 == bytes.count {
        guard isComplete else { return false }
        // The very last byte of the file: skipUnquoted leaves it, because a line feed might have followed.
        faults.append(CSVFault(kind: .loneCarriageReturn, offset: index))
        cells.append(cell)
        rowLength = index + 1
        return true
      }
      cells.append(cell)
      if bytes[index] == separator {
        index += 1
        continue
      }
      rowLength = index + (bytes[index] == UInt8(ascii: "\r") ? 2 : 1)
      return true
    }
  }

  /// Goes from an opening quotation mark behind the closing one.
  private mutating func scanQuoted(
    _ bytes: UnsafeRawBufferPointer, from index: inout Int, isComplete: Bool, into cell: inout CSVCell
  ) -> Bool {
    index += 1
    let start = index
    while true {
      guard index < bytes.count else {
        guard isComplete else { return false }
        faults.append(CSVFault(kind: .unclosedQuote, offset: cell.offset))
        cell.content = start..<index
        return true
      }
      let byte = bytes[index]
      switch classes[Int(byte)] {
      case ByteClass.plain:
        index += 1
      case ByteClass.nonASCII:
        hasNonASCII = true
        index += 1
      case ByteClass.control:
        faults.append(CSVFault(kind: .controlCharacter(byte), offset: index))
        index += 1
      default:
        guard byte == UInt8(ascii: "\"") else {
          index += 1
          continue
        }
        guard index + 1 < bytes.count || isComplete else { return false }
        if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") {
          cell.hasDoubledQuotes = true
          index += 2
          continue
        }
        cell.content = start..<index
        index += 1
        return true
      }
    }
  }

  /// Goes to the next byte that ends a cell, or to a carriage return behind which nothing is known yet.
  private mutating func skipUnquoted(
    _ bytes: UnsafeRawBufferPointer, from index: inout Int, notesQuotes: Bool
  ) {
    classes.withUnsafeBufferPointer { classes in
      while index < bytes.count {
        let byte = bytes[index]
        switch classes[Int(byte)] {
        case ByteClass.plain:
          break
        case ByteClass.nonASCII:
          hasNonASCII = true
        case ByteClass.control:
          faults.append(CSVFault(kind: .controlCharacter(byte), offset: index))
        default:
          if byte == UInt8(ascii: "\"") {
            if notesQuotes { faults.append(CSVFault(kind: .quoteInUnquotedCell, offset: index)) }
          } else if byte == UInt8(ascii: "\r"), index + 1 < bytes.count, !endsCell(bytes, at: index) {
            faults.append(CSVFault(kind: .loneCarriageReturn, offset: index))
          } else {
            return
          }
        }
        index += 1
      }
    }
  }

  /// Whether a separator or a line end begins here.
  private func endsCell(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
    switch bytes[index] {
    case separator, UInt8(ascii: "\n"): true
    case UInt8(ascii: "\r"): index + 1 == bytes.count || bytes[index + 1] == UInt8(ascii: "\n")
    default: false
    }
  }
}
