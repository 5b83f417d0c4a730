import AutoScaling
import AutoScalingClient
import Testing

/// What goes out, and what a documented answer becomes.
@Suite(.timeLimit(.minutes(1))) struct ServiceClientTests {
  @Test func `a group is read with one GET`() async throws {
    try await withServer({ _, _ in .answer(200, headers: [("X-Request-Id", "r-1")], body: groupBody) }) { server in
      let steps = Steps()
      let success = try await withClient(server.endpoint) { client in try await client.read(steps: steps).get() }
      #expect(success.value.id == groupID)
      #expect(success.value.name == "group_1")
      #expect(success.value.values[.desireInstanceNumber] == .integer(3))
      #expect(success.value.values[.deleteVolume] == nil)
      #expect(success.requestID == "r-1")
      #expect(steps.all == ["head", "completion"])
      let request = try #require(server.requests.first)
      #expect(server.requests.count == 1)
      #expect(request.method == "GET")
      #expect(request.target == "/autoscaling-api/v1/\(projectID)/scaling_group/\(groupID)")
      #expect(request.header("Host") == "127.0.0.1:\(server.port)")
      #expect(request.header("Accept") == "application/json")
      #expect(request.header("User-Agent") == "fleetplan")
      #expect(request.header("X-Auth-Token") == nil)
      #expect(request.header("Accept-Encoding") == nil)
      #expect(request.body.isEmpty)
    }
  }

  @Test func `a modification is one PUT with exactly the given body`() async throws {
    let body = #"{"scaling_group_name":"grün","notifications":[],"desire_instance_number":0}"#
    try await withServer({ _, _ in .answer(200, headers: [("x-openstack-request-id", "r-2")], body: modifiedBody) }) {
      server in
      let steps = Steps()
      let success = try await withClient(server.endpoint, authorizer: TokenAuthorizer(token: "t0ken")) { client in
        try await client.modify(body: body, steps: steps).get()
      }
      #expect(success.requestID == "r-2")
      #expect(steps.all == ["head", "completion"])
      let request = try #require(server.requests.first)
      #expect(request.method == "PUT")
      #expect(request.body == body)
      #expect(request.header("Content-Type") == "application/json")
      #expect(request.header("Content-Length") == String(body.utf8.count))
      #expect(request.header("Transfer-Encoding") == nil)
      #expect(request.header("X-Auth-Token") == "t0ken")
    }
  }

  @Test func `groups are listed page by page`() async throws {
    let page = #"""
      {"total_number": 2, "start_number": 1, "limit": 1, "scaling_groups": [{"scaling_group_id": "g2",
      "scaling_group_name": "web"}]}
      """#
    try await withServer({ _, _ in .answer(200, body: page) }) { server in
      let success = try await withClient(server.endpoint) { client in
        try await client.list(
          GroupListQuery(name: "web tier/blue~1&x=ä", status: "INSERVICE", startNumber: 1, limit: 1)
        ).get()
      }
      #expect(success.value.groups.map(\.id) == ["g2"])
      #expect(success.value.totalNumber == 2)
      #expect(success.value.startNumber == 1)
      #expect(
        server.requests.map(\.target) == [
          "/autoscaling-api/v1/\(projectID)/scaling_group?start_number=1&limit=1"
            + "&scaling_group_name=web%20tier%2Fblue~1%26x%3D%C3%A4&scaling_group_status=INSERVICE"
        ])
    }
  }

  @Test func `an answer that comes byte by byte is read`() async throws {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(groupBody.utf8.count)\r\n\r\n\(groupBody)"
    try await withServer({ _, _ in .raw(answer.map { String($0) }, closes: false) }) { server in
      let success = try await withClient(server.endpoint) { client in try await client.read().get() }
      #expect(success.value.id == groupID)
    }
  }

  @Test func `chunked answers and interim answers are read`() async throws {
    let answer =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "\(String(modifiedBody.utf8.count, radix: 16))\r\n\(modifiedBody)\r\n0\r\n\r\n"
    try await withServer({ _, _ in .raw([answer], closes: false) }) { server in
      _ = try await withClient(server.endpoint) { client in try await client.modify().get() }
    }
  }

  @Test func `each project has its own endpoint, and a base path is kept`() async throws {
    try await withServer({ _, _ in .answer(200, body: groupBody) }) { one in
      try await withServer({ _, _ in .answer(200, body: groupBody) }) { other in
        try await withClient(one.endpoint, { $0.endpoints = ["p2": other.endpoint + "/proxy/as/"] }) { client in
          _ = try await client.read().get()
          _ = try await client.read(GroupReference(projectID: "p2", groupID: groupID)).get()
        }
        #expect(one.requests.map(\.target) == ["/autoscaling-api/v1/\(projectID)/scaling_group/\(groupID)"])
        #expect(other.requests.map(\.target) == ["/proxy/as/autoscaling-api/v1/p2/scaling_group/\(groupID)"])
      }
    }
  }

  @Test func `there are never more connections than the limit, and they are kept`() async throws {
    try await withServer({ _, _ in .answer(200, body: groupBody) }) { server in
      try await withClient(server.endpoint, { $0.maximumConnections = 3 }) { client in
        let succeeded = await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<60 {
            group.addTask {
              if case .success = await client.read() { true } else { false }
            }
          }
          return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(succeeded == 60)
      }
      #expect(server.requests.count == 60)
      #expect((1...3).contains(server.mostConnections))
    }
  }

  @Test(arguments: ["..", "a/b", "a?b", "", "a%2fb"]) func `an id that would change the path is not sent`(
    _ id: String
  ) async throws {
    try await withServer({ _, _ in .answer(200, body: modifiedBody) }) { server in
      try await withClient(server.endpoint) { client in
        for group in [
          GroupReference(projectID: projectID, groupID: id), GroupReference(projectID: id, groupID: groupID),
        ] {
          let steps = Steps()
          let failure = try await client.modify(group, steps: steps).expectedFailure()
          #expect(failure.certainty == .notSent)
          #expect(failure.disposition == .permanent)
          #expect(failure.code == FleetplanCode.invalidRequest)
          #expect(steps.all == ["head", "completion"])
        }
      }
      #expect(server.requests.isEmpty)
    }
  }

  @Test func `a client that only looks has no way to modify`() throws {
    let client = try ReadOnlyServiceClient(
      options: ServiceClientOptions(endpoint: "http://127.0.0.1:1", wallClock: { fixedNow }), authorizer: NoAuthorizer()
    )
    #expect(!((client as Any) is any GroupModifier))
    try client.shutdown()
  }

  @Test func `a client that only looks reads and lists`() async throws {
    let page = #"{"total_number": 0, "start_number": 0, "limit": 100, "scaling_groups": []}"#
    try await withServer({ request, _ in .answer(200, body: request.target.contains("?") ? page : groupBody) }) {
      server in
      let client = try ReadOnlyServiceClient(
        options: ServiceClientOptions(endpoint: server.endpoint, wallClock: { fixedNow }), authorizer: NoAuthorizer())
      let group = await client.read()
      let groups = await client.list(GroupListQuery())
      try client.shutdown()
      #expect(try group.get().value.id == groupID)
      #expect(try groups.get().value.groups.isEmpty)
      #expect(Set(server.requests.map(\.method)) == ["GET"])
    }
  }

  // MARK: Shutdown

  @Test func `a shutdown fails what is in flight and all that comes after it`() async throws {
    try await withServer({ _, _ in .stall }) { server in
      let client = try ServiceClient(
        options: ServiceClientOptions(endpoint: server.endpoint, wallClock: { fixedNow }), authorizer: NoAuthorizer())
      let (sent, continuation) = AsyncStream.makeStream(of: Void.self)
      async let pending = withCheckedContinuation { resume in
        client.modifyGroup(reference, body: [0x7B, 0x7D], headWritten: { continuation.finish() }) {
          resume.resume(returning: $0)
        }
      }
      for await _ in sent {}
      try client.shutdown()
      let inFlight = try await pending.expectedFailure()
      #expect(inFlight.certainty == .lost)
      #expect(inFlight.code == FleetplanCode.cancelled)
      let later = try await client.modify().expectedFailure()
      #expect(later.certainty == .notSent)
      #expect(later.code == FleetplanCode.cancelled)
    }
  }
}
