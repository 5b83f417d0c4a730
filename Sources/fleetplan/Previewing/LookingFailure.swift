import AutoScaling

/// What ends a look at the cloud.
enum LookingFailure {
  static func listing(_ failure: ServiceFailure, projectID: String) -> CommandError {
    ofAll(failure)
      ?? CommandError(
        failure.status == 403 ? .credentialsRefused : .unavailable,
        "project \(projectID): its groups cannot be listed: \(text(failure)). Nothing was changed")
  }

  /// A failure that would meet every other request too; `nil` where it is about one group or project.
  static func ofAll(_ failure: ServiceFailure) -> CommandError? {
    if failure.disposition == .unauthorized {
      return CommandError(
        .credentialsRefused,
        "the credentials were refused: \(text(failure)). `--auth` in `fleetplan help run` names the variables they come from. Nothing was changed"
      )
    }
    guard failure.status == nil else { return nil }
    return CommandError(.unavailable, "the service cannot be reached: \(text(failure)). Nothing was changed")
  }

  /// The failure with its status and code; and with the request's id, for those who ask the service's support.
  static func text(_ failure: ServiceFailure, withRequestID: Bool = true) -> String {
    var text = failure.message
    let status = failure.status.map(String.init)
    // IAM's code is the status once more.
    let facts = [status.map { "HTTP \($0)" }, failure.code == status ? nil : failure.code]
      .compactMap { $0 }.joined(separator: " ")
    if !facts.isEmpty { text = "\(facts): \(text)" }
    if withRequestID, let id = failure.requestID { text += " (request \(id))" }
    return text
  }
}

extension ChangeForecast {
  /// Of a change whose group cannot be read.
  init(_ change: PreviewChange, failure: ServiceFailure) {
    let isMissing = failure.status == 404 || failure.code == "AS.2007"
    self.init(change: change, verdict: isMissing ? .missing : .failed)
    code = failure.code
    reason = LookingFailure.text(failure, withRequestID: false)
  }
}
