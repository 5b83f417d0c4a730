import AutoScaling
import ChangeRun
import Execution

/// Reads groups at a rate. It is handed a `GroupReader`: it has no way to write.
struct PacedReader {
  /// How a read ended for good.
  typealias Outcome<Value: Sendable> = PacedRequests.Outcome<Value>

  private let reader: any GroupReader
  private let requests: PacedRequests

  /// - Parameters:
  ///   - reader: sends the requests.
  ///   - options: rate, attempts, backoff, and how long the endpoint is waited for.
  ///   - credentials: where the tokens of requests come from.
  ///   - clock: other ones only in tests.
  ///   - seed: of the jitter.
  init(
    _ reader: any GroupReader, options: RunOptions, credentials: RunExecutor.Credentials = .init(),
    clock: RunClock = RunClock(), seed: UInt64 = .random(in: .min ... .max)
  ) {
    self.reader = reader
    requests = PacedRequests(options: options, credentials: credentials, clock: clock, seed: seed)
  }

  /// Asks for a page of a project's groups.
  func page(projectID: String, start: Int, limit: Int) -> PendingAnswer<Outcome<GroupPage>> {
    let query = GroupListQuery(startNumber: start, limit: limit)
    return requests.ask(projectID: projectID) { [reader] in
      reader.listGroups(projectID: projectID, query: query, headWritten: $0, completion: $1)
    }
  }

  /// Asks for one group.
  func group(_ group: GroupReference) -> PendingAnswer<Outcome<ScalingGroup>> {
    requests.ask(projectID: group.projectID) { [reader] in
      reader.readGroup(group, headWritten: $0, completion: $1)
    }
  }

  /// How many requests were sent, those sent again included.
  var requestCount: Int { requests.requestCount }

  /// Sends nothing more; what was asked for and has not come does not come any more.
  func stop() { requests.stop() }
}
