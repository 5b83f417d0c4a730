import AutoScaling

/// What an error code means and what to do about it: the service's from the reference (sections 6.3 and 6.4), ours
/// from `FleetplanCode`.
package struct ErrorGuide: Sendable, Hashable {
  package var meaning: String
  package var advice: String

  /// - Parameters:
  ///   - code: as the ledger has it; empty where an answer had none.
  ///   - status: the HTTP status, if there was an answer.
  package init(code: String, status: Int? = nil) {
    if let own = Self.own[code] {
      self = own
    } else if let entry = ServiceErrorCode.entry(of: code) {
      self.init(entry.meaning, Self.advice(on: entry))
    } else if let status = code.isEmpty ? status : Int(code), let known = Self.statuses[status] {
      // Some layers before the service give the status for a code, or none at all (reference, section 6.1).
      self = known
    } else if code.isEmpty {
      self.init("the answer had no error code", "Go by the HTTP status and the message.")
    } else {
      self.init(
        "not in the API's documentation",
        "Go by the message. The request id in the view attempt_report is what the service's support asks for.")
    }
  }

  private init(_ meaning: String, _ advice: String) {
    self.meaning = meaning
    self.advice = advice
  }

  // MARK: HTTP statuses (reference, section 6.2; RFC 9110)

  private static let later = "It was tried again up to --max-attempts. Take these changes up again later."

  private static let statuses: [Int: ErrorGuide] = [
    400: .init("the request was refused", "Go by the message."),
    401: .init("the credentials were refused", "Check the token or the key, then resume."),
    403: .init("not allowed", rights),
    404: .init("nothing is there under this path", "Check the endpoint, the project and the group's id."),
    408: .init("the service waited too long for the request", later),
    409: .init("in conflict with what else is going on in the group", later),
    429: .init("too many requests", "Take these changes up again with a lower --rate."),
    500: .init("an error inside the service", later),
    502: .init("the gateway got no usable answer from the service", later),
    503: .init("the service is not available at the moment", later),
    504: .init("the gateway got no answer from the service in time", later),
  ]

  // MARK: The service's codes

  private static func advice(on entry: ServiceErrorCode) -> String {
    if let special = special[entry.code] { return special }
    switch entry.errorClass {
    case .transient:
      return "It passes by itself, and was tried again up to --max-attempts. Take these changes up again later."
    case .state:
      return "The group was busy for longer than --wait-scaling. Take it up again when it is at rest, or wait longer."
    case .stateIfScaling:
      return "The group must be out of service, empty and not scaling for this. Bring it there, then take it up again."
    case .sameNumber: return "The group has that number already. Nothing is to be done."
    case .credentials: return "Check the token or the key, then resume."
    case .permanent:
      return "The same request brings the same answer. Correct the value in the plan, then run the corrected part."
    }
  }

  private static let quota = "Ask for more of the quota, or free some of it, then take these changes up again."
  private static let rights =
    "Let the account be given the right to modify AS groups in this project, then take up again."
  private static let numbers =
    "min ≤ desired ≤ max must hold with what the group has now. Correct the numbers, or name all three in the plan."
  private static let listeners =
    "Check that the load balancer, listener and pool exist in the group's VPC, and correct the plan."
  private static let enterprise = "Check the enterprise project's id and that it is enabled."
  private static let soldOut = "Choose another availability zone, flavor or volume type, or take it up again later."

  private static let special: [String: String] = {
    var texts: [String: String] = [
      "AS.2007":
        "Look whether the group was deleted, or belongs to another project or region. Take it out of the plan.",
      "AS.0007": "Look whether the project id and the endpoint belong together.",
      "AS.0008": "The credentials are for another project: choose the cloud or account of this one.",
      "AS.0001": "An error inside the service. Take these changes up again later; if it stays, ask its support.",
      "AS.2010": "Some instances are protected from removal: lift the protection, or plan a higher number.",
      "AS.2051": "Some instances are on standby: bring them back, or plan a higher number.",
      "AS.2052": "Some instances are protected or on standby: free them, or plan a higher number.",
      "AS.2018": "The group needs a scaling configuration first.",
      "AS.2057": "This service does not let delete_publicip be changed: take the column out of the plan.",
      "APIG.0301":
        "Check the key, the clock of this machine and --signing. After five bad signatures a key is locked for "
        + "five minutes.",
      "APIG.0308": "The service's limit on requests: take these changes up again with a lower --rate.",
      "IAM.0012": "IAM's limit on requests: take these changes up again with a lower --rate.",
      "APIG.0101": "The endpoint does not know this path: check --endpoint.",
    ]
    for code in ["AS.0011", "AS.0012", "AS.0013", "AS.0031", "APIG.0302", "APIG.0306", "APIG.0310"] {
      texts[code] = rights
    }
    for code in ["AS.2004", "AS.2005", "AS.2035", "AS.2036", "AS.2045"] { texts[code] = numbers }
    for code in ["AS.2015", "AS.2016", "AS.2026", "AS.2037", "AS.2039", "AS.2040", "AS.2042", "AS.7012"] {
      texts[code] = listeners
    }
    for code in ["AS.7059", "AS.7060", "AS.7065", "AS.7081"] { texts[code] = enterprise }
    for code in ["AS.2038", "AS.2043", "AS.2044"] { texts[code] = soldOut }
    for number in 7111...7115 { texts["AS.\(number)"] = quota }
    return texts
  }()

  // MARK: Our own

  private static let connection = "Check the network, the endpoint and the proxy, then resume."
  private static let lost =
    "Whether it took effect was settled by reading, as far as that could be. Look at `applied` of these changes."

  private static let own: [String: ErrorGuide] = [
    FleetplanCode.precondition: .init(
      "the field can change only in a group that is out of service, empty and not scaling",
      "Bring the group there, then take it up again; --skip-preconditions leaves the judgement to the service."),
    FleetplanCode.instanceRange: .init("min ≤ desired ≤ max would not hold", numbers),
    FleetplanCode.noListener: .init(
      "ELB_AUDIT in a group without a listener", "Give the group a listener first, or plan NOVA_AUDIT."),
    FleetplanCode.groupDeleting: .init("the group is being deleted", "Take it out of the plan."),
    FleetplanCode.connectionRefused: .init("nothing listens at the endpoint", connection),
    FleetplanCode.nameNotFound: .init("the endpoint's name has no address", connection),
    FleetplanCode.tls: .init(
      "the TLS handshake failed", "Check the certificate and the endpoint's name; --ca-file names another authority."),
    FleetplanCode.connectTimeout: .init("no connection came about in time", connection),
    FleetplanCode.invalidRequest: .init(
      "an id or a credential that HTTP has no way to carry", "Correct the id in the plan, or the credential."),
    FleetplanCode.connectionReset: .init("the connection ended before an answer came", lost),
    FleetplanCode.requestTimeout: .init("no whole answer came within --request-timeout", lost),
    FleetplanCode.truncatedBody: .init("the connection ended in the middle of an answer", lost),
    FleetplanCode.bodyTooLarge: .init("the answer was longer than any documented one", lost),
    FleetplanCode.notHTTP: .init("the answer was not HTTP/1.1", "Check that the endpoint is the service's."),
    FleetplanCode.unexpectedBody: .init("success, with a body that is not the documented JSON", lost),
    FleetplanCode.otherGroup: .init("success, about another group than the one asked for", lost),
    FleetplanCode.unexpectedStatus: .init("success, with a status that is not 200", lost),
    FleetplanCode.cancelled: .init("the program ended before the answer came", "Resume settles it by reading."),
    FleetplanCode.redirect: .init(
      "the service answered with a redirect, which is not followed", "Give the address that it names as --endpoint."),
    FleetplanCode.conflict: .init(
      "the group holds neither what was expected, nor what was there before, nor what is planned",
      "Somebody changed it meanwhile. Ask who and why; then plan it anew from the values of now."),
    FleetplanCode.irreversible: .init(
      "it could not be taken back, and --require-reversible was asked for",
      "Decide whether it may be done for good; `resume --retry-failed --no-require-reversible` does it."),
    FleetplanCode.unrestorable: .init(
      "a prior value has no documented way back", "Set it at the console, or leave it as it is."),
    FleetplanCode.busy: .init(
      "the group was scaling or locked for longer than --wait-scaling",
      "Take it up again when it is at rest, or with a longer --wait-scaling."),
    FleetplanCode.predecessor: .init(
      "an earlier change to the same group did not succeed", "Settle that one first; then take up both again."),
    FleetplanCode.superseded: .init(
      "a later change to the same field was applied", "Nothing: to take it up again would set that one back."),
    FleetplanCode.notVerified: .init(
      "the service answered 200, and the group does not show the planned values",
      "Look at the group, then run it again."),
    FleetplanCode.notStable: .init(
      "applied, but the group has not come to its number of instances in time",
      "Look at the group's activity log: quota, sold-out flavors and failing health checks are the usual reasons."),
    FleetplanCode.interrupted: .init("the program ended before the answer came", "Resume settles it by reading."),
    FleetplanCode.abandoned: .init("the run was abandoned", "Run the plan again where it is still wanted."),
  ]
}
