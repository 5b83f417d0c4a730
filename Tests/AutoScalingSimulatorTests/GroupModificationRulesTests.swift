import AutoScaling
import JSONText
import Testing

@testable import AutoScalingSimulator

/// The reference, sections 1.1 to 1.4 and 6.3.
struct GroupModificationRulesTests {
  static let missing = FieldChecks.missingID
  static let pool = TestCloud.pool

  private static func listener(_ members: String) -> String { "{\"lbaas_listeners\": [{\(members)}]}" }

  @Test(arguments: [
    ("", "AS.0002"), ("\n", "AS.0002"), ("{}", "AS.0002"), ("[]", "AS.0022"), ("{\"a\"", "AS.0022"),
    ("{\"colour\": 1}", "AS.0022"), ("{\"cool_down_time\": \"200\"}", "AS.0022"),
    ("{\"cool_down_time\": 1.5}", "AS.0022"), ("{\"scaling_group_name\": 5}", "AS.0022"),
    ("{\"delete_volume\": \"true\"}", "AS.0022"), ("{\"available_zones\": \"eu-de-01\"}", "AS.0022"),
    ("{\"networks\": [\"n\"]}", "AS.0022"), ("{\"networks\": [{\"id\": \"n\", \"name\": \"x\"}]}", "AS.0022"),
    ("{\"scaling_group_name\": \"\"}", "AS.2002"),
    ("{\"scaling_group_name\": \"\(String(repeating: "a", count: 65))\"}", "AS.2003"),
    ("{\"scaling_group_name\": \"web prod\"}", "AS.2022"), ("{\"scaling_group_name\": \"wéb\"}", "AS.2022"),
    ("{\"min_instance_number\": -1}", "AS.2004"), ("{\"min_instance_number\": 6}", "AS.2004"),
    ("{\"max_instance_number\": 0}", "AS.2004"), ("{\"max_instance_number\": 301}", "AS.2045"),
    ("{\"desire_instance_number\": 6}", "AS.2005"), ("{\"desire_instance_number\": 0}", "AS.2005"),
    ("{\"desire_instance_number\": 99999999999}", "AS.2005"), ("{\"max_instance_number\": 2}", "AS.2005"),
    ("{\"cool_down_time\": 86401}", "AS.2006"), ("{\"cool_down_time\": -1}", "AS.2006"),
    ("{\"available_zones\": []}", "AS.2011"), ("{\"available_zones\": [\"mars-01\"]}", "AS.2011"),
    ("{\"networks\": []}", "AS.2013"), ("{\"networks\": [{\"id\": \"\(missing)\"}]}", "AS.2013"),
    ("{\"networks\": [{}]}", "AS.2013"),
    (
      "{\"networks\": [{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"},{\"id\":\"4\"},{\"id\":\"5\"},{\"id\":\"6\"}]}",
      "AS.2024"
    ),
    ("{\"networks\": [{\"id\":\"n\",\"ipv6_bandwidth\":{\"id\":\"b\"}}]}", "AS.2050"),
    ("{\"security_groups\": [{\"id\": \"a\"}, {\"id\": \"b\"}]}", "AS.2025"),
    ("{\"security_groups\": [{\"id\": \"\(missing)\"}]}", "AS.2014"), ("{\"security_groups\": [{}]}", "AS.2014"),
    ("{\"lb_listener_id\": \"a,,b\"}", "AS.2015"), ("{\"lb_listener_id\": \"\"}", "AS.2015"),
    ("{\"lb_listener_id\": \"1,2,3,4,5,6,7\"}", "AS.2037"),
    (
      "{\"lb_listener_id\": \"a\", \"lbaas_listeners\": [{\"pool_id\":\"p\",\"protocol_port\":1,\"weight\":0}]}",
      "AS.2026"
    ),
    (listener("\"pool_id\":\"\(pool)\",\"protocol_port\":0,\"weight\":0"), "AS.2039"),
    (listener("\"pool_id\":\"\(pool)\",\"protocol_port\":65536,\"weight\":0"), "AS.2039"),
    (listener("\"pool_id\":\"\(pool)\",\"weight\":0"), "AS.2039"),
    (listener("\"pool_id\":\"\(pool)\",\"protocol_port\":80,\"weight\":101"), "AS.2040"),
    (listener("\"protocol_port\":80,\"weight\":1"), "AS.2042"),
    (listener("\"pool_id\":\"\(missing)\",\"protocol_port\":80,\"weight\":1"), "AS.2042"),
    (listener("\"id\":\"x\",\"protocol_port\":\"80\""), "AS.0022"),
    ("{\"health_periodic_audit_method\": \"PING\"}", "AS.2029"),
    ("{\"health_periodic_audit_method\": \"ELB_AUDIT\"}", "AS.2029"),
    ("{\"health_periodic_audit_time\": 7}", "AS.2031"),
    ("{\"health_periodic_audit_grace_period\": 86401}", "AS.2046"),
    ("{\"instance_terminate_policy\": \"RANDOM\"}", "AS.2032"), ("{\"notifications\": [\"SMS\"]}", "AS.2034"),
    ("{\"scaling_configuration_id\": \"\"}", "AS.1003"), ("{\"scaling_configuration_id\": \"\(missing)\"}", "AS.1004"),
    ("{\"enterprise_project_id\": \"blue\"}", "AS.7065"), ("{\"multi_az_priority_policy\": \"ANY\"}", "AS.2053"),
    ("{\"description\": \"\"}", "AS.0022"),
  ])
  func `a wrong value is refused with its documented code and changes nothing`(body: String, code: String) throws {
    let test = try TestCloud()
    let before = test.cloud.group(TestCloud.group, now: .zero)
    let reply = test.put(body)
    #expect(reply.status == 400)
    #expect(try reply.code() == code, "\(reply.text)")
    #expect(try reply.json()["error"]?["message"]?.stringValue?.isEmpty == false)
    #expect(test.cloud.group(TestCloud.group, now: .zero) == before)
  }

  @Test(arguments: [
    ("scaling_group_name", "\"group_1\""), ("min_instance_number", "0"), ("desire_instance_number", "4"),
    ("max_instance_number", "300"), ("cool_down_time", "0"), ("available_zones", "[\"eu-de-02\",\"eu-de-01\"]"),
    ("health_periodic_audit_time", "0"), ("health_periodic_audit_grace_period", "0"),
    ("instance_terminate_policy", "\"NEW_INSTANCE\""),
    ("scaling_configuration_id", "\"f8327883-6a07-4497-9a61-68c03e8e72a2\""), ("notifications", "[\"EMAIL\"]"),
    ("notifications", "[]"), ("delete_publicip", "true"), ("delete_volume", "true"), ("enterprise_project_id", "\"\""),
    ("enterprise_project_id", "\"c92b1a5d-6f20-43f2-b1b7-7ce35e58e413\""),
    ("multi_az_priority_policy", "\"PICK_FIRST\""), ("description", "\"Zahlungsverkehr \\u2014 \\\"Ä\\\"\""),
  ])
  func `what a PUT sets a GET shows`(field: String, value: String) throws {
    let test = try TestCloud()
    // A trailing line break and the id of the group are tolerated.
    let reply = test.put("{\"\(field)\":\(value),\"scaling_group_id\":\"x\"}\n")
    #expect(reply.status == 200, "\(reply.text)")
    #expect(reply.text == "{\"scaling_group_id\":\"\(TestCloud.group.groupID)\"}")
    let field = try #require(GroupField(rawValue: field))
    let planned = FieldValue(field: field, liveJSON: try JSONParser.parse(value))
    #expect(try FieldValue(field: field, liveJSON: test.shown(field.rawValue)) == planned)
  }

  @Test func `null is not given`() throws {
    let test = try TestCloud()
    let reply = test.put(
      "{\"security_groups\":null,\"description\":null,\"min_instance_number\":0,\"desire_instance_number\":0,"
        + "\"max_instance_number\":0}")
    #expect(reply.status == 200)
    #expect(try test.shown("security_groups").arrayValue?.count == 1)
    #expect(try test.shown("max_instance_number").integerValue == 0)
  }

  @Test func `a group in service takes unchanged placement and refuses a changed one`() throws {
    let test = try TestCloud()
    #expect(test.put("{\"networks\":[{\"id\":\"\(TestCloud.network)\",\"ipv6_enable\":false}]}").status == 200)
    #expect(test.put("{\"security_groups\":[{\"id\":\"sg-1\"}]}").status == 200)
    #expect(test.put("{\"desire_instance_number\":3}").status == 200)
    for body in [
      "{\"networks\":[{\"id\":\"other\"}]}", "{\"security_groups\":[{\"id\":\"sg-2\"}]}", "{\"lb_listener_id\":\"l\"}",
      Self.listener("\"pool_id\":\"\(Self.pool)\",\"protocol_port\":80,\"weight\":1"),
    ] {
      #expect(try test.put(body).code() == "AS.2030", "\(body)")
    }
  }

  @Test func `a paused and empty group takes another placement`() throws {
    let test = try TestCloud()
    test.addGroup(
      values: [.minInstanceNumber: .integer(0), .desireInstanceNumber: .integer(0)], status: "PAUSED", current: 0)
    let reply = test.put(
      "{\"networks\":[{\"id\":\"n2\",\"ipv6_enable\":true,\"ipv6_bandwidth\":{\"id\":\"b\"}}],"
        + "\"security_groups\":[{\"id\":\"sg-2\"}],\"lbaas_listeners\":[{\"listener_id\":\"\",\"pool_id\":\"p\","
        + "\"protocol_port\":80,\"weight\":5}],\"health_periodic_audit_method\":\"ELB_AUDIT\"}")
    #expect(reply.status == 200, "\(reply.text)")
    let network = try #require(try test.shown("networks").arrayValue?.first)
    #expect(network["ipv6_bandwidth"]?["id"]?.stringValue == "b")
    let listener = try #require(try test.shown("lbaas_listeners").arrayValue?.first)
    #expect(listener["listener_id"]?.stringValue?.count == 36)
    #expect(listener["pool_id"]?.stringValue == "p")
    // A second kind of listener cannot come beside it.
    #expect(try test.put("{\"lb_listener_id\":\"l\"}").code() == "AS.2026")
  }

  @Test func `paused but not empty is not enough for another placement`() throws {
    let test = try TestCloud()
    test.addGroup(status: "PAUSED")
    #expect(try test.put("{\"networks\":[{\"id\":\"other\"}]}").code() == "AS.2030")
  }

  @Test func `weight and port of a listener change in a group in service`() throws {
    let test = try TestCloud()
    test.addGroup(values: [
      .lbaasListeners: .listeners([Listener(poolID: Self.pool, protocolPort: 80, weight: 1)])
    ])
    let reply = test.put(Self.listener("\"pool_id\":\"\(Self.pool)\",\"protocol_port\":443,\"weight\":30"))
    #expect(reply.status == 200, "\(reply.text)")
    #expect(try test.put(Self.listener("\"pool_id\":\"q\",\"protocol_port\":443,\"weight\":30")).code() == "AS.2030")
  }

  @Test func `a network of another VPC is refused`() throws {
    let test = try TestCloud { $0.groups = 40 }
    let groups = test.cloud.snapshotAll(now: .zero).filter { $0.key != TestCloud.group }
    let group = try #require(groups.first { $0.value.currentInstanceNumber == 0 })
    let other = try #require(groups.first { $0.value.vpcID != group.value.vpcID })
    guard case .networks(let networks)? = other.value.values[.networks] else { return }
    let reply = test.put("{\"networks\":[{\"id\":\"\(networks[0].id)\"}]}", group.key)
    #expect(try reply.code() == "AS.2027")
  }

  @Test func `while a group is scaling zones and listeners stay`() throws {
    let test = try TestCloud()
    test.cloud.startScaling(TestCloud.group, lasting: .seconds(5), now: .zero)
    #expect(try test.put("{\"available_zones\":[\"eu-de-02\"]}").code() == "AS.2054")
    #expect(try test.put("{\"lb_listener_id\":\"l\"}").code() == "AS.2047")
    #expect(try test.put("{\"networks\":[{\"id\":\"other\"}]}").code() == "AS.2030")
    #expect(test.put("{\"available_zones\":[\"eu-de-01\"],\"cool_down_time\":5}").status == 200)
  }

  @Test func `the order of zones is a change with PICK_FIRST only`() throws {
    let test = try TestCloud()
    test.addGroup(values: [.availableZones: .strings(["eu-de-01", "eu-de-02"])])
    test.cloud.startScaling(TestCloud.group, lasting: .seconds(5), now: .zero)
    let turned = "\"available_zones\":[\"eu-de-02\",\"eu-de-01\"]"
    #expect(test.put("{\(turned)}").status == 200)
    test.addGroup(values: [.availableZones: .strings(["eu-de-01", "eu-de-02"])])
    test.cloud.startScaling(TestCloud.group, lasting: .seconds(5), now: .zero)
    #expect(try test.put("{\(turned),\"multi_az_priority_policy\":\"PICK_FIRST\"}").code() == "AS.2054")
  }

  @Test(arguments: ["DELETING", "FREEZED"])
  func `a group that goes away is not modified`(status: String) throws {
    let test = try TestCloud()
    test.cloud.setStatus(status, of: TestCloud.group, now: .zero)
    let reply = test.put("{\"cool_down_time\":5}")
    #expect(try reply.code() == "AS.2033")
    #expect(reply.text.contains("current [\(status)] status"))
    #expect(test.get().status == 200)
  }

  @Test func `switches turn on refusals that are not documented`() throws {
    let number = try TestCloud("same-number")
    #expect(try number.put("{\"desire_instance_number\":3}").code() == "AS.2028")
    #expect(number.put("{\"desire_instance_number\":4}").status == 200)
    let publicIP = try TestCloud("same-publicip")
    #expect(try publicIP.put("{\"delete_publicip\":false}").code() == "AS.2057")
    #expect(publicIP.put("{\"delete_publicip\":true}").status == 200)
    let busy = try TestCloud("busy-scaling=AS.0003")
    #expect(busy.put("{\"desire_instance_number\":4}").status == 200)
    #expect(try busy.put("{\"cool_down_time\":4}").code() == "AS.0003")
  }
}

extension TestCloud {
  func addGroup(values: KeyValuePairs<GroupField, FieldValue>, status: String = "INSERVICE", current: Int? = nil) {
    addGroup(Self.group, values, status: status, current: current)
  }
}
