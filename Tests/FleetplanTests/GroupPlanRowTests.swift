import ArgumentParser
import AutoScaling
import ChangePlan
import Foundation
import Reports
import TestSupport
import Testing

@testable import fleetplan

/// Live groups as rows of plans, read back by the plan's own reader.
struct GroupPlanRowTests {
  private static let seeds = ReplaySeed.seeds(1..<31)
  private static let project = "0f3a6bd2c1de4a55b0c6a1f2d3e4f506"

  /// Groups with everything that a service may show: fields that are absent, null or empty, values that a plan would be
  /// refused for, and values that no cell can hold.
  private static func groups(seed: UInt64) -> [ScalingGroup] {
    var random = RandomFieldValues(seed: seed)
    return (1...40).map { number in
      var values = GroupModification()
      for field in GroupField.allCases {
        switch random.number(0...9) {
        case 0: break
        case 1: values[field] = .null
        case 2: values[field] = empty(field) ?? .null
        case 3: values[field] = strange(field, &random) ?? random.value(of: field)
        default: values[field] = random.value(of: field)
        }
      }
      return ScalingGroup(id: "g-\(seed)-\(number)", values: values)
    }
  }

  private static func empty(_ field: GroupField) -> FieldValue? {
    switch field.kind {
    case .string: .string("")
    case .strings: .strings([])
    case .networks: .networks([])
    case .securityGroups: .securityGroups([])
    case .listeners: .listeners([])
    case .integer, .boolean: nil
    }
  }

  private static func strange(_ field: GroupField, _ random: inout RandomFieldValues) -> FieldValue? {
    switch field.kind {
    case .string:
      .string(
        random.pick([
          "=1+1", "-web", "+49", "@home", "007", "1e5", "1E10", " spaces ", "\"\"", "bell \u{7}", "für alle", "TRUE",
          "3-4",
          "a;b,c\td", "line\r\nbreak", String(repeating: "x", count: 400),
        ]))
    case .integer: .integer(random.pick([-1, 100_000, 1_234_567_890_123]))
    case .strings: .strings(["a;b", "c,d", "", "[e]", "a;b"])
    case .networks:
      .networks([
        Network(id: "n 1", ipv6Enable: true, ipv6BandwidthID: "b"), Network(id: "", ipv6Enable: false),
        Network(id: "n", ipv6Enable: false, ipv6BandwidthID: "lonely"),
      ])
    case .securityGroups: .securityGroups(["s-1", "s-2", "s 3"])
    case .listeners: .listeners([Listener(poolID: "p:1", protocolPort: 0, weight: 1_000)])
    case .boolean: nil
    }
  }

  private static func maker(
    _ fields: [GroupField]? = nil, set: GroupModification = GroupModification(), expects: Bool = true,
    isCSV: Bool = true
  ) -> GroupPlanRowMaker {
    GroupPlanRowMaker(fields: fields, assignments: set, expectsLiveValues: expects, isCSV: isCSV)
  }

  /// The plan as the command writes it.
  private static func plan(
    _ groups: [ScalingGroup], _ maker: GroupPlanRowMaker, _ format: GroupPlanOutput.Format
  ) throws -> String {
    let folder = try TemporaryFolder()
    let path = folder.path("plan")
    let output = try GroupPlanOutput(format, rowsOf: maker, to: path, CommandContext(try GlobalOptions.parse([])))
    for group in groups {
      let row = maker.row(group)
      if row.planned.isEmpty { continue }
      try output.add(row, of: GroupReference(projectID: project, groupID: group.id))
    }
    try output.finish()
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  private static func read(
    _ text: String, as format: PlanFormat
  ) throws -> (changes: [PlanChange], summary: PlanSummary) {
    let folder = try TemporaryFolder()
    try folder.file("plan", text)
    var changes: [PlanChange] = []
    let source = PlanSource(origin: .path(folder.path("plan")), displayName: "plan")
    let summary = try PlanReader().read(source, format: format) { changes.append($0) }
    return (changes, summary)
  }

  private static func expectNoChange(_ text: String, as format: PlanFormat, rows: Int, _ note: String) throws {
    let (changes, summary) = try read(text, as: format)
    #expect(changes.isEmpty, "\(note)")
    #expect(
      summary.diagnostics.listed.map(\.message) == ["every value equals its own expect: the plan changes nothing"],
      "\(note)")
    #expect(summary.unchangedCount == rows, "\(note)")
  }

  // MARK: As they are

  @Test(arguments: seeds)
  func `a plan that nobody has edited changes nothing, whatever the groups hold`(seed: UInt64) throws {
    let groups = Self.groups(seed: seed)
    for separator in CSVSeparator.allCases {
      let text = try Self.plan(groups, Self.maker(), .csv(separator, hasByteOrderMark: seed % 2 == 0))
      try Self.expectNoChange(text, as: .csv, rows: groups.count, "seed \(seed), \(separator)")
      let withCRLF = text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
      try Self.expectNoChange(withCRLF, as: .csv, rows: groups.count, "seed \(seed), \(separator), CRLF")
    }
    let json = try Self.plan(groups, Self.maker(isCSV: false), .json)
    try Self.expectNoChange(json, as: .json, rows: groups.count, "seed \(seed), JSON")
  }

  @Test(arguments: seeds, Spreadsheet.Program.all)
  func `neither does one that a spreadsheet has saved`(seed: UInt64, program: Spreadsheet.Program) throws {
    let groups = Self.groups(seed: seed)
    let sheet = Spreadsheet(try Self.plan(groups, Self.maker(), .csv(.comma, hasByteOrderMark: false)), in: program)
    #expect(sheet.rows.count == groups.count)
    try Self.expectNoChange(sheet.saved, as: .csv, rows: groups.count, "seed \(seed), \(program)")
  }

  @Test(arguments: seeds)
  func `without expected values it says what can be sent, and a reader has nothing to say against it`(
    seed: UInt64
  ) throws {
    let groups = Self.groups(seed: seed)
    let byID = Dictionary(uniqueKeysWithValues: groups.map { ($0.id, $0) })
    for (format, text) in [
      (
        PlanFormat.csv,
        try Self.plan(groups, Self.maker(expects: false), .csv(.semicolon, hasByteOrderMark: false))
      ),
      (.json, try Self.plan(groups, Self.maker(expects: false, isCSV: false), .json)),
    ] {
      let (changes, summary) = try Self.read(text, as: format)
      #expect(summary.diagnostics.listed.isEmpty, "seed \(seed)")
      #expect(changes.count >= groups.count - 1, "seed \(seed)")
      for change in changes {
        let group = try #require(byID[change.group.groupID])
        for entry in change.planned.entries {
          #expect(group.holds(entry.value, for: entry.field, given: change.planned) == true, "seed \(seed)")
        }
      }
    }
  }

  // MARK: Cells

  @Test func `what is not set has a cell that says so, in both columns`() throws {
    let group = ScalingGroup(
      id: "g-1",
      values: GroupModification([
        .scalingGroupName: .string("web-1"), .coolDownTime: .null, .networks: .networks([]), .lbListenerID: .null,
        .notifications: .null, .deleteVolume: .boolean(false), .enterpriseProjectID: .string("0"),
        .description: .string(""),
      ]))
    let fields: [GroupField] = [
      .scalingGroupName, .coolDownTime, .networks, .lbListenerID, .notifications, .deletePublicIP, .deleteVolume,
      .enterpriseProjectID, .description,
    ]
    let text = try Self.plan([group], Self.maker(fields), .csv(.semicolon, hasByteOrderMark: false))
    let cells = #"[];"""""";[];;false;0;"""""""#
    #expect(text.split(separator: "\n").last == "\(Self.project);g-1;web-1;;\(cells);;\(cells);web-1")
  }

  @Test func `the last column is never empty`() throws {
    // Excel leaves out the separators in front of cells that are empty down to the last one.
    let text = try Self.plan(
      [ScalingGroup(id: "g-1", values: GroupModification([.scalingGroupName: .string("web-1")]))], Self.maker(),
      .csv(.comma, hasByteOrderMark: false))
    #expect(text.split(separator: "\n").first?.hasSuffix(",expect:scaling_group_name") == true)
    #expect(text.hasSuffix(",web-1\n"))
  }

  @Test func `a value that no cell can hold is left out and told`() {
    let group = ScalingGroup(
      id: "g-1", values: GroupModification([.scalingGroupName: .string(" web"), .description: .string("bell \u{7}")]))
    let row = Self.maker([.description]).row(group)
    #expect(row.planned.isEmpty && row.expected.isEmpty)
    #expect(row.unheld == [.scalingGroupName, .description])
    #expect(Self.maker([.description], isCSV: false).row(group).unheld.isEmpty)
  }

  // MARK: What is to be set

  @Test func `what is set stands beside what the group holds`() throws {
    let set = GroupModification([
      .coolDownTime: .integer(300), .availableZones: .strings(["eu-de-01", "eu-de-02"]),
    ])
    let maker = Self.maker(set: set)
    #expect(maker.fields == [.scalingGroupName, .coolDownTime, .availableZones])
    func group(_ id: String, _ coolDown: Int, _ zones: [String], policy: String) -> ScalingGroup {
      ScalingGroup(
        id: id,
        values: GroupModification([
          .scalingGroupName: .string(id), .coolDownTime: .integer(coolDown), .availableZones: .strings(zones),
          .multiAZPriorityPolicy: .string(policy),
        ]))
    }
    let groups = [
      group("g-other", 200, ["eu-de-01", "eu-de-02"], policy: "PICK_FIRST"),
      group("g-same", 300, ["eu-de-02", "eu-de-01"], policy: "EQUILIBRIUM_DISTRIBUTE"),
      group("g-order", 300, ["eu-de-02", "eu-de-01"], policy: "PICK_FIRST"),
    ]
    #expect(groups.map { maker.row($0).holdsAssignments } == [false, true, false])
    let text = try Self.plan(groups, maker, .csv(.comma, hasByteOrderMark: false))
    #expect(
      text == """
        project_id,scaling_group_id,scaling_group_name,cool_down_time,available_zones,expect:cool_down_time,\
        expect:available_zones,expect:scaling_group_name
        \(Self.project),g-other,g-other,300,"eu-de-01;eu-de-02",200,"eu-de-01;eu-de-02",g-other
        \(Self.project),g-same,g-same,300,"eu-de-02;eu-de-01",300,"eu-de-02;eu-de-01",g-same
        \(Self.project),g-order,g-order,300,"eu-de-01;eu-de-02",300,"eu-de-02;eu-de-01",g-order

        """)
    let (changes, summary) = try Self.read(text, as: .csv)
    #expect(summary.unchangedCount == 1)
    #expect(changes.map(\.planned) == [set.filter { $0 == .coolDownTime }, set.filter { $0 == .availableZones }])
    #expect(changes.map(\.expected.fields) == [[.coolDownTime], [.availableZones]])
  }

  @Test func `without expected values a live limit that contradicts what is set is left out`() {
    let group = ScalingGroup(
      id: "g-1",
      values: GroupModification([
        .scalingGroupName: .string("web"), .minInstanceNumber: .integer(4), .maxInstanceNumber: .integer(8),
        .coolDownTime: .integer(60),
      ]))
    let row = Self.maker(
      [.minInstanceNumber, .coolDownTime], set: GroupModification([.maxInstanceNumber: .integer(2)]), expects: false
    ).row(group)
    #expect(row.planned == GroupModification([.maxInstanceNumber: .integer(2), .coolDownTime: .integer(60)]))
  }
}
