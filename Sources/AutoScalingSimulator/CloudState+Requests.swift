import AutoScaling
import JSONText

/// What the AS API answers, without faults.
extension CloudState {
  /// An answer of the service and whether a group was changed.
  struct Outcome {
    var response: SimulatedResponse
    var hasEffect = false
    /// The code, where it is a refusal.
    var code: String?

    init(_ response: SimulatedResponse, hasEffect: Bool = false) {
      self.response = response
      self.hasEffect = hasEffect
    }

    init(_ error: ServiceError) {
      response = SimulatedResponse(error)
      code = error.code
    }
  }

  /// Carries out a request whose project exists; `group` is the index of the group that the route names, where
  /// there is one.
  mutating func perform(
    _ route: Route, _ request: SimulatedRequest, query: Query, group: Int?, at now: Duration
  ) -> Outcome {
    do throws(ServiceError) {
      switch route {
      case .group(.put, _, let groupID):
        return try put(request.body, groupID: groupID, group: group, at: now)
      case .group(_, _, let groupID):
        return Outcome(show(groups[try existing(group, groupID)]))
      case .groupList(let projectID):
        return Outcome(try list(projectID: projectID, query: query, at: now))
      case .action(_, let groupID):
        return try act(request.body, on: try existing(group, groupID), at: now)
      case .activityLog(_, let groupID):
        return Outcome(try activityLog(of: try existing(group, groupID), query: query))
      case .quotas(let projectID, let groupID):
        if let groupID { return Outcome(quotas(projectID: projectID, group: try existing(group, groupID))) }
        return Outcome(quotas(projectID: projectID, group: nil))
      default:
        throw ServiceError(.resourceNotFound, request.target)
      }
    } catch {
      return Outcome(error)
    }
  }

  private func existing(_ group: Int?, _ groupID: String) throws(ServiceError) -> Int {
    if groupID.isEmpty { throw ServiceError(.groupIDNull) }
    guard let group else { throw ServiceError(.groupMissing) }
    return group
  }

  func show(_ group: SimulatedGroup) -> SimulatedResponse {
    SimulatedResponse { writer in
      writer.beginObject()
      writer.key("scaling_group")
      group.write(to: &writer)
      writer.endObject()
    }
  }

  private mutating func put(
    _ body: [UInt8], groupID: String, group: Int?, at now: Duration
  ) throws(ServiceError) -> Outcome {
    // The body is read before the group is looked up: a malformed one is AS.0022 for any group.
    if group == nil { _ = try ModificationBody.read(body) }
    let index = try existing(group, groupID)
    try modify(index, body: body, at: now)
    let id = groups[index].id
    return Outcome(Self.modified(id), hasEffect: true)
  }

  /// The answer to a PUT.
  static func modified(_ groupID: String) -> SimulatedResponse {
    SimulatedResponse { writer in
      writer.beginObject()
      writer.member("scaling_group_id", groupID)
      writer.endObject()
    }
  }

  // MARK: Lists

  private mutating func list(
    projectID: String, query: Query, at now: Duration
  ) throws(ServiceError) -> SimulatedResponse {
    let (start, limit) = try page(query)
    guard let project = projectIndex[projectID] else { throw ServiceError(.projectMismatch) }
    let matching = try filtered(projects[project].groups, by: query)
    let page = matching.dropFirst(start).prefix(limit)
    for index in page { settle(index, at: now) }
    return SimulatedResponse { writer in
      writer.beginObject()
      writer.member("total_number", matching.count)
      writer.member("start_number", start)
      writer.member("limit", limit)
      writer.key("scaling_groups")
      writer.beginArray()
      for index in page { groups[index].write(to: &writer) }
      writer.endArray()
      writer.endObject()
    }
  }

  /// Row offset from 0, and rows: 0 to 100, 20 by default. What the limit 0 means is not documented; here it is no row.
  private func page(_ query: Query) throws(ServiceError) -> (start: Int, limit: Int) {
    var start = 0
    if let text = query["start_number"] {
      guard let number = Int(text), number >= 0 else { throw ServiceError(.startNumberInvalid, text) }
      start = number
    }
    guard let text = query["limit"] else { return (start, 20) }
    guard let limit = Int(text), (0...100).contains(limit) else { throw ServiceError(.limitInvalid, text) }
    return (start, limit)
  }

  private func filtered(_ candidates: [Int], by query: Query) throws(ServiceError) -> [Int] {
    let name = query["scaling_group_name"].flatMap { $0.isEmpty ? nil : $0.lowercased() }
    let status = query["scaling_group_status"].flatMap { $0.isEmpty ? nil : $0 }
    if let status, !["INSERVICE", "PAUSED", "ERROR", "DELETING", "FREEZED"].contains(status) {
      throw ServiceError(.statusIllegal, status)
    }
    let configuration = query["scaling_configuration_id"].flatMap { $0.isEmpty ? nil : $0 }
    var enterpriseProject = query["enterprise_project_id"]
    if enterpriseProject == "all_granted_eps" { enterpriseProject = nil }
    if let enterpriseProject, !["", "0"].contains(enterpriseProject), !Identifier.isUUID(enterpriseProject) {
      throw ServiceError(.enterpriseProjectInvalid, enterpriseProject)
    }
    if name == nil, status == nil, configuration == nil, enterpriseProject == nil { return candidates }
    return candidates.filter { index in
      let group = groups[index]
      // null, "" and "0" are the default enterprise project.
      let isDefaultProject = ["", "0"].contains(group.enterpriseProject ?? "")
      return status.map { $0 == group.status } ?? true
        && configuration.map { $0 == group.configurationID } ?? true
        && enterpriseProject.map { ["", "0"].contains($0) ? isDefaultProject : $0 == group.enterpriseProject } ?? true
        // Fuzzy: a part of the name is enough, in any case.
        && name.map { group.name.lowercased().contains($0) } ?? true
    }
  }

  // MARK: Enabling, log, quotas

  private mutating func act(_ body: [UInt8], on index: Int, at now: Duration) throws(ServiceError) -> Outcome {
    let members = try ModificationBody.object(body)
    guard let action = members.last(where: { $0.name == "action" })?.node else {
      throw ServiceError(.actionInvalid, "null")
    }
    let status = groups[index].status
    switch action.stringValue {
    case "resume":
      guard status == "PAUSED" || status == "ERROR" else { throw ServiceError(.statusForbids, status) }
      guard groups[index].configurationID?.isEmpty == false else { throw ServiceError(.noConfiguration) }
      update(index) { $0.status = "INSERVICE" }
      if Int(groups[index].currentInstanceNumber) != groups[index].desired {
        startScaling(index, at: now, reason: "DIFF")
      }
    case "pause":
      guard status == "INSERVICE" || status == "ERROR" else { throw ServiceError(.statusForbids, status) }
      // An action that runs is not stopped (the reference, section 4).
      update(index) { $0.status = "PAUSED" }
    case let text:
      throw ServiceError(.actionInvalid, text ?? action.kindName)
    }
    return Outcome(SimulatedResponse(status: 204), hasEffect: true)
  }

  private func activityLog(of index: Int, query: Query) throws(ServiceError) -> SimulatedResponse {
    let (start, limit) = try page(query)
    let activities = activities.activities(
      of: index, from: try time(query["start_time"]), to: try time(query["end_time"]))
    return SimulatedResponse { writer in
      writer.beginObject()
      writer.member("limit", limit)
      writer.member("total_number", activities.count)
      writer.member("start_number", start)
      writer.key("scaling_activity_log")
      writer.beginArray()
      for activity in activities.dropFirst(start).prefix(limit) { activity.write(to: &writer) }
      writer.endArray()
      writer.endObject()
    }
  }

  private func time(_ text: String?) throws(ServiceError) -> Int? {
    guard let text else { return nil }
    guard let time = CalendarTime(text) else { throw ServiceError(.logTimeInvalid, text) }
    return time.seconds
  }

  private func quotas(projectID: String, group: Int?) -> SimulatedResponse {
    let groupCount = projectIndex[projectID].map { projects[$0].groups.count } ?? 0
    var resources: [(type: String, used: Int, quota: Int, max: Int)] = [
      ("scaling_Group", groupCount, max(25, groupCount), max(50, groupCount)),
      ("scaling_Config", 6, 100, 200),
      ("scaling_Policy", -1, 50, 50),
      ("scaling_Instance", -1, FieldChecks.maximumInstances, 1000),
      ("bandwidth_scaling_policy", 0, 10, 50),
    ]
    if let group {
      resources = [
        ("scaling_Policy", 0, 50, 50),
        ("scaling_Instance", Int(groups[group].currentInstanceNumber), FieldChecks.maximumInstances, 1000),
      ]
    }
    return SimulatedResponse { writer in
      writer.beginObject()
      writer.key("quotas")
      writer.beginObject()
      writer.key("resources")
      writer.beginArray()
      for resource in resources {
        writer.beginObject()
        writer.member("type", resource.type)
        writer.member("used", resource.used)
        writer.member("quota", resource.quota)
        writer.member("max", resource.max)
        writer.member("min", 0)
        writer.endObject()
      }
      writer.endArray()
      writer.endObject()
      writer.endObject()
    }
  }
}
