import Testing

@testable import ChangePlan

struct NameSuggestionTests {
  @Test(arguments: [
    ("max_instnace_number", "max_instance_number"), ("MAX_INSTANCE_NUMBER", "max_instance_number"),
    ("desired_instance_number", "desire_instance_number"), ("max-instance-number", "max_instance_number"),
    ("group_id", "scaling_group_id"), ("name", "scaling_group_name"), ("cooldown_time", "cool_down_time"),
    ("availability_zones", "available_zones"), ("expect:networsk", "expect:networks"), ("descripton", "description"),
    ("instance_type", nil), ("flavor", nil), ("x", nil), ("", nil), (String(repeating: "a", count: 5_000), nil),
  ])
  func `the name that was probably meant`(name: String, meant: String?) {
    #expect(NameSuggestion.nearest(to: name, among: PlanColumn.columnNames) == meant)
  }
}
