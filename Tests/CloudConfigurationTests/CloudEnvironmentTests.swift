import CloudConfiguration
import Foundation
import Testing

@Suite("Files of this machine")
struct CloudEnvironmentTests {
  private func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "cloud-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer {
      do { try FileManager.default.removeItem(atPath: directory) } catch { Issue.record(error) }
    }
    try body(directory)
  }

  @Test func `files are read, absent ones are none`() throws {
    try withDirectory { directory in
      let path = "\(directory)/clouds.yaml"
      let text = String(repeating: "# größer als ein Stück\n", count: 2_000)
      try Data(text.utf8).write(to: URL(filePath: path))
      #expect(try CloudEnvironment.contents(of: path) == text)
      try Data().write(to: URL(filePath: path))
      #expect(try CloudEnvironment.contents(of: path) == "")
      #expect(try CloudEnvironment.contents(of: "\(directory)/none") == nil)
      #expect(try CloudEnvironment.contents(of: "\(path)/clouds.yaml") == nil, "below a file")
    }
  }

  private func reason(_ path: String) -> String? {
    do throws(CloudEnvironment.FileFailure) {
      _ = try CloudEnvironment.contents(of: path)
      return nil
    } catch { return error.description }
  }

  @Test func `what cannot be read says why`() throws {
    try withDirectory { directory in
      let path = "\(directory)/clouds.yaml"
      try Data([0x61, 0xFF]).write(to: URL(filePath: path))
      #expect(reason(path) == "it is not UTF-8")
      #expect(reason(directory) == "Is a directory")
    }
  }

  @Test func `the home of the variables is searched`() throws {
    try withDirectory { directory in
      let openStack = "\(directory)/.config/openstack"
      try FileManager.default.createDirectory(atPath: openStack, withIntermediateDirectories: true)
      try Data("clouds: {mine: {region_name: eu-nl}}".utf8).write(to: URL(filePath: "\(openStack)/clouds.yml"))
      let settings = try CloudSettings.resolve(cloud: "mine", in: .current(variables: ["HOME": directory]))
      #expect(settings.regionName == Setting("eu-nl", from: "\(openStack)/clouds.yml: clouds.mine.region_name"))
    }
  }
}
