#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file descriptor that text is written to. A reader that has gone away is no error: a run goes on without it.
struct CommandOutput: Sendable {
  static let standardOutput = CommandOutput(descriptor: 1)
  static let standardError = CommandOutput(descriptor: 2)

  let descriptor: Int32

  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The terminal's width in columns; `nil` where there is none.
  var columns: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Whether it takes something at once; a terminal does not while it is stopped.
  var isWritable: Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    #if canImport(Glibc)
      return Glibc.poll(&poll, 1, 0) == 1
    #else
      return Darwin.poll(&poll, 1, 0) == 1
    #endif
  }

  /// Writes all of the text, or as much as can be written.
  ///
  /// - Returns: whether everything was written.
  @discardableResult
  func write(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { utf8 in
      var rest = UnsafeRawBufferPointer(utf8)
      while !rest.isEmpty {
        #if canImport(Glibc)
          let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
        #else
          let written = Darwin.write(descriptor, rest.baseAddress, rest.count)
        #endif
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
      return true
    }
  }
}
