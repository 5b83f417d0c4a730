import ChangePlan
import Dispatch
import GRDB

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One plan on its way into a ledger, in short transactions; see `PlanLoading+Groups` for how it is completed.
///
/// Lives on the queue of the connection that it was given, whose foreign keys are off from `init` to `end`: what
/// is inserted here refers to what was just looked up.
final class PlanLoading {
  /// How long a transaction lasts at most: others may be waiting to write.
  private static let transactionTime = DispatchTimeInterval.milliseconds(80)
  /// How long others are let in between two transactions, in microseconds.
  private static let pause: UInt32 = 4_000
  /// How many times the connection's own patience (5 s) is spent on one `BEGIN`.
  private static let busyRetries = 12
  /// How many projects are kept in memory.
  private static let projectCacheSize = 1_024

  let database: Database
  /// The group keys of all changes, with the changes' numbers.
  let groups = PairSorter()
  /// 0 before `begin`.
  private(set) var planID = 0
  /// The id that the next new project was to get when the load began.
  private(set) var firstNewProject = 0
  /// No plan before this one was being loaded when the load began.
  private(set) var lowestLoadingPlan = 0

  private let keyMask: Int64
  private let afterCommit: () throws -> Void
  private var transactionEnd = DispatchTime.now()
  /// Row ids of projects.
  private var projects: [String: Int] = [:]

  private let changes: RowInserter
  private let findProject: RawStatement
  private let insertProject: RawStatement
  private let noteProject: RawStatement

  /// Calls `afterCommit` between two transactions. `keyMask` has the bits that are kept of the groups' keys: fewer
  /// than all only in tests, which want collisions.
  init(_ database: Database, keyMask: Int64 = -1, afterCommit: @escaping () throws -> Void) throws {
    self.database = database
    self.keyMask = keyMask
    self.afterCommit = afterCommit
    try database.execute(
      sql: """
        PRAGMA foreign_keys = OFF;
        CREATE TEMP TABLE IF NOT EXISTS load_project (id INTEGER PRIMARY KEY);
        DELETE FROM temp.load_project;
        """)
    changes = try RowInserter(
      database, "main.change", ["id", "line", "project", "scaling_group_id", "planned", "expected", "comment"])
    findProject = try RawStatement(database, "SELECT id FROM main.project WHERE project_id = ?")
    insertProject = try RawStatement(database, "INSERT INTO main.project (project_id) VALUES (?)")
    noteProject = try RawStatement(database, "INSERT OR IGNORE INTO temp.load_project VALUES (?)")
  }

  /// Leaves the connection as it was.
  func end() {
    rollBack()
    // Only a connection that can do nothing any more fails here.
    try? database.execute(sql: "PRAGMA foreign_keys = ON")
  }

  // MARK: Transactions

  /// Does the body's work in a transaction, or in several where it calls `letOthersIn` between its steps.
  func transactions<T>(_ body: () throws -> T) throws -> T {
    try beginTransaction()
    do {
      let value = try body()
      try commit()
      return value
    } catch {
      rollBack()
      throw error
    }
  }

  /// Ends the transaction and begins the next one, if it has lasted long enough.
  func letOthersIn() throws {
    guard DispatchTime.now() >= transactionEnd else { return }
    try commit()
    usleep(Self.pause)
    try beginTransaction()
  }

  private func beginTransaction() throws {
    var retriesLeft = Self.busyRetries
    while true {
      do {
        try database.execute(sql: "BEGIN IMMEDIATE")
        break
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && retriesLeft > 0 {
        retriesLeft -= 1
      }
    }
    transactionEnd = .now() + Self.transactionTime
  }

  private func commit() throws {
    try database.execute(sql: "COMMIT")
    try afterCommit()
  }

  private func rollBack() {
    guard database.isInsideTransaction else { return }
    // Where SQLite has done so itself there is nothing left to roll back.
    try? database.execute(sql: "ROLLBACK")
  }

  // MARK: Inserting

  /// Writes the plan's row, marked as loading.
  func begin(_ source: PlanSource, format: PlanFormat, defaultProjectID: String?) throws {
    try transactions {
      try database.execute(
        sql: """
          INSERT INTO plan (state, name, file, format, default_project, loaded_at)
          VALUES ('loading', ?, ?, ?, ?, ?)
          """,
        arguments: [source.baseName, source.displayName, format.rawValue, defaultProjectID ?? "", LedgerTime.now()])
      planID = Int(database.lastInsertedRowID)
      lowestLoadingPlan = try Int.fetchOne(database, sql: "SELECT min(id) FROM plan WHERE state = 'loading'") ?? planID
      firstNewProject = try (Int.fetchOne(database, sql: "SELECT max(id) FROM project") ?? 0) + 1
    }
  }

  /// Inserts all changes that come. While none come no transaction is open.
  ///
  /// - Returns: what was found at the end of the plan; `nil` where it could not be read to its end.
  func insertAll(_ batches: PlanBatches) throws -> PlanSummary? {
    while let first = batches.take() {
      try transactions {
        var batch: EncodedChanges? = first
        while let changes = batch {
          try insert(changes)
          try letOthersIn()
          batch = batches.take(until: transactionEnd)
        }
      }
    }
    return batches.summary
  }

  private func insert(_ batch: EncodedChanges) throws {
    let projects = try batch.projects.map(project)
    for row in batch.rows { try groups.add(key: row.groupKey & keyMask, value: Int64(row.number)) }
    let planBase = planID << 32
    try batch.bytes.withUnsafeBytes { bytes in
      try changes.insert(batch.rows.count) { index, statement, parameter in
        let row = batch.rows[index]
        statement.bind(planBase | row.number, at: parameter)
        statement.bind(row.line, at: parameter + 1)
        statement.bind(projects[row.project], at: parameter + 2)
        statement.bind(unowned: UnsafeRawBufferPointer(rebasing: bytes[row.groupID]), at: parameter + 3)
        statement.bind(unowned: UnsafeRawBufferPointer(rebasing: bytes[row.planned]), at: parameter + 4)
        statement.bind(
          unowned: row.expected.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }, at: parameter + 5)
        statement.bind(unowned: row.comment.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }, at: parameter + 6)
      }
    }
  }

  private func project(_ id: String) throws -> Int {
    if let known = projects[id] { return known }
    let row = try projectRow(id)
    if projects.count >= Self.projectCacheSize { projects.removeAll(keepingCapacity: true) }
    projects[id] = row
    return row
  }

  /// The project's row, which is made where there is none. The change that needs it follows in the same
  /// transaction: a project without a change is never committed.
  private func projectRow(_ id: String) throws -> Int {
    findProject.bind(id, at: 1)
    let row: Int
    if try findProject.step() {
      row = findProject.integer(0)
      findProject.reset()
    } else {
      insertProject.bind(id, at: 1)
      try insertProject.run()
      row = Int(database.lastInsertedRowID)
    }
    noteProject.bind(row, at: 1)
    try noteProject.run()
    return row
  }
}
