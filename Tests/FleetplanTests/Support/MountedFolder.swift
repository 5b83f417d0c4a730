import Foundation

/// A small file system in memory, mounted for one test.
final class MountedFolder: Sendable {
  let path: String

  /// Whether this process may mount; says so once where it may not, as the tests are skipped then.
  static let isPermitted: Bool = {
    do {
      let folder = try TemporaryFolder()
      try MountedFolder(folder.path, size: "64k").unmount()
      return true
    } catch {
      print("notice: tests with a file system of their own are skipped: \(error)")
      return false
    }
  }()

  struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  /// - Parameters:
  ///   - path: an existing folder.
  ///   - size: as mount(8) takes it for tmpfs.
  /// - Throws: `Failed` where it is not permitted.
  init(_ path: String, size: String) throws {
    self.path = path
    try Self.run("mount", ["-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path])
  }

  func makeReadOnly() throws { try Self.run("mount", ["-o", "remount,ro", path]) }

  func unmount() throws { try Self.run("umount", [path]) }

  private static func run(_ command: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(description: "\(command) ended with \(process.terminationStatus)")
    }
  }
}
