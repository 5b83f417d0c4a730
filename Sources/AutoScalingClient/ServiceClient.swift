package import AutoScaling
import NIOHTTP1

/// Looks at groups and modifies them, over HTTP.
///
/// Completions come on a network thread: they must not block it.
package final class ServiceClient: GroupModifier {
  let exchange: ServiceExchange

  /// - Throws: `ServiceConfigurationError` for an endpoint, a proxy or a CA file that cannot be used.
  package init(
    options: ServiceClientOptions, authorizer: any RequestAuthorizer
  ) throws(ServiceConfigurationError) {
    exchange = try ServiceExchange(options: options, authorizer: authorizer)
  }

  /// Ends all connections; blocks until it is done. What is in flight fails with `FleetplanCode.cancelled`.
  ///
  /// To be called once, before the client goes away, and never from a completion.
  ///
  /// - Throws: what the network library reports.
  package func shutdown() throws { try exchange.shutdown() }

  package func readGroup(
    _ group: GroupReference, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<ScalingGroup>) -> Void
  ) {
    exchange.readGroup(group, headWritten: headWritten, completion: completion)
  }

  package func listGroups(
    projectID: String, query: GroupListQuery, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<GroupPage>) -> Void
  ) {
    exchange.listGroups(projectID: projectID, query: query, headWritten: headWritten, completion: completion)
  }

  package func modifyGroup(
    _ group: GroupReference, body: [UInt8], headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<Void>) -> Void
  ) {
    exchange.send(
      .PUT, projectID: group.projectID, groupID: group.groupID, body: body, headWritten: headWritten,
      completion: completion
    ) { answer, host in answer.modification(group, host: host) }
  }
}

/// Looks at groups, over HTTP. It has no way to send anything but a GET: commands that only look are handed this.
package final class ReadOnlyServiceClient: GroupReader {
  let exchange: ServiceExchange

  /// - Throws: `ServiceConfigurationError` for an endpoint, a proxy or a CA file that cannot be used.
  package init(
    options: ServiceClientOptions, authorizer: any RequestAuthorizer
  ) throws(ServiceConfigurationError) {
    exchange = try ServiceExchange(options: options, authorizer: authorizer)
  }

  /// Ends all connections; blocks until it is done. To be called once, and never from a completion.
  ///
  /// - Throws: what the network library reports.
  package func shutdown() throws { try exchange.shutdown() }

  package func readGroup(
    _ group: GroupReference, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<ScalingGroup>) -> Void
  ) {
    exchange.readGroup(group, headWritten: headWritten, completion: completion)
  }

  package func listGroups(
    projectID: String, query: GroupListQuery, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<GroupPage>) -> Void
  ) {
    exchange.listGroups(projectID: projectID, query: query, headWritten: headWritten, completion: completion)
  }
}

extension ServiceExchange {
  /// "Querying an AS Group".
  fileprivate func readGroup(
    _ group: GroupReference, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<ScalingGroup>) -> Void
  ) {
    send(
      .GET, projectID: group.projectID, groupID: group.groupID, headWritten: headWritten, completion: completion
    ) { answer, host in answer.group(group, host: host) }
  }

  /// "Querying AS Groups".
  fileprivate func listGroups(
    projectID: String, query: GroupListQuery, headWritten: @escaping HeadWritten,
    completion: @escaping @Sendable (ServiceResult<GroupPage>) -> Void
  ) {
    var items = [(name: "start_number", value: String(query.startNumber)), (name: "limit", value: String(query.limit))]
    if let name = query.name { items.append((name: "scaling_group_name", value: name)) }
    if let status = query.status { items.append((name: "scaling_group_status", value: status)) }
    send(
      .GET, projectID: projectID, groupID: nil, query: items, headWritten: headWritten, completion: completion
    ) { answer, host in answer.page(query, host: host) }
  }
}
