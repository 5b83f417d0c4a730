import AutoScaling
import AutoScalingClient
import Synchronization
import Testing

let projectID = "0215ef11e49d4743be23dd97a1561e91"
let groupID = "a8327883-6b07-4497-9c61-68d03ee193a1"
let reference = GroupReference(projectID: projectID, groupID: groupID)
let groupBody = """
  {"scaling_group": {"scaling_group_id": "\(groupID)", "scaling_group_name": "group_1", "scaling_group_status": "INSERVICE",
  "desire_instance_number": 3, "is_scaling": false, "unknown": [1, {"x": null}]}}
  """
let modifiedBody = #"{"scaling_group_id": "\#(groupID)"}"#

/// 2026-11-24T00:00:00Z
let fixedNow = 1_795_478_400.0

/// The steps of an exchange in the order in which they were told.
final class Steps: Sendable {
  private let log = Mutex<[String]>([])

  func append(_ step: String) { log.withLock { $0.append(step) } }
  var all: [String] { log.withLock { $0 } }
}

/// Runs a body with a client for an endpoint, and ends the client whatever happens.
func withClient<Result>(
  _ endpoint: String?, authorizer: any RequestAuthorizer = NoAuthorizer(),
  _ change: (inout ServiceClientOptions) -> Void = { _ in }, _ body: (ServiceClient) async throws -> Result
) async throws -> Result {
  // Long enough for a machine that is busy: tests of the limit set it themselves.
  var options = ServiceClientOptions(endpoint: endpoint, requestTimeout: .seconds(20), wallClock: { fixedNow })
  change(&options)
  let client = try ServiceClient(options: options, authorizer: authorizer)
  do {
    let result = try await body(client)
    try client.shutdown()
    return result
  } catch {
    try client.shutdown()
    throw error
  }
}

/// Runs a body with a server, and stops the server whatever happens.
func withServer<Result>(
  _ reply: @escaping @Sendable (ReceivedRequest, Int) -> Reply, _ body: (LoopbackServer) async throws -> Result
) async throws -> Result {
  let server = try await LoopbackServer(reply: reply)
  do {
    let result = try await body(server)
    try await server.stop()
    return result
  } catch {
    try await server.stop()
    throw error
  }
}

extension GroupReader {
  func read(_ group: GroupReference = reference, steps: Steps = Steps()) async -> ServiceResult<ScalingGroup> {
    await withCheckedContinuation { continuation in
      readGroup(group, headWritten: { steps.append("head") }) {
        steps.append("completion")
        continuation.resume(returning: $0)
      }
    }
  }

  func list(_ query: GroupListQuery) async -> ServiceResult<GroupPage> {
    await withCheckedContinuation { continuation in
      listGroups(projectID: projectID, query: query, headWritten: {}) { continuation.resume(returning: $0) }
    }
  }
}

extension GroupModifier {
  func modify(
    _ group: GroupReference = reference, body: String = #"{"cool_down_time":200}"#, steps: Steps = Steps()
  ) async -> ServiceResult<Void> {
    await withCheckedContinuation { continuation in
      modifyGroup(group, body: Array(body.utf8), headWritten: { steps.append("head") }) {
        steps.append("completion")
        continuation.resume(returning: $0)
      }
    }
  }
}

extension Result where Failure == ServiceFailure {
  /// The failure; a success is recorded as an issue.
  func expectedFailure(_ location: SourceLocation = #_sourceLocation) throws -> ServiceFailure {
    switch self {
    case .success(let value):
      Issue.record("succeeded with \(value)", sourceLocation: location)
      throw UnexpectedSuccess()
    case .failure(let failure): return failure
    }
  }
}

struct UnexpectedSuccess: Error {}
