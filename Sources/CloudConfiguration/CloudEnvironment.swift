import Foundation

/// The outside world as settings are read from it.
package struct CloudEnvironment: Sendable {
  /// Reads a file: its text, or `nil` where there is none at this absolute path.
  package typealias FileReader = @Sendable (_ path: String) throws -> String?

  private let variables: [String: String]
  private let currentDirectory: String
  private let homeDirectory: String?
  private let reader: FileReader

  /// - Parameters:
  ///   - variables: environment variables; empty ones count as not set.
  ///   - currentDirectory: an absolute path.
  ///   - homeDirectory: an absolute path; `nil` where there is none, as for some services.
  ///   - reader: reads files; by default those of this machine.
  package init(
    variables: [String: String], currentDirectory: String, homeDirectory: String?,
    reader: @escaping FileReader = { path in try CloudEnvironment.contents(of: path) }
  ) {
    self.variables = variables
    self.currentDirectory = currentDirectory
    self.homeDirectory = homeDirectory
    self.reader = reader
  }

  /// This process's directories and this machine's files.
  ///
  /// - Parameter variables: environment variables; `HOME` among them names the home directory.
  /// - Returns: an environment that really reads.
  package static func current(variables: [String: String]) -> CloudEnvironment {
    let home = variables["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    return CloudEnvironment(
      variables: variables, currentDirectory: FileManager.default.currentDirectoryPath,
      homeDirectory: home ?? NSHomeDirectory())
  }

  /// The first of the variables that is set and not empty.
  func first(of names: [String]) throws(CloudConfigurationError) -> Setting<Secret>? {
    for name in names {
      if let value = variables[name], !value.isEmpty { return try Setting(checking: value, from: name) }
    }
    return nil
  }

  /// The variables that begin so, by the rest of their names.
  func variables(prefix: String) -> [(rest: String, name: String, value: String)] {
    variables.filter { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
      .map { (String($0.key.dropFirst(prefix.count)), $0.key, $0.value) }
      .sorted { $0.name < $1.name }
  }

  /// Where OpenStack's clients look for their files, in order.
  var configurationDirectories: [String] {
    [currentDirectory] + (homeDirectory.map { ["\($0)/.config/openstack"] } ?? []) + ["/etc/openstack"]
  }

  /// A path as a variable or a file names it, from the home or the current directory where it is not absolute.
  func absolute(_ path: String) -> String {
    if let homeDirectory, path.hasPrefix("~/") { return homeDirectory + path.dropFirst() }
    return path.hasPrefix("/") ? path : "\(currentDirectory)/\(path)"
  }

  /// - Throws: `unreadableFile`.
  func read(_ path: String) throws(CloudConfigurationError) -> String? {
    do { return try reader(path) } catch { throw .unreadableFile(path: path, reason: "\(error)") }
  }

  /// Reads a file of this machine.
  ///
  /// - Parameter path: an absolute path.
  /// - Returns: its text; `nil` where there is no such file.
  /// - Throws: `FileFailure` where it cannot be read, or is no UTF-8.
  package static func contents(of path: String) throws(FileFailure) -> String? {
    guard let file = fopen(path, "rb") else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { return nil }
      throw FileFailure(code: code)
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      bytes.append(contentsOf: chunk[..<count])
      if count == chunk.count { continue }
      if ferror(file) != 0 { throw FileFailure(code: errno) }
      break
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw FileFailure(reason: "it is not UTF-8") }
    return text
  }

  /// Why a file cannot be read.
  package struct FileFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(reason: String) { description = reason }
    init(code: Int32) { description = String(cString: strerror(code)) }
  }
}

extension CloudEnvironment: CustomStringConvertible, CustomReflectable {
  /// Variables hold secrets, so that none of them is shown.
  package var description: String { "CloudEnvironment(\(variables.count) variables, in \(currentDirectory))" }
  package var customMirror: Mirror {
    Mirror(self, children: ["currentDirectory": currentDirectory, "homeDirectory": homeDirectory as Any])
  }
}
