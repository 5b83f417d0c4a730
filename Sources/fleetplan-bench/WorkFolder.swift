import Foundation

/// A temporary folder that is taken away at the end, unless something in it is to be looked at.
struct WorkFolder {
  let url: URL

  /// - Throws: `BenchError` where it cannot be made.
  init(_ purpose: String) throws {
    var template = Array("\(FileManager.default.temporaryDirectory.path)/fleetplan-bench-\(purpose)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw BenchError(
        status: 73, message: "no temporary folder can be made: \(String(cString: strerror(errno)))")
    }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
  }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }

  func remove() throws { try FileManager.default.removeItem(at: url) }
}
