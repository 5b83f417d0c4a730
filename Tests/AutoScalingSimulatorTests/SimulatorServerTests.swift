import AsyncHTTPClient
import AutoScaling
import Foundation
import JSONText
import NIOCore
import NIOHTTP1
import NIOPosix
import Signing
import Testing

@testable import AutoScalingSimulator

/// Real HTTP on loopback.
@Suite(.timeLimit(.minutes(1)))
struct SimulatorServerTests {
  /// Never shut down: it lives as long as the test process. It takes the first refusal of a connection as final.
  private static let client: HTTPClient = {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
  }()

  private func withServer(
    _ faults: String..., configure: (inout SimulatorOptions) -> Void = { _ in },
    _ body: (SimulatorServer, GroupReference) async throws -> Void
  ) async throws {
    var options = SimulatorOptions()
    options.groups = 10
    options.faults = try faults.map { try FaultSpec($0) }
    configure(&options)
    let server = try await SimulatorServer.start(options)
    do {
      try await body(server, server.cloud.references[0])
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  private func send(
    _ server: SimulatorServer, _ method: HTTPMethod, _ target: String, _ body: String? = nil,
    headers: [(name: String, value: String)] = [], closing: Bool = false
  ) async throws -> (response: HTTPClientResponse, text: String) {
    var request = HTTPClientRequest(url: server.endpoint + target)
    request.method = method
    request.headers.add(name: "Content-Type", value: "application/json;charset=utf-8")
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if closing { request.headers.add(name: "Connection", value: "close") }
    if let body { request.body = .bytes(ByteBuffer(string: body)) }
    let response = try await Self.client.execute(request, timeout: .seconds(20))
    return (response, String(buffer: try await response.body.collect(upTo: 1 << 20)))
  }

  @Test func `a group is read, modified and read again`() async throws {
    try await withServer { server, group in
      #expect(server.endpoint.hasPrefix("http://127.0.0.1:"))
      let path = TestCloud.path(group)
      let before = try await send(server, .GET, path)
      #expect(before.response.status == .ok)
      #expect(before.response.headers.first(name: "Content-Type") == "application/json;charset=utf-8")
      #expect(before.response.headers.first(name: "X-Request-Id")?.count == 32)
      let put = try await send(server, .PUT, path, "{\"cool_down_time\": 1234}\n")
      #expect(put.text == "{\"scaling_group_id\":\"\(group.groupID)\"}")
      let after = try await send(server, .GET, path)
      #expect(try JSONParser.parse(after.text)["scaling_group"]?["cool_down_time"]?.integerValue == 1234)
      let list = try await send(server, .GET, "/autoscaling-api/v1/\(group.projectID)/scaling_group?limit=100")
      #expect(try JSONParser.parse(list.text)["total_number"]?.integerValue == 10)
      let missing = try await send(server, .PUT, path + "0", "{\"cool_down_time\": 1}")
      #expect(missing.response.status == .badRequest)
      #expect(missing.text == "{\"error\":{\"code\":\"AS.2007\",\"message\":\"The AS group does not exist.\"}}")
      let action = try await send(server, .POST, path + "/action", "{\"action\":\"pause\"}")
      #expect(action.response.status == .noContent)
      #expect(action.text.isEmpty)
      #expect(server.cloud.journal.count == 6)
      #expect(server.cloud.journal.allSatisfy { $0.answeredAt != nil })
    }
  }

  @Test func `requests that are signed as Open Telekom Cloud's clients do are taken`() async throws {
    let key = AccessKey(id: "ID", secret: "secret-of-the-tests")
    func configure(_ options: inout SimulatorOptions) {
      options.authentication = .aksk
      options.accessKey = key
      options.projects = 2
    }
    try await withServer(configure: configure) { server, group in
      func signed(
        _ method: HTTPMethod, _ path: String, _ body: String? = nil, age: Double = 0
      ) async throws -> (response: HTTPClientResponse, text: String) {
        let headers = RequestSigner(key: key, form: .openTelekomCloud).headers(
          method: method.rawValue, host: String(server.endpoint.dropFirst("http://".count)), path: path, query: [],
          contentType: "application/json;charset=utf-8", body: Array((body ?? "").utf8), projectID: group.projectID,
          secondsSince1970: Date().timeIntervalSince1970 - age)
        // The project is sent, and not covered by the signature.
        #expect(headers.contains { $0.name == "X-Project-Id" })
        #expect(headers.contains { $0.name == "Authorization" && !$0.value.contains("x-project-id") })
        return try await send(server, method, path, body, headers: headers)
      }
      let path = TestCloud.path(group)
      #expect(try await signed(.PUT, path, "{\"cool_down_time\": 1234}\n").response.status == .ok)
      let shown = try await signed(.GET, path)
      #expect(try JSONParser.parse(shown.text)["scaling_group"]?["cool_down_time"]?.integerValue == 1234)
      let catalog = try await signed(.GET, "/v3/auth/catalog")
      #expect(catalog.response.status == .ok)
      #expect(catalog.text.contains("\(server.endpoint)/autoscaling-api/v1/\(group.projectID)\""))

      let old = try await signed(.GET, path, age: 16 * 60)
      #expect(old.response.status == .unauthorized)
      #expect(old.response.headers.first(name: "Date") != nil)
      let refusal = try JSONParser.parse(old.text)
      #expect(refusal["error_code"]?.stringValue == "APIGW.0301")
      #expect(
        refusal["error_msg"]?.stringValue?.starts(
          with: "Incorrect IAM authentication information: signature expired, signature time:") == true)
    }
  }

  @Test func `bodies have a limit of one mebibyte`() async throws {
    try await withServer { server, group in
      let filling = String(repeating: " ", count: (1 << 20) - 24)
      let path = TestCloud.path(group)
      let largest = try await send(server, .PUT, path, "{\"cool_down_time\": 1234}" + filling)
      #expect(largest.response.status == .ok)
      let larger = try await send(server, .PUT, path, "{\"cool_down_time\": 12345}" + filling + filling)
      #expect(larger.response.status == .payloadTooLarge)
      #expect(try JSONParser.parse(larger.text)["error_code"]?.stringValue == "APIG.0201")
    }
  }

  @Test func `a reset is a reset and a lost answer an end of stream`() async throws {
    try await withServer("reset=100%:nth=1", "lost-answer=100%:nth=2") { server, group in
      let path = TestCloud.path(group)
      let reset = await #expect(throws: (any Error).self) {
        try await send(server, .PUT, path, "{\"cool_down_time\": 1}")
      }
      #expect((reset as? IOError)?.errnoCode == ECONNRESET, "\(String(describing: reset))")
      #expect(server.cloud.journal.effectivePUTs().isEmpty)
      let lost = await #expect(throws: (any Error).self) {
        try await send(server, .PUT, path, "{\"cool_down_time\": 2}")
      }
      #expect(lost as? HTTPClientError == .remoteConnectionClosed, "\(String(describing: lost))")
      let group = try #require(server.cloud.group(group, now: server.now))
      #expect(group.values[.coolDownTime] == .integer(2))
      #expect(server.cloud.journal.map(\.status) == [nil, nil])
      #expect(server.cloud.journal.allSatisfy { $0.answeredAt != nil })
    }
  }

  @Test func `a truncated answer breaks off in its body`() async throws {
    try await withServer("truncated=100%:nth=1") { server, group in
      let error = await #expect(throws: (any Error).self) { try await send(server, .GET, TestCloud.path(group)) }
      // The parser ends a body that is shorter than promised.
      #expect(
        error as? HTTPClientError == .remoteConnectionClosed || error as? HTTPParserError == .invalidEOFState,
        "\(String(describing: error))")
      let whole = try await send(server, .GET, TestCloud.path(group))
      #expect(whole.response.status == .ok)
    }
  }

  @Test func `answers take the latency, side by side`() async throws {
    try await withServer(configure: { $0.latency = .seconds(1) ... .seconds(1) }) { server, _ in
      let begun = ContinuousClock.now
      try await withThrowingTaskGroup { tasks in
        for reference in server.cloud.references {
          tasks.addTask { try await send(server, .GET, TestCloud.path(reference)).response.status }
        }
        for try await status in tasks { #expect(status == .ok) }
      }
      // Ten in turn would take ten seconds; a busy machine has seven to spare.
      #expect((.seconds(1) ... .seconds(8)).contains(ContinuousClock.now - begun))
      #expect(server.cloud.journal.allSatisfy { ($0.answeredAt ?? .zero) - $0.receivedAt >= .seconds(1) })
    }
  }

  @Test func `an outage refuses connections and ends on the same port`() async throws {
    try await withServer { server, group in
      // No connection is kept, so the next request needs a new one.
      let before = try await send(server, .GET, TestCloud.path(group), closing: true)
      #expect(before.response.status == .ok)
      await server.suspend()
      let refusal = await #expect(throws: (any Error).self) { try await send(server, .GET, TestCloud.path(group)) }
      let cause = (refusal as? NIOConnectionError)?.connectionErrors.first?.error ?? refusal
      #expect((cause as? IOError)?.errnoCode == ECONNREFUSED, "\(String(describing: refusal))")
      #expect(server.cloud.journal.count == 1)
      try await server.resume()
      let after = try await send(server, .GET, TestCloud.path(group))
      #expect(after.response.status == .ok)
    }
  }

  @Test func `an outage comes and goes at its times`() async throws {
    // Long enough that it has begun before it is to end, also on a busy machine.
    try await withServer("outage=0s..3s") { server, group in
      while server.now < .seconds(3) {
        // Until it begins, or while it lasts.
        _ = try? await send(server, .GET, TestCloud.path(group))
      }
      let refused = server.cloud.journal.count
      var isBack = false
      var tries = 0
      // A busy machine may let minutes go by between two tries.
      while !isBack, tries < 100 || server.now < .seconds(20) {
        tries += 1
        // Refused until the socket listens again.
        isBack = (try? await send(server, .GET, TestCloud.path(group)).response.status) == .ok
      }
      #expect(isBack)
      // One that got through may have been given up before its answer came, on a busy machine.
      #expect(server.cloud.journal.count > refused)
    }
  }

  @Test func `outages in a storm of connections leave the process alive`() async throws {
    try await withServer { server, group in
      let path = TestCloud.path(group)
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for _ in 0..<8 {
          tasks.addTask {
            // Refused, cut or answered: all of it is right here. What is wrong ends the process.
            while !Task.isCancelled { _ = try? await send(server, .GET, path, closing: true) }
          }
        }
        for _ in 0..<10 {
          let count = server.cloud.journal.count
          while server.cloud.journal.count < count + 8 { await Task.yield() }
          await server.suspend()
          try await server.resume()
        }
        tasks.cancelAll()
      }
      var isBack = false
      // The client hands an error of the last outage to the first request after it.
      for _ in 0..<10 where !isBack { isBack = (try? await send(server, .GET, path).response.status) == .ok }
      #expect(isBack)
    }
  }

  @Test func `stopping ends the wait and frees the port`() async throws {
    var options = SimulatorOptions()
    let first = try await SimulatorServer.start(options)
    options.port = try #require(Int(first.endpoint.split(separator: ":").last ?? ""))
    await #expect(throws: (any Error).self) { try await SimulatorServer.start(options) }
    async let end: Void = first.waitUntilStopped()
    await first.stop()
    try await end
    let second = try await SimulatorServer.start(options)
    #expect(second.endpoint == first.endpoint)
    await second.stop()
    await second.stop()
  }

  @Test func `many requests on few connections keep state and journal true`() async throws {
    try await withServer("503=5%", "lost-answer=2%", configure: { $0.groups = 25 }) { server, _ in
      let references = server.cloud.references
      try await withThrowingTaskGroup { tasks in
        for (index, reference) in references.enumerated() {
          tasks.addTask {
            for value in 1...20 {
              // A cut connection is one of the faults.
              _ = try? await send(
                server, .PUT, TestCloud.path(reference), "{\"cool_down_time\":\(index * 100 + value)}")
            }
          }
        }
        try await tasks.waitForAll()
      }
      let journal = server.cloud.journal
      #expect(journal.count == 500)
      #expect(journal.maximumInFlightPerGroup() == 1)
      let effects = journal.effectivePUTs()
      for (reference, group) in server.cloud.snapshotAll(now: server.now) {
        let last = try #require(effects[reference]?.last)
        #expect(group.values[.coolDownTime] == last.modification[.coolDownTime])
      }
    }
  }
}
