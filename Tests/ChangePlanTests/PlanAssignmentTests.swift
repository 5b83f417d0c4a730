import AutoScaling
import ChangePlan
import Testing

struct PlanAssignmentTests {
  @Test(arguments: [
    ("cool_down_time=300", GroupField.coolDownTime, FieldValue.integer(300)),
    ("delete_volume=TRUE", .deleteVolume, .boolean(true)),
    ("description=a=b, c", .description, .string("a=b, c")),
    ("enterprise_project_id=\"\"", .enterpriseProjectID, .string("")),
    ("notifications=[]", .notifications, .strings([])),
    ("available_zones=eu-de-01;eu-de-02", .availableZones, .strings(["eu-de-01", "eu-de-02"])),
    (
      #"networks=[{"id":"n-1","ipv6_enable":true}]"#, .networks,
      .networks([Network(id: "n-1", ipv6Enable: true)])
    ),
  ])
  func `a value is read as a cell is`(argument: String, field: GroupField, value: FieldValue) throws {
    let assignment = try PlanAssignment(argument: argument)
    #expect(assignment.field == field)
    #expect(assignment.value == value)
  }

  @Test(arguments: [
    ("cool_down_time", "\"cool_down_time\" is no assignment: write FIELD=VALUE"),
    ("cool_down=300", "unknown field \"cool_down\" (did you mean cool_down_time?)"),
    ("comment=x", "comment is not a field that can be changed"),
    ("expect:cool_down_time=300", "expect:cool_down_time is not a field that can be changed"),
    (
      "description=",
      "description: there is no value; for fields that can be empty, \"\" is the empty string and [] the empty list"
    ),
    ("description=\"\"", "description: has no documented empty value: leave the field out to keep it as it is"),
    ("cool_down_time=90000", "cool_down_time: 90000 is not within 0 to 86400 seconds"),
    (
      "delete_volume=WAHR",
      "delete_volume: \"WAHR\" is not a boolean of a plan: write true (in a spreadsheet, format the column as text first)"
    ),
    ("cool_down_time=5m", "cool_down_time: \"5m\" is not a whole number: write digits only, such as 300"),
    ("networks=[{}]", "networks: an element without id"),
  ])
  func `what is wrong is said in the words of a plan's diagnostics`(argument: String, message: String) {
    let problem = #expect(throws: PlanArgumentProblem.self) { try PlanAssignment(argument: argument) }
    #expect(problem?.description == message)
  }

  @Test func `several set several fields, each once and none against another`() throws {
    let both = try GroupModification(assignments: ["cool_down_time=60", "min_instance_number=2"])
    #expect(both == GroupModification([.minInstanceNumber: .integer(2), .coolDownTime: .integer(60)]))
    #expect(try GroupModification(assignments: []).isEmpty)
    for (arguments, message) in [
      (["cool_down_time=60", "cool_down_time=60"], "cool_down_time is set twice"),
      (
        ["min_instance_number=5", "max_instance_number=2"],
        "max_instance_number: 2 is below min_instance_number (5)"
      ),
      (
        ["lb_listener_id=l-1", "lbaas_listeners=p-1:80:1"],
        "lbaas_listeners: excludes lb_listener_id: a group has listeners of one kind, give one of them"
      ),
    ] {
      let problem = #expect(throws: PlanArgumentProblem.self) { try GroupModification(assignments: arguments) }
      #expect(problem?.description == message)
    }
  }
}
