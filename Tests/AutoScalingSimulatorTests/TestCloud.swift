import AutoScaling
import JSONText
import Testing

@testable import AutoScalingSimulator

/// A simulated cloud with a clock that only the test moves.
struct TestCloud {
  let cloud: SimulatedCloud
  var now: Duration = .zero

  /// What came back for a request.
  struct Reply {
    var answer: SimulatedAnswer
    var status: Int { answer.response.status }
    var text: String { String(decoding: answer.response.body, as: UTF8.self) }

    /// The body, which must be JSON.
    func json() throws -> JSONNode { try JSONParser.parse(answer.response.body) }

    /// `error.code` of a refusal of the service.
    func code() throws -> String? { try json()["error"]?["code"]?.stringValue }
  }

  static let project = "0215ef11e49d4743be23dd97a1561e91"
  static let group = GroupReference(projectID: project, groupID: "a8327883-6b07-4497-9c61-68d03ee193a1")
  static let pool = "11111111-1111-4111-8111-111111111111"
  static let network = "22222222-2222-4222-8222-222222222222"

  /// 2026-01-15T09:30:00Z.
  init(_ faults: String..., configure: (inout SimulatorOptions) -> Void = { _ in }) throws {
    var options = SimulatorOptions()
    options.groups = 0
    options.scalingTime = .seconds(10) ... .seconds(10)
    options.faults = try faults.map { try FaultSpec($0) }
    configure(&options)
    cloud = try SimulatedCloud(options: options, startedAt: 1_768_469_400)
    addGroup()
  }

  /// Adds `TestCloud.group`: 1 ≤ 3 ≤ 5, one zone, one network, one security group, no listener.
  func addGroup(
    _ reference: GroupReference = group, _ values: KeyValuePairs<GroupField, FieldValue> = [:],
    status: String = "INSERVICE", current: Int? = nil
  ) {
    let base = GroupModification([
      .scalingGroupName: .string("web-prod-1"), .minInstanceNumber: .integer(1), .desireInstanceNumber: .integer(3),
      .maxInstanceNumber: .integer(5), .coolDownTime: .integer(300), .availableZones: .strings(["eu-de-01"]),
      .networks: .networks([Network(id: Self.network)]), .securityGroups: .securityGroups(["sg-1"]),
      .lbListenerID: .null, .lbaasListeners: .null, .healthPeriodicAuditMethod: .string("NOVA_AUDIT"),
      .multiAZPriorityPolicy: .string("EQUILIBRIUM_DISTRIBUTE"), .deletePublicIP: .boolean(false),
      .notifications: .null, .description: .null, .enterpriseProjectID: .null,
    ])
    cloud.addGroup(
      reference, values: GroupModification(values).merging(defaults: base), status: status,
      currentInstanceNumber: current)
  }

  func send(
    _ method: String, _ target: String, _ body: String = "", token: String? = nil,
    headers: [(name: String, value: String)] = []
  ) -> Reply {
    let request = SimulatedRequest(
      method: method, target: target, host: "127.0.0.1:8080", token: token, headers: headers, body: Array(body.utf8))
    return Reply(answer: cloud.handle(request, now: now))
  }

  static func path(_ reference: GroupReference = group) -> String {
    "/autoscaling-api/v1/\(reference.projectID)/scaling_group/\(reference.groupID)"
  }

  func put(_ body: String, _ reference: GroupReference = group) -> Reply { send("PUT", Self.path(reference), body) }

  func get(_ reference: GroupReference = group) -> Reply { send("GET", Self.path(reference)) }

  func act(_ action: String) -> Reply { send("POST", Self.path() + "/action", "{\"action\": \"\(action)\"}") }

  func list(_ query: String) -> Reply {
    send("GET", "/autoscaling-api/v1/\(Self.project)/scaling_group?\(query)")
  }

  /// The group's member as a GET shows it.
  func shown(_ name: String, _ reference: GroupReference = group) throws -> JSONNode {
    let group = try #require(try get(reference).json()["scaling_group"])
    return try #require(group[name], "no member \(name)")
  }
}
