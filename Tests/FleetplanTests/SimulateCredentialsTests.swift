import AsyncHTTPClient
import Foundation
import JSONText
import NIOCore
import NIOHTTP1
import Testing

/// What `simulate` says of the credentials that it takes.
@Suite(.timeLimit(.minutes(1)))
struct SimulateCredentialsTests {
  /// Starts `simulate`, waits until it listens, and stops it.
  @discardableResult
  private func simulate(
    _ arguments: [String], environment: [String: String] = [:],
    _ body: (_ announcement: JSONNode, _ errors: [String]) async throws -> Void = { _, _ in }
  ) async throws -> FleetplanProcess.Result {
    let simulator = try FleetplanProcess(
      ["simulate"] + arguments, environment: environment, folder: TemporaryFolder())
    let end = ContinuousClock.now + .seconds(20)
    while try !simulator.outputText.hasSuffix("\n"), simulator.isRunning, ContinuousClock.now < end {
      // Its output has nothing that could call us.
      try await Task.sleep(for: .milliseconds(5))
    }
    do {
      try await body(
        try JSONParser.parse(try simulator.outputText), try simulator.errorText.split(separator: "\n").map(String.init))
    } catch {
      simulator.signal(SIGKILL)
      throw error
    }
    simulator.signal(SIGTERM)
    let result = try await simulator.wait(limit: .seconds(10))
    #expect(result.ending == .exit(0))
    return result
  }

  /// What a shell knows after it has read the command.
  private func variables(of command: String, names: [String]) throws -> [String] {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = [
      "-c", command + "\nfor name in \(names.joined(separator: " ")); do printenv $name || echo -; done",
    ]
    shell.environment = ["PATH": "/usr/bin:/bin"]
    let output = Pipe()
    shell.standardOutput = output
    try shell.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    return text.split(separator: "\n").map(String.init)
  }

  @Test func `a shell that pastes the line has a user who gets a token`() async throws {
    try await simulate(["--auth", "token", "--projects", "2", "--token-lifetime", "90m"]) { announcement, errors in
      #expect(announcement.names == ["endpoint", "projects", "groups"])
      let endpoint = try #require(announcement["endpoint"]?.stringValue)
      let project = try #require(announcement["projects"]?.arrayValue?.first?.stringValue)
      #expect(errors.first == "for another shell:")
      #expect(errors.count == 2)
      let names = ["OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME", "OS_PROJECT_ID"]
      let values = try variables(of: try #require(errors.last), names: names)
      #expect(
        values == [endpoint + "/v3", "ada", "sample-password", "OTC-EU-DE-00000000001000000001", project])

      let answer = try await login(values)
      #expect(answer.status == 201)
      let token = try #require(try JSONParser.parse(answer.body)["token"])
      #expect(token["project"]?["id"]?.stringValue == project)
      let (issued, expires) = (token["issued_at"]?.stringValue, token["expires_at"]?.stringValue)
      let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
      let lifetime = try style.parse(try #require(expires)).timeIntervalSince(try style.parse(try #require(issued)))
      #expect(lifetime == 5400)
      #expect(try await login([values[0], values[1], "another", values[3], values[4]]).status == 401)
    }
  }

  /// Asks for a token with what `OS_AUTH_URL`, `OS_USERNAME`, `OS_PASSWORD`, `OS_USER_DOMAIN_NAME` and `OS_PROJECT_ID` hold.
  private func login(_ values: [String]) async throws -> (status: UInt, body: String) {
    var request = HTTPClientRequest(url: values[0] + "/auth/tokens")
    request.method = .POST
    let user = #"{"name":"\#(values[1])","password":"\#(values[2])","domain":{"name":"\#(values[3])"}}"#
    request.body = .bytes(
      ByteBuffer(
        string: #"{"auth":{"identity":{"methods":["password"],"password":{"user":\#(user)}},"#
          + #""scope":{"project":{"id":"\#(values[4])"}}}}"#))
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
    return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
  }

  @Test func `with its own key it names the sample key`() async throws {
    try await simulate(["--auth", "aksk"]) { announcement, errors in
      let project = try #require(announcement["projects"]?.arrayValue?.first?.stringValue)
      let names = ["OS_ACCESS_KEY", "OS_SECRET_KEY", "OS_PROJECT_ID"]
      #expect(
        try variables(of: try #require(errors.last), names: names) == [
          "QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc", project,
        ])
    }
  }

  @Test(arguments: [
    (
      "token", ["OS_USERNAME": "Grace O'Hopper", "OS_PASSWORD": "MARKED-1", "OS_USER_DOMAIN_NAME": "ACCOUNT"],
      "OS_PASSWORD"
    ),
    (
      "aksk", ["OS_ACCESS_KEY": "MARKED-2", "OS_SECRET_KEY": "MARKED-3", "OS_SECURITY_TOKEN": "MARKED-4"],
      "OS_ACCESS_KEY, OS_SECRET_KEY, OS_SECURITY_TOKEN"
    ),
  ]) func `the secrets of its shell are taken and not shown`(
    auth: String, environment: [String: String], hidden: String
  ) async throws {
    let result = try await simulate(["--auth", auth, "--verbose"], environment: environment) { announcement, errors in
      #expect(errors.last == "not shown, as in this shell: \(hidden)")
      if auth == "token" {
        let shown = try variables(of: errors[1], names: ["OS_USERNAME", "OS_PASSWORD"])
        #expect(shown == ["Grace O'Hopper", "-"])
        let endpoint = try #require(announcement["endpoint"]?.stringValue)
        let project = try #require(announcement["projects"]?.arrayValue?.first?.stringValue)
        let answer = try await login([endpoint + "/v3", "Grace O'Hopper", "MARKED-1", "ACCOUNT", project])
        #expect(answer.status == 201)
      }
    }
    #expect(!(result.output + result.errors).contains("MARKED"))
  }

  @Test func `without credentials there is nothing to say`() async throws {
    let result = try await simulate([])
    #expect(result.errors.isEmpty)
  }
}
