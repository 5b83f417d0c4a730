import AutoScaling
import ChangePlan
import Foundation
import JSONText
import Testing

/// The example plans and their schema in `plans/`.
struct ExamplePlanTests {
  private static let folder: URL = {
    let root =
      ProcessInfo.processInfo.environment["FLEETPLAN_ROOT"].map { URL(filePath: $0) }
      ?? URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "../..")
    return root.standardized.appending(path: "plans")
  }()

  private func read(_ name: String) throws -> PlanText.Outcome {
    let source = PlanSource(origin: .path(Self.folder.appending(path: name).path), displayName: "plans/\(name)")
    return try PlanText.read(source, as: try #require(PlanFormat(path: name)))
  }

  private static let sound = [
    ("health-checks.csv", 12), ("move-zones.jsonl", 10), ("raise-limits.csv", 15), ("rename.csv", 8),
    ("rewire-paused-groups.json", 5), ("scale-in-for-the-night.json", 5), ("switch-configuration.json", 8),
  ]

  @Test func `every example is known here`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(files) == Set(Self.sound.map(\.0)).union(["bad-limits.csv", "plan.schema.json"]))
  }

  @Test(arguments: sound)
  func `loads without a diagnostic`(name: String, count: Int) throws {
    let outcome = try read(name)
    #expect(outcome.diagnostics.isEmpty)
    #expect(outcome.changes.count == count)
    #expect(Set(outcome.changes.map(\.group)).count == count)
  }

  @Test func `the bad example gives exactly its diagnostics`() throws {
    let outcome = try read("bad-limits.csv")
    #expect(
      outcome.diagnostics.joined(separator: "\n") == """
        plans/bad-limits.csv:1:72: error: max_instnace_number: unknown column (did you mean max_instance_number?)
        plans/bad-limits.csv:3:73: error: desire_instance_number: 2 is below min_instance_number (4)
        plans/bad-limits.csv:3:80: error: delete_volume: "WAHR" is not a boolean of a plan: write true (in a spreadsheet, format the column as text first)
        plans/bad-limits.csv:4:34: error: scaling_group_id: "../6caf76a5-7035-48ae-8280-ad3729a6f2e7" is no id: \
        it may have letters, digits, '-', '_' and '.' only
        plans/bad-limits.csv:5:71: error: min_instance_number: "1.0" is not written as a whole number: write 1 \
        (in a spreadsheet, format the column as text)
        plans/bad-limits.csv:5:80: error: health_periodic_audit_time: 10 is not one of 0, 1, 5, 15, 60, 180 minutes
        plans/bad-limits.csv:6:1: error: project_id: not given: give it here, or name one with --project
        plans/bad-limits.csv:9:73: error: desire_instance_number: 2000 is not within 0 to 1000 instances
        plans/bad-limits.csv:10:73: error: 4 cells where the header has 8: the row ends too early; \
        a cell that leaves its field as it is stays empty, but is there
        """)
    #expect(outcome.changes.isEmpty)
  }

  // MARK: Schema

  private func schema() throws -> JSONNode {
    try JSONParser.parse([UInt8](try Data(contentsOf: Self.folder.appending(path: "plan.schema.json"))))
  }

  private func properties(_ name: String) throws -> JSONNode {
    try #require(try schema()["$defs"]?[name]?["properties"])
  }

  @Test(arguments: ["fields", "expect"])
  func `the schema lists exactly the fields`(definition: String) throws {
    let names = try #require(try properties(definition).objectValue).map(\.name)
    #expect(names == GroupField.allCases.map(\.rawValue))
  }

  @Test func `the schema's types are those of the fields`() throws {
    for definition in ["fields", "expect"] {
      let properties = try properties(definition)
      for field in GroupField.allCases {
        let node = try #require(properties[field.rawValue])
        let type: String? =
          if let choice = node["enum"]?.arrayValue?.first {
            choice.integerValue != nil ? "integer" : "string"
          } else {
            node["$ref"] != nil ? "string" : node["type"]?.stringValue
          }
        let expected =
          switch field.kind {
          case .integer: "integer"
          case .boolean: "boolean"
          case .string: "string"
          case .strings, .networks, .securityGroups, .listeners: "array"
          }
        #expect(type == expected, "\(definition): \(field.rawValue)")
      }
    }
  }

  @Test func `the schema's limits are those of the rules`() throws {
    let fields = try properties("fields")
    func range(_ node: JSONNode?, _ lowest: String, _ highest: String) -> ClosedRange<Int>? {
      guard let lower = node?[lowest]?.integerValue, let upper = node?[highest]?.integerValue else { return nil }
      return lower...upper
    }
    for name in ["min_instance_number", "desire_instance_number", "max_instance_number"] {
      #expect(range(fields[name], "minimum", "maximum") == FieldLimits.instanceNumber)
    }
    #expect(range(fields["cool_down_time"], "minimum", "maximum") == FieldLimits.coolDownTime)
    #expect(
      range(fields["health_periodic_audit_grace_period"], "minimum", "maximum")
        == FieldLimits.healthPeriodicAuditGracePeriod)
    #expect(range(fields["networks"], "minItems", "maxItems") == FieldLimits.networkCount)
    #expect(range(fields["security_groups"], "minItems", "maxItems") == FieldLimits.securityGroupCount)
    #expect(range(fields["lbaas_listeners"], "minItems", "maxItems") == FieldLimits.lbaasListenerCount)
    let listener = fields["lbaas_listeners"]?["items"]?["properties"]
    #expect(range(listener?["protocol_port"], "minimum", "maximum") == FieldLimits.protocolPort)
    #expect(range(listener?["weight"], "minimum", "maximum") == FieldLimits.weight)
    #expect(range(fields["description"], "minLength", "maxLength") == FieldLimits.descriptionLength)
    func choices(_ name: String) -> [String]? { fields[name]?["enum"]?.arrayValue?.compactMap(\.stringValue) }
    #expect(choices("health_periodic_audit_method") == FieldLimits.healthPeriodicAuditMethods)
    #expect(choices("instance_terminate_policy") == FieldLimits.instanceTerminatePolicies)
    #expect(choices("multi_az_priority_policy") == FieldLimits.multiAZPriorityPolicies)
    #expect(
      fields["health_periodic_audit_time"]?["enum"]?.arrayValue?.map(\.integerValue)
        == FieldLimits.healthPeriodicAuditTimes)
    #expect(fields["notifications"]?["items"]?["enum"]?.arrayValue?.map(\.stringValue) == FieldLimits.notifications)
    #expect(
      fields["scaling_group_name"]?["pattern"]?.stringValue == "^[A-Za-z0-9_-]{1,\(FieldLimits.nameLength.upperBound)}$"
    )
    let id = "[A-Za-z0-9._-]{1,\(FieldLimits.identifierLength.upperBound)}"
    #expect(try schema()["$defs"]?["id"]?["pattern"]?.stringValue == #"^(?!\.+$)\#(id)$"#)
    #expect(
      fields["lb_listener_id"]?["pattern"]?.stringValue
        == "^\(id)(,\(id)){0,\(FieldLimits.lbListenerIDCount.upperBound - 1)}$")
  }
}
