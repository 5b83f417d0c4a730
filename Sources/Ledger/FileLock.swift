#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A lock on the whole of a small file of its own (`flock(2)`): the kernel releases it with the process.
///
/// Never used on the ledger itself: closing any descriptor of that file would drop SQLite's own locks.
final class FileLock: Sendable {
  enum Mode {
    case shared
    case exclusive
  }

  let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Locks the file, which is made with mode 0600 where it is missing.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - mode: whether others may have it too.
  ///   - patience: how long to try again while somebody else has it, in milliseconds; `nil` waits without end.
  /// - Returns: `nil` where somebody else has it.
  /// - Throws: `LedgerError` `.cannotCreate`.
  static func acquire(_ path: String, _ mode: Mode, patience: Int?) throws -> FileLock? {
    let interval = 5
    var waited = 0
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw LedgerError(path: path, reason: .cannotCreate(systemMessage(errno))) }
      let lock = FileLock(path: path, descriptor: descriptor)
      if try lock.take(mode, waiting: patience == nil) {
        // Whoever ends last removes the file: a lock on a file that is no longer there is none.
        if lock.isCurrent { return lock }
      } else if let patience {
        guard waited < patience else { return nil }
        usleep(UInt32(interval) * 1000)
        waited += interval
      }
    }
  }

  /// Whether another descriptor holds the exclusive lock now, with what it has written; changes nothing.
  ///
  /// The shared lock taken for that is given back at once; `acquire` tries again for longer than that.
  static func exclusiveHolderText(_ path: String) throws -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw LedgerError(path: path, reason: .cannotRead(systemMessage(errno)))
    }
    let lock = FileLock(path: path, descriptor: descriptor)
    return try lock.take(.shared, waiting: false) ? nil : lock.text
  }

  /// Replaces the file's content.
  func write(_ bytes: [UInt8]) throws {
    let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard written == bytes.count, ftruncate(descriptor, off_t(bytes.count)) == 0 else {
      throw LedgerError(path: path, reason: .cannotCreate(Self.systemMessage(errno)))
    }
  }

  /// Makes an exclusive lock a shared one. Not in one step: others may have had it exclusively in between.
  func share() throws {
    _ = try take(.shared, waiting: true)
  }

  /// Removes the file if nobody else holds the lock.
  func removeIfLast() throws {
    guard try take(.exclusive, waiting: false), isCurrent else { return }
    guard unlink(path) == 0 || errno == ENOENT else {
      throw LedgerError(path: path, reason: .cannotCreate(Self.systemMessage(errno)))
    }
  }

  /// Whether the file is still the one of that name.
  private var isCurrent: Bool {
    var mine = stat()
    var named = stat()
    return fstat(descriptor, &mine) == 0 && stat(path, &named) == 0 && mine.st_ino == named.st_ino
      && mine.st_dev == named.st_dev
  }

  private var text: [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return Array(buffer.prefix(max(count, 0)))
  }

  private func take(_ mode: Mode, waiting: Bool) throws -> Bool {
    let operation = (mode == .shared ? LOCK_SH : LOCK_EX) | (waiting ? 0 : LOCK_NB)
    while flock(descriptor, operation) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return false
      case let code: throw LedgerError(path: path, reason: .cannotCreate("flock: " + Self.systemMessage(code)))
      }
    }
    return true
  }

  private static func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
}
