/// Whether a request may have what it asks for.
extension CloudState {
  /// What the AS service says to a request whose signature, where one is wanted, is right: `nil` where it is let in.
  func credentialsRefusal(of request: SimulatedRequest, for route: Route, at now: Duration) -> ServiceError? {
    if options.authentication == .aksk { return projectRefusal(of: request, for: route) }
    guard options.authentication == .token else { return nil }
    guard let token = request.token, !token.isEmpty else { return ServiceError(.tokenMissing) }
    if token == options.fixedToken { return nil }
    guard let known = tokens.valid(token, at: now) else { return ServiceError(.tokenInvalid) }
    return known.projectID == route.projectID ? nil : ServiceError(.projectMismatch)
  }

  /// A signature says nothing about the project: `X-Project-Id` does, and where there are several it must be there
  /// (the reference, section 7.2).
  private func projectRefusal(of request: SimulatedRequest, for route: Route) -> ServiceError? {
    let named = namedProject(request)
    if named == nil, projects.count == 1 { return nil }
    return named == route.projectID ? nil : ServiceError(.projectMismatch)
  }

  func namedProject(_ request: SimulatedRequest) -> String? {
    request.headers.first { $0.name == "x-project-id" }?.value
  }
}
