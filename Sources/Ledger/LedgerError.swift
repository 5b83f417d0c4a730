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
    /// No space is left where the ledger, or a file beside it, lies.
    case diskFull
    /// The disk failed: SQLite's extended code, and its message.
    case inputOutput(code: Int, message: String)
    /// The ledger exists, and it, or a file beside it, cannot be written: the system's words.
    case cannotWrite(String)
    /// SQLite cannot open the ledger, or make a file beside it: its message.
    case cannotOpen(String)
    /// Another error of SQLite: its extended code, and its message without bound values.
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
      .notDurable, .diskFull, .inputOutput, .cannotWrite, .cannotOpen, .sqlite:
      74
    }
  }
}

extension LedgerError: CustomStringConvertible {
  package var description: String { "\(path): \(explanation)" }

  private var explanation: String {
    switch reason {
    case .missing: "no such ledger; `load` or `run` makes one, `--ledger PATH` names another"
    case .cannotCreate(let text):
      "the ledger cannot be created: \(text). Its folder must be there, and writable for you; `--ledger PATH` names "
        + "another place"
    case .cannotRead(let text):
      "the ledger cannot be read: \(text). Make it readable for you, or name another with `--ledger PATH`"
    case .notSQLite:
      "not a ledger: no SQLite database; it was left as it is. `--ledger PATH` names another"
    case .foreign(let id):
      "not a ledger: an SQLite database of another program (application_id \(id)); it was left as it is. "
        + "`--ledger PATH` names another"
    case .damaged(let text): "the ledger is damaged: \(text); it was left as it is. Restore it from a copy"
    case .newer(let found, let known):
      "the ledger has version \(found), this program knows versions up to \(known): use a newer fleetplan"
    case .older(let found, let known):
      "the ledger has version \(found), this program reads version \(known): "
        + "`load`, `run`, `resume` or `rollback` migrates it, after a backup beside it"
    case .migrationDiffers(let number, let name):
      "migration \(number) (\(name)) of the ledger is not the one of this program: another build made it, "
        + "and is needed to go on with it. It was left as it is"
    case .networkFileSystem(let name):
      "a ledger cannot lie on a network file system (\(name)): choose a local folder with `--ledger PATH`"
    case .held(let holder):
      "another executor holds the ledger: \(holder). `fleetplan status --watch` shows how far it is; wait for its end, "
        + "or stop it with Ctrl-C there"
    case .replaced:
      "the ledger was removed or replaced while it was in use: nothing more is sent. Put it "
        + "back where it was, with the files -wal and -shm beside it"
    case .notDurable(let setting):
      "SQLite does not make commits durable here: \(setting). Nothing was changed: another folder, or another SQLite "
        + "library, is needed"
    case .diskFull:
      "the disk is full: the ledger cannot be written. What it holds is safe: make room, then "
        + "`fleetplan resume` goes on with a run (or give the same command again)"
    case .inputOutput(let code, let message):
      "the disk failed under the ledger: \(message) (SQLite error \(code)). What is recorded is not lost: see that the "
        + "disk is there, has room and works, then `fleetplan resume` goes on with a run (or give the same command again)"
    case .cannotWrite(let text):
      "the ledger cannot be written: \(text). It was left as it is: make its file and folder writable, then "
        + "give the same command again"
    case .cannotOpen(let message):
      "SQLite cannot open the ledger, or make a file beside it: \(message). What is recorded is not lost: see that its "
        + "folder can be written, the disk has room, and files may be opened (`ulimit -n`), then `fleetplan resume` "
        + "goes on with a run (or give the same command again)"
    case .sqlite(let code, let message):
      "the ledger cannot be used: \(message) (SQLite error \(code)). What is recorded is not lost: when the cause is "
        + "gone, give the same command again"
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
    case .SQLITE_FULL: self.init(path: path, reason: .diskFull)
    case .SQLITE_IOERR:
      self.init(path: path, reason: .inputOutput(code: Int(error.extendedResultCode.rawValue), message: message))
    case .SQLITE_CANTOPEN: self.init(path: path, reason: .cannotOpen(message))
    case .SQLITE_READONLY: self.init(path: path, reason: .cannotWrite(message))
    default: self.init(path: path, reason: .sqlite(code: Int(error.extendedResultCode.rawValue), message: message))
    }
  }
}
