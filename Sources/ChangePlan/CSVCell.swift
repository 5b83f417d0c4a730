/// One cell of a row; all offsets count from the row's first byte.
struct CSVCell: Hashable {
  /// Where the cell begins, its opening quotation mark included.
  var offset: Int
  /// The text between the quotation marks, or the whole cell.
  var content: Range<Int>
  /// The content has doubled quotation marks, each of which stands for one.
  var hasDoubledQuotes = false
}

extension CSVCell {
  /// The content as it was meant: doubled quotation marks are one.
  ///
  /// - Parameters:
  ///   - row: the bytes of the cell's row.
  ///   - body: is given the content; the bytes are valid in it only.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  @inline(__always)
  func withContent<Result, Failure: Error>(
    in row: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = UnsafeRawBufferPointer(rebasing: row[content])
    guard hasDoubledQuotes else { return try body(bytes) }
    // `withUnsafeBytes` rethrows only untyped errors.
    let result: Swift.Result<Result, Failure> = Self.unescaped(bytes).withUnsafeBytes { copy in
      do throws(Failure) { return .success(try body(copy)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func unescaped(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var isSecond = false
    for byte in bytes {
      isSecond = byte == UInt8(ascii: "\"") && !isSecond
      if byte == UInt8(ascii: "\""), !isSecond { continue }
      result.append(byte)
    }
    return result
  }
}

/// A breach of RFC 4180 in a row.
struct CSVFault: Hashable {
  enum Kind: Hashable {
    case textAfterClosingQuote
    case quoteInUnquotedCell
    /// A carriage return that no line feed follows, outside quotation marks.
    case loneCarriageReturn
    /// A character below U+0020 other than tab, line feed and carriage return.
    case controlCharacter(UInt8)
    /// The file ends, or the longest row allowed, before the quotation mark that closes the cell.
    case unclosedQuote
    case rowTooLong
  }

  var kind: Kind
  /// From the row's first byte. Of an unclosed quotation mark, where it opens.
  var offset: Int
  /// Whether the rows behind it can no longer be told apart.
  var isFatal: Bool { kind == .unclosedQuote || kind == .rowTooLong }
}
