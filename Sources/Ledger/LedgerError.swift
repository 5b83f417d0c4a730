import GRDB

/// Why a ledger cannot be used: which file, what was found, and what to do.
package struct LedgerError: Error, Sendable, Equatable {
  package enum Reason: Sendable, Equatable {
    /// There is no such file, and the caller only looks.
    case missing
    /// The file, or one beside it, cannot be made or opened: the system's words.
    case cannotCreate(String)
    /// The file exists and cannot be read: the system's words.
    case cannotRead(String)
    /// Not an SQLite database.
    case notSQLite
    /// An SQLite database of another program, with that `application_id`.
    case foreign(applicationID: UInt32)
    /// What is wrong with it.
    case damaged(String)
    /// Made by a newer version of the program.
    case newer(found: Int, known: Int)
    /// Made by an older version, and the caller may not migrate it.
    case older(found: Int, known: Int)
    /// The step with that number was not the one that this program knows.
    case migrationDiffers(number: Int, name: String)
    /// WAL needs memory that is shared between processes, which such a file system does not give.
    case networkFileSystem(String)
    /// Another executor is at work.
    case held(by: ExecutorLock.Holder)
    /// The file was removed or replaced while it was open.
    case replaced
    /// SQLite does not promise what the guarantees need: which setting, and its value.
    case notDurable(String)
    /// An error of SQLite: its extended code, and its message without bound values.
    case sqlite(code: Int, message: String)
  }

  /// The ledger's path as it was given.
  package var path: String
  package var reason: Reason

  package init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  /// The exit status that a command ends with because of it (contract, section 3).
  package var exitStatus: Int32 {
    switch reason {
    case .missing: 66
    case .cannotCreate: 73
    case .held: 75
    case .cannotRead, .notSQLite, .foreign, .damaged, .newer, .older, .migrationDiffers, .networkFileSystem, .replaced,
      .notDurable, .sqlite:
      74
    }
  }
}

extension LedgerError: CustomStringConvertible {
  package var description: String { "\(path): \(explanation)" }

  private var explanation: String {
    switch reason {
    case .missing: "no such ledger; `load` or `run` makes one, `--ledger PATH` names another"
    case .cannotCreate(let text): "the ledger cannot be created: \(text)"
    case .cannotRead(let text): "the ledger cannot be read: \(text)"
    case .notSQLite: "not a ledger: no SQLite database; it was left as it is"
    case .foreign(let id):
      "not a ledger: an SQLite database of another program (application_id \(id)); it was left as it is"
    case .damaged(let text): "the ledger is damaged: \(text); it was left as it is. Restore it from a copy"
    case .newer(let found, let known):
      "the ledger has version \(found), this program knows versions up to \(known): use a newer fleetplan"
    case .older(let found, let known):
      "the ledger has version \(found), this program reads version \(known): "
        + "`load`, `run`, `resume` or `rollback` migrates it, after a backup beside it"
    case .migrationDiffers(let number, let name):
      "migration \(number) (\(name)) of the ledger is not the one of this program: another build made it"
    case .networkFileSystem(let name):
      "a ledger cannot lie on a network file system (\(name)): choose a local folder with `--ledger PATH`"
    case .held(let holder): "another executor holds the ledger: \(holder)"
    case .replaced: "the ledger was removed or replaced while it was in use: nothing more is sent"
    case .notDurable(let setting): "SQLite does not make commits durable: \(setting)"
    case .sqlite(let code, let message): "SQLite error \(code): \(message)"
    }
  }
}

extension LedgerError {
  /// SQLite's error as ours; any other error stays what it is.
  static func wrapping(_ error: any Error, path: String) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    return LedgerError(path: path, databaseError: error)
  }

  /// What SQLite says about the file, in our words where we have some.
  init(path: String, databaseError error: DatabaseError) {
    let message = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_CORRUPT: self.init(path: path, reason: .damaged(message))
    case .SQLITE_NOTADB: self.init(path: path, reason: .notSQLite)
    default: self.init(path: path, reason: .sqlite(code: Int(error.extendedResultCode.rawValue), message: message))
    }
  }
}
