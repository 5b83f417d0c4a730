#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where a report goes: standard output, or a file that is whole or not there.
///
/// A file is written beside its name and renamed at the end. Text is gathered, so that a million short lines are
/// not a million system calls.
final class ReportSink {
  private static let bufferSize = 65_536

  private let path: String?
  private let temporaryPath: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isClosed = false

  /// - Throws: `CommandError` 73 where the file cannot be made.
  init(path: String?, standardOutput: CommandOutput) throws {
    self.path = path
    guard let path else {
      descriptor = standardOutput.descriptor
      temporaryPath = nil
      return
    }
    let temporaryPath = "\(path).\(getpid()).tmp"
    self.temporaryPath = temporaryPath
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be created") }
  }

  /// For plans that people edit: written over one of them it would be a loss.
  ///
  /// - Throws: `CommandError` 73 where there is something of this name.
  static func refuseExisting(_ path: String) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    throw CommandError(.cannotCreate, "\(path) exists: give another name, or remove it first")
  }

  /// What was not closed is not complete, and goes.
  deinit {
    guard let temporaryPath, !isClosed else { return }
    #if canImport(Glibc)
      Glibc.close(descriptor)
    #else
      Darwin.close(descriptor)
    #endif
    unlink(temporaryPath)
  }

  func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Writes what is left and gives the file its name.
  func close() throws {
    try flush()
    guard let path, let temporaryPath else { return }
    isClosed = true
    #if canImport(Glibc)
      let closed = Glibc.close(descriptor)
    #else
      let closed = Darwin.close(descriptor)
    #endif
    guard closed == 0, rename(temporaryPath, path) == 0 else {
      let failure = Self.failure(path, "cannot be written")
      unlink(temporaryPath)
      throw failure
    }
  }

  private func flush() throws {
    var start = 0
    while start < buffer.count {
      let written = buffer.withUnsafeBytes { bytes in
        #if canImport(Glibc)
          Glibc.write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
        #else
          Darwin.write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
        #endif
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw Self.failure(path ?? "standard output", "cannot be written") }
      start += written
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func failure(_ path: String, _ what: String) -> CommandError {
    CommandError(.cannotCreate, "\(path): \(what): \(String(cString: strerror(errno)))")
  }
}
