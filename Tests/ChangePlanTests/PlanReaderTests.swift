import AutoScaling
import ChangePlan
import Foundation
import Testing

struct PlanReaderTests {
  private static let header = "scaling_group_id,max_instance_number\n"

  // MARK: Source and format

  @Test(arguments: [
    ("a/plan.csv", PlanFormat.csv), ("plan.TSV", .csv), ("plan.json", .json), ("x.y.jsonl", .jsonl),
    ("p.ndjson", .jsonl),
    ("plan", nil), ("plan.xlsx", nil), ("dir.csv/plan", nil), ("", nil),
  ])
  func `the format is told from the name's ending`(path: String, format: PlanFormat?) {
    #expect(PlanFormat(path: path) == format)
  }

  @Test func `a hyphen is standard input`() {
    #expect(PlanSource(argument: "-") == .standardInput)
    #expect(PlanSource.standardInput.baseName == "standard input")
    #expect(PlanSource(argument: "plans/raise.csv").baseName == "raise.csv")
    #expect(PlanSource(argument: "plans/raise.csv").displayName == "plans/raise.csv")
  }

  @Test func `a pipe is read to its end`() throws {
    let pipe = Pipe()
    let text = Self.header + (1...2_000).map { "group-\($0),\($0 % 100)\n" }.joined()
    let writer = Thread {
      pipe.fileHandleForWriting.write(Data(text.utf8))
      pipe.fileHandleForWriting.closeFile()
    }
    writer.start()
    let source = PlanSource(origin: .descriptor(pipe.fileHandleForReading.fileDescriptor), displayName: "<stdin>")
    let outcome = try PlanText.read(source, as: .csv, project: PlanText.project)
    #expect(outcome.changes.count == 2_000)
    #expect(outcome.summary.byteCount == text.utf8.count)
  }

  @Test func `what cannot be opened or read is said with its cause`() throws {
    let missing = PlanSource(argument: "/no/such/plan.csv")
    let opening = #expect(throws: PlanReadError.self) { try PlanReader().read(missing, format: .csv) }
    #expect(opening?.description == "/no/such/plan.csv: cannot open the plan: No such file or directory")
    let folder = PlanSource(argument: FileManager.default.temporaryDirectory.path)
    let reading = #expect(throws: PlanReadError.self) { try PlanReader().read(folder, format: .csv) }
    #expect(reading?.description == "\(folder.displayName): cannot read the plan: Is a directory")
  }

  @Test(arguments: ["../x", "a/b", "a b", "", "..", "a?b"])
  func `a default project that could change the path is refused`(id: String) {
    let error = #expect(throws: PlanReadError.self) { try PlanReader(defaultProjectID: id) }
    #expect(error?.description.hasPrefix("--project: ") == true)
  }

  // MARK: Summary

  @Test func `the digest is that of the file's bytes, also of those behind the last change read`() throws {
    // `printf 'abc' | sha256sum`
    let abc = try PlanText.read("abc", as: .json)
    #expect(abc.summary.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(abc.summary.byteCount == 3)
    let long = try PlanText.read("{\"changes\": 1} x" + String(repeating: " ", count: 200_000), as: .json)
    #expect(long.summary.byteCount == 200_016)
  }

  @Test func `the default project is for rows that name none`() throws {
    let other = "00000000000000000000000000000001"
    let text = "project_id,scaling_group_id,max_instance_number\n,a,1\n\(other),b,2\n"
    let outcome = try PlanText.read(text, as: .csv)
    #expect(outcome.changes.map(\.group.projectID) == [PlanText.project, other])
    #expect(outcome.changes.map(\.line) == [2, 3])
  }

  // MARK: Problems without end

  @Test func `all problems are counted and the first thousand listed`() throws {
    let rows = (1...2_500).map { "group-\($0),\($0 == 2_500 ? "7" : "x")\n" }.joined()
    let outcome = try PlanText.read(Self.header + rows, as: .csv)
    #expect(outcome.summary.diagnostics.errorCount == 2_499)
    #expect(outcome.summary.diagnostics.listed.count == 1_000)
    #expect(outcome.summary.diagnostics.unlistedCount == 1_499)
    #expect(outcome.summary.diagnostics.listed.map(\.line) == Array(2...1_001))
    #expect(outcome.summary.changeCount == 1)
    #expect(outcome.changes.isEmpty)
  }

  @Test func `warnings do not crowd out errors`() throws {
    let header = "scaling_group_id,health_periodic_audit_method,health_periodic_audit_grace_period\n"
    let rows = (1...1_500).map { "group-\($0),\($0 == 1_500 ? "NONE" : "NOVA_AUDIT"),600\n" }.joined()
    let diagnostics = try PlanText.read(header + rows, as: .csv).summary.diagnostics
    #expect(diagnostics.errorCount == 1)
    #expect(diagnostics.warningCount == 1_499)
    #expect(diagnostics.listed.count == 1_000)
    #expect(diagnostics.listed.last?.severity == .error)
    #expect(diagnostics.listed.last?.line == 1_501)
  }

  @Test func `warnings alone do not refuse a plan`() throws {
    let text = Self.header + "a,1\n\nb,2\n"
    let outcome = try PlanText.read(text, as: .csv)
    #expect(outcome.summary.isValid)
    #expect(outcome.changes.map(\.number) == [1, 2])
    #expect(outcome.changes.map(\.line) == [2, 4])
    #expect(outcome.diagnostics == ["plan:3:1: warning: this row is empty and was skipped"])
  }

  @Test func `changes come until the first error`() throws {
    let outcome = try PlanText.read(Self.header + "a,1\nb,x\nc,3\n", as: .csv)
    #expect(outcome.changes.map(\.group.groupID) == ["a"])
    #expect(outcome.summary.changeCount == 2)
  }

  @Test(arguments: PlanFormat.allCases)
  func `an error of the receiver ends the reading and comes through`(format: PlanFormat) throws {
    struct Full: Error {}
    let change = #"{"scaling_group_id": "a", "max_instance_number": 1}"#
    let text =
      switch format {
      case .csv: Self.header + "a,1\nb,2\n"
      case .json: "[\(change), \(change)]"
      case .jsonl: "\(change)\n\(change)\n"
      }
    let file = FileManager.default.temporaryDirectory.appending(path: "plan-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: file) } }
    var count = 0
    #expect(throws: Full.self) {
      try PlanReader(defaultProjectID: PlanText.project).read(PlanSource(argument: file.path), format: format) { _ in
        count += 1
        throw Full()
      }
    }
    #expect(count == 1)
  }

  // MARK: Sizes

  @Test func `a quotation mark that swallows the file is refused after a mebibyte`() throws {
    let rows = String(repeating: "group,1\n", count: 200_000)
    let outcome = try PlanText.read(Self.header + "a,x\n\"b,2\n" + rows, as: .csv)
    #expect(
      outcome.diagnostics == [
        "plan:2:3: error: max_instance_number: \"x\" is not a whole number: write digits only, such as 300",
        "plan:3:1: error: scaling_group_id: a quotation mark that is not closed within 1 MiB: close it; "
          + "the rows behind it were not read",
      ])
  }

  @Test func `a row, a change and a line may have a mebibyte and not more`() throws {
    let long = String(repeating: "c", count: 1_000_000)
    let tooLong = String(repeating: "c", count: 1_100_000)
    let csv = "scaling_group_id,max_instance_number,comment\n"
    #expect(try PlanText.read(csv + "a,1,\(long)\nb,1,x\n", as: .csv).changes.count == 2)
    #expect(
      try PlanText.read(csv + "a,1,\(tooLong)\nb,1,x\n", as: .csv).diagnostics
        == ["plan:2:1: error: scaling_group_id: a row longer than 1 MiB: the rows behind it were not read"])
    let change = { (comment: String) in #"{"scaling_group_id":"a","max_instance_number":1,"comment":"\#(comment)"}"# }
    #expect(try PlanText.read("[\(change(long))]", as: .json).changes.first?.comment?.count == 1_000_000)
    #expect(
      try PlanText.read("[\(change(tooLong))]", as: .json).diagnostics == ["plan:1:2: error: a value larger than 1 MiB"]
    )
    #expect(try PlanText.read("\(change(long))\n", as: .jsonl).changes.count == 1)
    #expect(
      try PlanText.read("\(change(tooLong))\n\(change("x"))\n", as: .jsonl).diagnostics
        == ["plan:1:1: error: a line longer than 1 MiB: the lines behind it were not read"])
  }

  @Test func `a diagnostic is one short line, whatever the file contains`() throws {
    let hostile = "\u{1b}[2J" + String(repeating: "x", count: 5_000)
    let json = #"{"scaling_group_id": "a", "max_instance_number": 1, "\u001b[2J\nx\#(hostile.dropFirst())": 1}"#
    for outcome in [
      try PlanText.read("[\(json)]", as: .json),
      try PlanText.read(
        "scaling_group_id,max_instance_number,\"a\n\u{2028}\(hostile.dropFirst())\"\nb,1,2\n", as: .csv),
    ] {
      let diagnostic = try #require(outcome.diagnostics.first)
      #expect(diagnostic.utf8.count < 400)
      #expect(!diagnostic.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 })
    }
  }
}
