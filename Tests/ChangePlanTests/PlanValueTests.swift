import AutoScaling
import ChangePlan
import Testing

/// What a plan means: the values that its cells and keys stand for.
struct PlanValueTests {
  private func changes(_ text: String, as format: PlanFormat) throws -> [PlanChange] {
    let outcome = try PlanText.read(text, as: format)
    #expect(outcome.diagnostics.isEmpty)
    return outcome.changes
  }

  @Test(arguments: [
    (GroupField.maxInstanceNumber, "3", FieldValue.integer(3)),
    (.coolDownTime, "0", .integer(0)),
    (.deleteVolume, "TRUE", .boolean(true)),
    (.deletePublicIP, "False", .boolean(false)),
    (.scalingGroupName, "web-1", .string("web-1")),
    (.description, "\" two words, and a comma \"", .string(" two words, and a comma ")),
    (.description, "\"say \"\"no\"\"\"", .string("say \"no\"")),
    (.enterpriseProjectID, "\"\"\"\"\"\"", .string("")),
    (.enterpriseProjectID, "0", .string("0")),
    (.availableZones, "eu-de-01;eu-de-02", .strings(["eu-de-01", "eu-de-02"])),
    (.availableZones, "\"[\"\"eu-de-01\"\", \"\"eu-de-02\"\"]\"", .strings(["eu-de-01", "eu-de-02"])),
    (.notifications, "[]", .strings([])),
    (.notifications, "EMAIL", .strings(["EMAIL"])),
    (.networks, "n-1;n-2", .networks([Network(id: "n-1"), Network(id: "n-2")])),
    (
      .networks,
      "\"[{\"\"id\"\":\"\"n-1\"\",\"\"ipv6_enable\"\":true,\"\"ipv6_bandwidth\"\":{\"\"id\"\":\"\"b\"\"}}]\"",
      .networks([Network(id: "n-1", ipv6Enable: true, ipv6BandwidthID: "b")])
    ),
    (.securityGroups, "sg-1", .securityGroups(["sg-1"])),
    (.securityGroups, "\"[{\"\"id\"\":\"\"sg-1\"\"}]\"", .securityGroups(["sg-1"])),
    (.lbListenerID, "\"l-1,l-2\"", .string("l-1,l-2")),
    (
      .lbaasListeners, "p-1:80:0;p-1:443:100",
      .listeners([
        Listener(poolID: "p-1", protocolPort: 80, weight: 0), Listener(poolID: "p-1", protocolPort: 443, weight: 100),
      ])
    ),
  ])
  func `a cell stands for a value`(field: GroupField, cell: String, value: FieldValue) throws {
    let changes = try changes("scaling_group_id,\(field.rawValue)\ng,\(cell)\n", as: .csv)
    #expect(changes.map(\.planned) == [GroupModification([field: value])])
  }

  @Test func `an empty cell leaves its field as it is`() throws {
    let text = "scaling_group_id,min_instance_number,max_instance_number,comment\ng,,3,\ng,\"\",4,\"\"\"\"\"\"\n"
    let changes = try changes(text, as: .csv)
    #expect(
      changes.map(\.planned) == [
        GroupModification([.maxInstanceNumber: .integer(3)]), GroupModification([.maxInstanceNumber: .integer(4)]),
      ])
    #expect(changes.map(\.comment) == [nil, nil])
  }

  @Test func `comments are carried along with their line breaks`() throws {
    let text = "comment,scaling_group_id,max_instance_number\n\"a \"\"b\"\"\r\nc\",g,3\n"
    #expect(try changes(text, as: .csv).first?.comment == "a \"b\"\r\nc")
  }

  // MARK: Expectations

  @Test func `a field equal to its own expectation is neither planned nor expected`() throws {
    let text = """
      scaling_group_id,min_instance_number,expect:min_instance_number,max_instance_number,expect:max_instance_number
      a,1,1,5,4
      b,1,1,5,5
      c,1,,5,4
      """
    let outcome = try PlanText.read(text, as: .csv)
    #expect(outcome.diagnostics.isEmpty)
    #expect(outcome.summary.unchangedCount == 1)
    #expect(outcome.summary.changeCount == 2)
    #expect(outcome.changes.map(\.number) == [1, 2])
    #expect(outcome.changes.map(\.line) == [2, 4])
    #expect(outcome.changes[0].planned == GroupModification([.maxInstanceNumber: .integer(5)]))
    #expect(outcome.changes[0].expected == GroupModification([.maxInstanceNumber: .integer(4)]))
    #expect(
      outcome.changes[1].planned
        == GroupModification([.minInstanceNumber: .integer(1), .maxInstanceNumber: .integer(5)]))
  }

  @Test func `an expectation of a field that is not planned is a guard`() throws {
    let text = "scaling_group_id,max_instance_number,expect:scaling_group_name\ng,5,web\n"
    let change = try #require(try changes(text, as: .csv).first)
    #expect(change.planned == GroupModification([.maxInstanceNumber: .integer(5)]))
    #expect(change.expected == GroupModification([.scalingGroupName: .string("web")]))
  }

  @Test func `what is equal is not held to the rules of a planned value`() throws {
    // As `groups` writes them: live values that could not be set.
    let text = """
      scaling_group_id,max_instance_number,security_groups,expect:security_groups,description,expect:description
      g,5,[],[],\"\"\"\"\"\",\"\"\"\"\"\"
      """
    #expect(try changes(text, as: .csv).map(\.planned) == [GroupModification([.maxInstanceNumber: .integer(5)])])
  }

  @Test func `equal means equal to the API`() throws {
    let text = """
      scaling_group_id,max_instance_number,enterprise_project_id,expect:enterprise_project_id,notifications,expect:notifications
      g,5,0,\"\"\"\"\"\",EMAIL,[]
      """
    let change = try #require(try changes(text, as: .csv).first)
    #expect(change.planned.fields == [.maxInstanceNumber, .notifications])
    #expect(change.expected == GroupModification([.notifications: .strings([])]))
  }

  @Test func `a new order of availability zones is a change`() throws {
    let text = "scaling_group_id,available_zones,expect:available_zones\ng,b;a,a;b\n"
    #expect(try changes(text, as: .csv).count == 1)
  }

  // MARK: JSON

  @Test func `defaults are merged under every change`() throws {
    let text = """
      {"name": "n", "defaults": {"project_id": "p", "comment": "c", "cool_down_time": 60, "max_instance_number": 9,
        "expect": {"cool_down_time": 300}},
       "changes": [{"scaling_group_id": "a"},
         {"scaling_group_id": "b", "project_id": "q", "comment": "d", "max_instance_number": 7,
          "expect": {"cool_down_time": 60, "max_instance_number": 3}}]}
      """
    #expect(try PlanText.read(text, as: .json).summary.name == "n")
    let changes = try changes(text, as: .json)
    #expect(changes.map(\.group) == [.init(projectID: "p", groupID: "a"), .init(projectID: "q", groupID: "b")])
    #expect(changes.map(\.comment) == ["c", "d"])
    #expect(changes.map(\.line) == [3, 4])
    #expect(changes[0].planned == GroupModification([.maxInstanceNumber: .integer(9), .coolDownTime: .integer(60)]))
    #expect(changes[0].expected == GroupModification([.coolDownTime: .integer(300)]))
    #expect(changes[1].planned == GroupModification([.maxInstanceNumber: .integer(7)]))
    #expect(changes[1].expected == GroupModification([.maxInstanceNumber: .integer(3)]))
  }

  @Test func `a default that contradicts a change is reported at the change`() throws {
    let text = """
      {"defaults": {"max_instance_number": 2, "lb_listener_id": "l"},
       "changes": [{"scaling_group_id": "a", "min_instance_number": 5, "max_instance_number": 5},
        {"scaling_group_id": "b", "min_instance_number": 5},
        {"scaling_group_id": "c", "lbaas_listeners": [{"pool_id": "p", "protocol_port": 1, "weight": 1}]}]}
      """
    #expect(
      try PlanText.read(text, as: .json).diagnostics == [
        "plan:3:3: error: max_instance_number: 2 is below min_instance_number (5)",
        "plan:4:48: error: lbaas_listeners: excludes lb_listener_id: a group has listeners of one kind, give one of them",
      ])
  }

  @Test func `the three formats mean the same`() throws {
    let csv = """
      scaling_group_id,available_zones,lbaas_listeners,delete_volume,cool_down_time,expect:cool_down_time
      g,eu-de-01;eu-de-02,p:80:5,false,0,300
      """
    let change = """
      {"scaling_group_id": "g", "available_zones": ["eu-de-01", "eu-de-02"], "delete_volume": false, "cool_down_time": 0, \
      "lbaas_listeners": [{"pool_id": "p", "protocol_port": 80, "weight": 5}], "expect": {"cool_down_time": 300}}
      """
    let first = try #require(try changes(csv, as: .csv).first)
    for (text, format) in [("[\(change)]", PlanFormat.json), ("{\"changes\":[\(change)]}", .json), (change, .jsonl)] {
      let other = try #require(try changes(text, as: format).first)
      #expect(other.planned == first.planned)
      #expect(other.expected == first.expected)
      #expect(other.group == first.group)
    }
  }
}
