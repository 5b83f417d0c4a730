import AutoScalingClient
import ChangePlan
import CloudConfiguration
import Ledger

/// The exit statuses of the contract, section 3.
enum ExitStatus: Int32 {
  case success = 0
  case someChangesFailed = 1
  case usage = 64
  case invalidPlan = 65
  case noInput = 66
  case unavailable = 69
  case cannotCreate = 73
  case ledger = 74
  case stopped = 75
  case needsAttention = 76
  case credentialsRefused = 77
  case configuration = 78
}

/// What ends a command early: a message for people, and the exit status.
struct CommandError: Error {
  var status: ExitStatus
  /// What failed, where, what was found, and what to do.
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// The same from an error of one of the rooms; any other error stays what it is.
  static func wrapping(_ error: any Error) -> any Error {
    switch error {
    case let error as LedgerError:
      CommandError(ExitStatus(rawValue: error.exitStatus) ?? .ledger, error.description)
    case let error as PlanReadError: CommandError(.noInput, error.description)
    case let error as CloudConfigurationError:
      CommandError(ExitStatus(rawValue: error.exitStatus) ?? .configuration, error.description)
    case let error as ServiceConfigurationError: CommandError(.configuration, error.description)
    default: error
    }
  }
}

/// Runs the body with the rooms' errors turned into the contract's exit statuses.
func mappingErrors<T>(_ body: () throws -> T) throws -> T {
  do { return try body() } catch { throw CommandError.wrapping(error) }
}

func mappingErrors<T>(_ body: () async throws -> T) async throws -> T {
  do { return try await body() } catch { throw CommandError.wrapping(error) }
}
