internal import Crypto

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A place in a plan file, as diagnostics count it.
struct TextPosition: Hashable {
  /// From 1; a line ends with LF.
  var line: Int
  /// From 1, in bytes.
  var column: Int
}

/// The bytes of a plan, chunk by chunk: a window over those that were read and not yet used.
///
/// It knows the position of its first byte, and the digest of all that it has read. The window holds at most
/// what its user leaves unread, and one chunk.
final class PlanInput {
  /// How much is read at a time, in bytes.
  static let usualChunkSize = 65_536

  private let file: String
  private let descriptor: Int32
  private let ownsDescriptor: Bool
  private let chunkSize: Int
  private var storage: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var hash = SHA256()

  /// How many bytes were read so far.
  private(set) var byteCount = 0
  /// Position of the first unread byte.
  private(set) var position = TextPosition(line: 1, column: 1)

  /// - Throws: `PlanReadError.cannotOpen`.
  init(_ source: PlanSource, chunkSize: Int = PlanInput.usualChunkSize) throws(PlanReadError) {
    precondition(chunkSize > 0)
    switch source.origin {
    case .descriptor(let number):
      descriptor = number
      ownsDescriptor = false
    case .path(let path):
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      ownsDescriptor = true
      if descriptor < 0 {
        let number = errno
        throw .cannotOpen(file: source.displayName, errorNumber: number, reason: String(cString: strerror(number)))
      }
    }
    file = source.displayName
    self.chunkSize = chunkSize
    storage = .allocate(byteCount: 2 * chunkSize, alignment: 16)
  }

  deinit {
    if ownsDescriptor { close(descriptor) }
    storage.deallocate()
  }

  /// The bytes that were read and not yet used; valid until the next call of `fill` or `advance`.
  var unread: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[start..<end]) }

  /// Reads more.
  ///
  /// - Returns: `false` at the end of the file, when nothing was added.
  /// - Throws: `PlanReadError.cannotRead`.
  func fill() throws(PlanReadError) -> Bool {
    // A long row is looked at again from its beginning each time: grow by what it has, so that this stays linear.
    let wanted = end - start >= Self.usualChunkSize ? end - start : chunkSize
    makeRoom(for: wanted)
    while true {
      let count = read(descriptor, storage.baseAddress.map { $0 + end }, wanted)
      if count < 0 {
        let number = errno
        if number == EINTR { continue }
        throw .cannotRead(file: file, errorNumber: number, reason: String(cString: strerror(number)))
      }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: storage[end..<end + count]))
      end += count
      byteCount += count
      return count > 0
    }
  }

  /// Reads until `count` bytes are unread, or the file ends.
  func fill(atLeast count: Int) throws(PlanReadError) {
    while end - start < count, try fill() {}
  }

  private func makeRoom(for count: Int) {
    guard storage.count - end < count else { return }
    let unreadCount = end - start
    if storage.count - unreadCount >= count {
      storage.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[start..<end]))
    } else {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * (unreadCount + count), alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[start..<end]))
      storage.deallocate()
      storage = larger
    }
    start = 0
    end = unreadCount
  }

  /// Uses up that many of the unread bytes.
  func advance(by count: Int) {
    position = position(at: count)
    start += count
  }

  /// Uses up a byte order mark, which has no column.
  func skipByteOrderMark(length: Int) { start += length }

  /// The position of the unread byte at `offset`, which may be the end.
  func position(at offset: Int) -> TextPosition {
    let bytes = UnsafeRawBufferPointer(rebasing: storage[start..<start + offset])
    var lineCount = 0
    for index in 0..<offset where bytes[index] == UInt8(ascii: "\n") { lineCount += 1 }
    if lineCount == 0 { return TextPosition(line: position.line, column: position.column + offset) }
    var column = 1
    for byte in bytes.reversed() {
      if byte == UInt8(ascii: "\n") { break }
      column += 1
    }
    return TextPosition(line: position.line + lineCount, column: column)
  }

  /// Reads what is left, so that size and digest are those of the whole file.
  func drain() throws(PlanReadError) {
    repeat { advance(by: end - start) } while try fill()
  }

  /// SHA-256 of what was read so far, in lowercase hexadecimal digits.
  func digest() -> String {
    var text = ""
    for byte in hash.finalize() { text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    return text
  }
}
