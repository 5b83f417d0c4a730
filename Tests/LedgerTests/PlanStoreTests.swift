import AutoScaling
import ChangePlan
import Foundation
import GRDB
import Testing

@testable import Ledger

@Suite struct PlanStoreTests {
  private let ledger: TemporaryLedger
  private let writer: LedgerWriter

  init() throws {
    ledger = try TemporaryLedger()
    writer = try ledger.openWriter()
  }

  private func load(
    _ text: String, name: String = "plan.csv", format: PlanFormat = .csv, project: String? = nil
  ) throws -> PlanStore.Outcome {
    try PlanStore(writer).load(try ledger.plan(text, name: name), format: format, defaultProjectID: project)
  }

  /// How many rows the tables of plans have.
  private func rowCounts() throws -> [String: Int] {
    try writer.database.read { database in
      var counts: [String: Int] = [:]
      for table in ["project", "plan", "change", "plan_group"] {
        counts[table] = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)")
      }
      return counts
    }
  }

  private func integrity() throws -> String? {
    try writer.database.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
  }

  @Test func `what was loaded is what was read`() throws {
    let text = """
      project_id,scaling_group_id,desire_instance_number,expect:desire_instance_number,available_zones,comment
      project-a,g1,3,2,,"first, of two"
      project-b,g1,4,,eu-de-01;eu-de-02,

      project-a,g2,0,,,Grüße
      """
    guard case .loaded(let plan) = try load(text) else {
      Issue.record("not loaded")
      return
    }
    #expect(plan.name == "plan.csv")
    #expect(plan.file == ledger.folder + "/plan.csv")
    #expect((plan.changeCount, plan.groupCount, plan.projectCount) == (3, 3, 2))
    #expect(plan.byteCount == text.utf8.count)
    #expect(plan.sha256.count == 64)
    #expect(plan.warnings.count == 1 && plan.warnings[0].contains("empty"))
    var read: [PlanChange] = []
    _ = try PlanReader().read(try ledger.plan(text), format: .csv) { read.append($0) }
    var rows: [PlanChangeRow] = []
    try writer.read { try $0.forEachChange(ofPlan: plan.id) { rows.append($0) } }
    #expect(
      rows
        == read.map {
          PlanChangeRow(
            change: $0.number, line: $0.line, group: $0.group, planned: $0.planned, expected: $0.expected,
            comment: $0.comment, after: nil)
        })
    #expect(rows.map(\.line) == [2, 3, 5])
    try writer.read { (snapshot) throws in
      #expect(try snapshot.projects(ofPlan: plan.id) == ["project-a", "project-b"])
      #expect(try snapshot.plans() == [plan])
      #expect(try snapshot.change(2, ofPlan: plan.id) == rows[1])
      #expect(try snapshot.changes(ofPlan: plan.id, to: rows[1].group) == [rows[1]])
      let other = GroupReference(projectID: "project-b", groupID: "g2")
      #expect(try snapshot.changes(ofPlan: plan.id, to: other).isEmpty)
    }
  }

  @Test func `the same bytes, format and default project are the same plan`() throws {
    let text = "scaling_group_id,desire_instance_number\ng1,3\n"
    guard case .loaded(let first) = try load(text, project: "project-a") else {
      Issue.record("not loaded")
      return
    }
    guard case .existing(let again) = try load(text, name: "copy.csv", project: "project-a") else {
      Issue.record("loaded twice")
      return
    }
    #expect(again == first)
    guard case .loaded(let other) = try load(text, project: "project-b") else {
      Issue.record("the default project makes no difference")
      return
    }
    #expect(other.id != first.id)
    #expect(try rowCounts() == ["project": 2, "plan": 2, "change": 2, "plan_group": 2])
  }

  @Test func `the same plan from a pipe is found when it has been read`() throws {
    let text = csvPlan(groups: 2_000)
    guard case .loaded(let first) = try load(text) else {
      Issue.record("not loaded")
      return
    }
    let counts = try rowCounts()
    let descriptor = open(ledger.folder + "/plan.csv", O_RDONLY)
    defer { close(descriptor) }
    let source = PlanSource(origin: .descriptor(descriptor), displayName: "<stdin>")
    guard case .existing(let again) = try PlanStore(writer).load(source, format: .csv, defaultProjectID: nil) else {
      Issue.record("loaded twice")
      return
    }
    #expect(again == first)
    #expect(try rowCounts() == counts)
  }

  @Test func `of a refused plan nothing stays`() throws {
    _ = try ledger.load(csvPlan([("project-a", "g", 1)]), name: "good.csv", into: writer)
    let counts = try rowCounts()
    // The error comes at the end, when thousands of changes were inserted.
    let rows = (1...5_000).map { ("project-\($0 % 10)", "group-\($0)", $0 % 10) } + [("project-a", "last", -1)]
    guard case .refused(let summary) = try load(csvPlan(rows)) else {
      Issue.record("not refused")
      return
    }
    #expect(summary.diagnostics.errorCount == 1)
    #expect(summary.diagnostics.listed.first?.line == 5_002)
    #expect(try rowCounts() == counts)
  }

  @Test func `a plan that cannot be read leaves nothing`() throws {
    let source = PlanSource(argument: ledger.folder + "/none.csv")
    #expect(throws: PlanReadError.self) {
      try PlanStore(writer).load(source, format: .csv, defaultProjectID: nil)
    }
    #expect(try rowCounts() == ["project": 0, "plan": 0, "change": 0, "plan_group": 0])
  }

  @Test(arguments: [-1, 0, 1] as [Int64])
  func `a change waits for the one before it to the same group, also where keys collide`(keyMask: Int64) throws {
    let rows = [("p", "a", 1), ("p", "b", 1), ("q", "a", 1), ("p", "a", 2), ("q", "a", 2), ("p", "a", 3)]
    let source = try ledger.plan(csvPlan(rows))
    let outcome = try PlanStore(writer, keyMask: keyMask).load(source, format: .csv, defaultProjectID: nil)
    guard case .loaded(let plan) = outcome else {
      Issue.record("not loaded")
      return
    }
    var after: [Int?] = []
    try writer.read { try $0.forEachChange(ofPlan: plan.id) { after.append($0.after) } }
    #expect(after == [nil, nil, nil, 1, 3, 4])
    #expect((plan.changeCount, plan.groupCount, plan.projectCount) == (6, 3, 2))
    #expect(plan.warnings.count == 3)
    #expect(plan.warnings[0].hasPrefix("\(source.displayName):5:1: warning: scaling_group_id: line 2 "))
    #expect(plan.warnings[2].contains("plan.csv:7:1: "))
    #expect(plan.warnings[2].contains("line 5 "))
  }

  @Test func `many repeats are listed up to a hundred and then counted`() throws {
    let rows = (0..<1_000).map { ("project-a", "group-\($0 % 10)", $0 % 50) }
    let plan = try ledger.load(csvPlan(rows), into: writer)
    #expect(plan.groupCount == 10)
    #expect(plan.warnings.count == 101)
    #expect(plan.warnings[0].contains(":12:1: "))
    #expect(plan.warnings[100].contains("890 more"))
    let after = try writer.database.read {
      try Int.fetchAll($0, sql: "SELECT (after & 4294967295) FROM change WHERE after IS NOT NULL ORDER BY id")
    }
    #expect(after == Array(1...990))
  }

  @Test func `plan_group finds each group of a large plan`() throws {
    let plan = try ledger.load(csvPlan(groups: 3_000), into: writer)
    try writer.read { (snapshot) throws in
      for number in stride(from: 1, through: 3_000, by: 7) {
        let group = GroupReference(projectID: "project-a", groupID: "group-\(number)")
        #expect(try snapshot.changes(ofPlan: plan.id, to: group).map(\.change) == [number])
      }
    }
  }

  @Test func `checking finds what loading finds, and needs no ledger`() throws {
    let rows = [("p", "a", 1), ("p", "b", 1), ("p", "a", 2)]
    let source = try ledger.plan(csvPlan(rows))
    let files = try ledger.files
    let check = try PlanStore.check(source, format: .csv, defaultProjectID: nil)
    #expect(check.summary.isValid)
    #expect((check.groupCount, check.projectCount) == (2, 1))
    #expect(check.repeats.map(\.line) == [4])
    #expect(try ledger.files == files)
    let bad = try PlanStore.check(try ledger.plan("nonsense\n1\n"), format: .csv, defaultProjectID: nil)
    #expect(!bad.summary.isValid)
    #expect(bad.repeats.isEmpty)
  }

  @Test func `what a killed load has left is swept by the next one`() async throws {
    let path = ledger.path
    let source = try ledger.plan(csvPlan(groups: 50_000), name: "large.csv")
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, file = source.displayName as String] in
      let writer = try LedgerWriter.open(path, command: "load", toolVersion: "0")
      // Dies when some were committed: the reader waits for the writer after a few batches.
      _ = try PlanStore(writer).load(PlanSource(argument: file), format: .csv, defaultProjectID: nil) { count in
        if count >= 20_000 { kill(getpid(), SIGKILL) }
      }
    }
    #expect(try rowCounts()["plan"] == 1)
    #expect(try writer.read { try $0.plans() }.isEmpty)
    let plan = try ledger.load(csvPlan(groups: 10), into: writer)
    #expect(try writer.read { try $0.plans() } == [plan])
    let counts = try rowCounts()
    #expect(counts["plan"] == 1)
    #expect(counts["change"] == 10)
    #expect(counts["plan_group"] == 10)
  }

  @Test func `a disk that is full in the middle of a load leaves a ledger that can go on`() async throws {
    let path = ledger.path
    let source = try ledger.plan(csvPlan(groups: 50_000), name: "large.csv")
    await #expect(processExitsWith: .success) { [path = path as String, file = source.displayName as String] in
      let writer = try LedgerWriter.open(path, command: "load", toolVersion: "0")
      // A limit of the size of files fails writes as a full disk does.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 2 << 20, rlim_max: 2 << 20)
      precondition(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      do {
        _ = try PlanStore(writer).load(PlanSource(argument: file), format: .csv, defaultProjectID: nil)
        preconditionFailure("loaded without room")
      } catch let error as LedgerError {
        precondition(error.exitStatus == 74, "\(error)")
      }
    }
    #expect(try writer.read { try $0.plans() }.isEmpty)
    guard case .loaded(let plan) = try PlanStore(writer).load(source, format: .csv, defaultProjectID: nil) else {
      Issue.record("not loaded")
      return
    }
    #expect(plan.groupCount == 50_000)
    #expect(try rowCounts()["plan"] == 1)
    #expect(try integrity() == "ok")
  }

  @Test func `two loads at once leave each other alone, and a third writer gets in between`() throws {
    let path = ledger.path
    let sources = try (0..<2).map { number in
      try ledger.plan(csvPlan((1...20_000).map { ("project-\(number)", "group-\($0)", 1) }), name: "\(number).csv")
    }
    let failures = DatabaseFailures()
    let group = DispatchGroup()
    for source in sources {
      DispatchQueue(label: "load").async(group: group) { @Sendable in
        do {
          let writer = try LedgerWriter.open(path, command: "load", toolVersion: "0")
          let outcome = try PlanStore(writer).load(source, format: .csv, defaultProjectID: nil)
          guard case .loaded = outcome else { throw CancellationError() }
          try writer.close()
        } catch {
          failures.append(error)
        }
      }
    }
    var longest = Duration.zero
    var writes = 0
    repeat {
      let start = ContinuousClock.now
      try writer.write { try $0.execute(sql: "INSERT INTO project (project_id) VALUES (?)", arguments: ["w\(writes)"]) }
      longest = max(longest, .now - start)
      writes += 1
    } while group.wait(timeout: .now()) == .timedOut
    #expect(failures.all.isEmpty)
    #expect(writes > 1)
    #expect(longest < .seconds(2), "a commit beside two loads took \(longest)")
    let plans = try writer.read { try $0.plans() }
    #expect(plans.map(\.groupCount) == [20_000, 20_000])
    #expect(try ledger.files.contains("fleetplan.sqlite.loading") == false)
  }

  @Test func `progress counts the changes`() throws {
    var counts: [Int] = []
    _ = try PlanStore(writer).load(
      try ledger.plan(csvPlan(groups: 2_000)), format: .csv, defaultProjectID: nil
    ) { counts.append($0) }
    #expect(counts == counts.sorted() && counts.count == 3)
  }
}
