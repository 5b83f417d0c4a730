import GRDB

/// What a ledger says about one run, as anybody can read it.
struct LedgerFacts: Sendable {
  /// One change of the run.
  struct Change: Sendable {
    var number: Int
    var state: String
    var applied: String
    /// PUTs sent, or about to be.
    var attempts: Int
    /// How many of its attempts have a record of the prior values.
    var records: Int
    /// The last attempt that is known to have succeeded.
    var succeededAttempt: Int?

    var isDone: Bool { state == "succeeded" || state == "unchanged" }
  }

  /// A field of the record in force of one change.
  struct Record: Sendable {
    var change: Int
    var field: String
    /// JSON text.
    var prior: String
    /// JSON text.
    var planned: String
  }

  /// `unfinished`, `completed` or `abandoned`; `nil` where there is no such run.
  var state: String?
  /// The run's own counts by state.
  var counts: [String: Int] = [:]
  var total = 0
  var changes: [Change] = []
  var records: [Record] = []
  /// What `PRAGMA integrity_check` and `PRAGMA foreign_key_check` find; empty for a sound file.
  var damage: [String] = []

  init() {}

  /// Reads the ledger by a connection that cannot write.
  ///
  /// - Throws: GRDB's error where there is no ledger, or it cannot be read.
  init(path: String, run: Int) throws {
    self = try Self.read(path) { try LedgerFacts($0, run: run) }
  }

  private init(_ database: Database, run: Int) throws {
    damage = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
    damage += try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { "foreign key: \($0)" }
    let row = try Row.fetchOne(database, sql: "SELECT * FROM run_report WHERE run_id = ?", arguments: [run])
    guard let row else { return }
    state = row["state"]
    total = row["total"]
    for name in ["succeeded", "unchanged", "failed", "blocked", "conflicted", "abandoned", "unfinished"] {
      counts[name] = row[name]
    }
    changes = try Row.fetchAll(database, sql: Self.changesSQL, arguments: [run]).map { row in
      Change(
        number: row["change"], state: row["state"], applied: row["applied"], attempts: row["attempts"],
        records: row["records"], succeededAttempt: row["succeeded_attempt"])
    }
    records = try Row.fetchAll(
      database, sql: "SELECT change, field, prior, planned FROM rollback_record WHERE run_id = ?", arguments: [run]
    ).map { row in
      Record(change: row["change"], field: row["field"], prior: row["prior"], planned: row["planned"])
    }
  }

  private static let changesSQL = """
    SELECT c.change, c.state, c.applied, c.attempts,
      (SELECT count(*) FROM prior_record p WHERE p.run_change = c.run_id << 32 | c.change) AS records,
      (SELECT max(a.attempt) FROM attempt a
        WHERE a.run_change = c.run_id << 32 | c.change AND a.method = 'PUT' AND a.outcome = 'succeeded'
      ) AS succeeded_attempt
    FROM change_report c WHERE c.run_id = ? ORDER BY c.change
    """

  /// The latest run of that kind.
  ///
  /// - Returns: `nil` where there is none, or no table for runs yet.
  /// - Throws: GRDB's error where there is no ledger, or it cannot be read.
  static func latestRun(path: String, kind: String) throws -> Int? {
    try read(path) { database in
      guard try database.viewExists("run_report") else { return nil }
      return try Int.fetchOne(database, sql: "SELECT max(run_id) FROM run_report WHERE kind = ?", arguments: [kind])
    }
  }

  private static func read<Value>(_ path: String, _ body: (Database) throws -> Value) throws -> Value {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    let database = try DatabaseQueue(path: path, configuration: configuration)
    let value = try database.read(body)
    try database.close()
    return value
  }
}
