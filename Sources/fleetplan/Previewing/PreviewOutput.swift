#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Collects text and writes it in large pieces.
final class PreviewOutput {
  /// In bytes.
  private static let usualPiece = 32_768

  /// Whoever read it has gone away; nobody needs the rest.
  struct ReaderGone: Error {}

  private let output: CommandOutput
  private var text = ""
  /// Something was written already, and not only collected.
  private(set) var hasWritten = false

  init(_ output: CommandOutput) { self.output = output }

  var isEmpty: Bool { text.isEmpty }

  func write(_ piece: String) throws {
    text += piece
    if text.utf8.count >= Self.usualPiece { try flush() }
  }

  /// - Throws: `ReaderGone`; `CommandError` 74 where what was collected cannot be written.
  func flush() throws {
    if text.isEmpty { return }
    defer { text.removeAll(keepingCapacity: true) }
    if output.write(text) {
      hasWritten = true
      return
    }
    // Nothing has been called since the system's `write` that could have changed it.
    let number = errno
    if number == EPIPE { throw ReaderGone() }
    throw CommandError(.ledger, "the output cannot be written: \(String(cString: strerror(number)))")
  }
}
