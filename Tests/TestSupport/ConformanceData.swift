package import Foundation

/// Conformance suites that nobody here wrote, in `../shared/data` beside the project's folder.
package enum ConformanceData {
  package static let notice: String =
    "the conformance suites are not here: expected at ../shared/data from the project's root"

  /// `FLEETPLAN_ROOT`, or the folder above this file that has the sources.
  package static let folder: URL? = {
    var candidates: [URL] = []
    if let root = ProcessInfo.processInfo.environment["FLEETPLAN_ROOT"] { candidates.append(URL(filePath: root)) }
    var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      candidates.append(folder)
    }
    return candidates.map { $0.appending(path: "../shared/data").standardized }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  /// The files of a suite in the order of their names; none where the suites are not here.
  package static func files(in suite: String) -> [URL] {
    guard let folder else { return [] }
    let suiteFolder = folder.appending(path: suite)
    // A folder that cannot be listed gives no files, and the suite's own count fails then.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: suiteFolder.path)) ?? []
    return names.sorted().map { suiteFolder.appending(path: $0) }
  }
}
