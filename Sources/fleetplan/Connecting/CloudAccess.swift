import AutoScaling
import AutoScalingClient
import ChangeRun
import Execution
import Foundation

/// The way to the service: where each project's endpoint is, and with which credentials it is asked.
struct CloudAccess {
  let connector: CloudConnector
  /// Ids, in the order in which they were named.
  let projects: [String]
  /// By project id.
  let endpoints: [String: String]
  let authorizer: any RequestAuthorizer
  /// The tokens that were fetched while the endpoints were looked for, by project id.
  let leases: [String: TokenLease]
  let expiry: CredentialExpiry

  /// A client that can change groups.
  func modifier(_ run: RunOptions) throws -> ServiceClient {
    try mappingErrors {
      try ServiceClient(options: connector.clientOptions(endpoints: endpoints, run: run), authorizer: authorizer)
    }
  }

  /// A client that by its type can send nothing but a GET (contract, guarantee 11).
  func reader(_ run: RunOptions) throws -> ReadOnlyServiceClient {
    try mappingErrors {
      try ReadOnlyServiceClient(
        options: connector.clientOptions(endpoints: endpoints, run: run), authorizer: authorizer)
    }
  }

  /// Tokens for what the client sends.
  func credentials(_ client: any TokenFetcher) -> RunExecutor.Credentials {
    authorizer is TokenStore ? RunExecutor.Credentials(fetcher: client, leases: leases) : .init()
  }
}

/// When credentials that cannot be renewed end.
enum CredentialExpiry {
  case never
  case at(Date)
  /// Nobody has told: the longest life of such credentials, in seconds, and what they are called.
  case unknown(longest: Double, name: String)

  /// What is to be said before a run that may outlive the credentials.
  ///
  /// - Parameters:
  ///   - seconds: how long the run will take; `nil` where that is not known.
  ///   - now: the time.
  /// - Returns: `nil` where the credentials last long enough, as far as that can be told.
  func warning(runTaking seconds: Double?, now: Date) -> String? {
    guard let seconds else { return nil }
    let duration = HumanText.duration(seconds: seconds)
    switch self {
    case .never: return nil
    case .at(let date):
      guard now.addingTimeInterval(seconds) > date else { return nil }
      return
        "the token expires at \(HumanText.localTime(date)), before the run can end (about \(duration)), and cannot "
        + "be renewed: the run will stop then, and `resume` go on with a fresh token. With OS_AUTH_URL, OS_USERNAME, "
        + "OS_USER_DOMAIN_NAME and OS_PASSWORD in place of the token it renews itself"
    case .unknown(let longest, let name):
      guard seconds > longest else { return nil }
      return "the run will take about \(duration), and \(name) cannot be renewed and may end before it: the run would "
        + "stop then, and `resume` go on with fresh credentials"
    }
  }
}
