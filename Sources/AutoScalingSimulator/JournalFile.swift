import Foundation

/// An append-only file of lines; each is handed to the kernel before `append` returns.
final class JournalFile: Sendable {
  private let path: String
  private let handle: FileHandle

  /// Makes an empty file, readable by its owner alone.
  ///
  /// - Throws: `JournalError` where that is not possible.
  init(path: String) throws(JournalError) {
    self.path = path
    guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
      let handle = FileHandle(forWritingAtPath: path)
    else {
      throw JournalError(path: path, reason: "cannot be created")
    }
    self.handle = handle
  }

  /// - Throws: `JournalError` where the line could not be written whole.
  func append(_ line: [UInt8]) throws(JournalError) {
    do {
      try handle.write(contentsOf: line)
    } catch {
      throw JournalError(path: path, reason: "\(error)")
    }
  }
}
