import Foundation

/// A terminal that a test sits at: the program has one end, the test has the other.
final class PseudoTerminal {
  /// Of the program's end: to be opened by it.
  let path: String
  /// What was shown up to now, with the line ends of a terminal.
  private(set) var text = ""

  private let keyboard: Int32
  /// Kept open, so that the terminal is there before the program is.
  private let screen: Int32

  /// - Parameter columns: how wide it is.
  /// - Throws: `POSIXError` where the system has no more of them.
  init(columns: UInt16 = 80) throws {
    #if os(Linux)
      // What grantpt(3), unlockpt(3) and ptsname(3) do, which the system's headers show to X/Open programs only:
      // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), whose macros Swift does not import.
      keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      var lock: Int32 = 0
      var number: UInt32 = 0
      guard keyboard >= 0, ioctl(keyboard, 0x4004_5431, &lock) == 0, ioctl(keyboard, 0x8004_5430, &number) == 0 else {
        throw POSIXError(.ENXIO)
      }
      path = "/dev/pts/\(number)"
    #else
      keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
      guard keyboard >= 0, grantpt(keyboard) == 0, unlockpt(keyboard) == 0, let name = ptsname(keyboard) else {
        throw POSIXError(.ENXIO)
      }
      path = String(cString: name)
    #endif
    screen = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard screen >= 0, fcntl(keyboard, F_SETFL, O_NONBLOCK) == 0 else { throw POSIXError(.ENXIO) }
    try resize(columns: columns)
  }

  /// Makes it wider or narrower.
  func resize(columns: UInt16) throws {
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard ioctl(keyboard, UInt(TIOCSWINSZ), &size) == 0 else { throw POSIXError(.ENXIO) }
  }

  deinit {
    close(screen)
    close(keyboard)
  }

  /// Takes what the program has written since.
  func look() {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(keyboard, &buffer, buffer.count)
      guard count > 0 else { return }
      text += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
  }

  func type(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    precondition(write(keyboard, bytes, bytes.count) == bytes.count, "a terminal takes a short line")
  }
}
