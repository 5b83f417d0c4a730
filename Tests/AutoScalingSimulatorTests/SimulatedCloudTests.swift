import AutoScaling
import JSONText
import Testing

@testable import AutoScalingSimulator

struct SimulatedCloudTests {
  // MARK: URLs

  @Test(arguments: [
    ("GET", "/nowhere", 404, "AS.0007"), ("GET", "/autoscaling-api/v1/P/scaling_groups", 404, "AS.0007"),
    ("GET", "/autoscaling-api/v3/P/scaling_group", 404, "AS.0033"),
    ("GET", "/autoscaling-api/v1/unknown/scaling_group", 400, "AS.0008"),
    ("GET", "/autoscaling-api/v1/P/scaling_group/unknown", 400, "AS.2007"),
    ("PUT", "/autoscaling-api/v1/P/scaling_group/unknown", 400, "AS.2007"),
    ("PUT", "/autoscaling-api/v1/P/scaling_group/", 400, "AS.2009"),
    ("POST", "/autoscaling-api/v1/P/scaling_group/unknown/action", 400, "AS.2007"),
    ("GET", "/autoscaling-api/v1/P/scaling_activity_log/unknown", 400, "AS.2007"),
  ])
  func `wrong addresses are refused`(method: String, target: String, status: Int, code: String) throws {
    let test = try TestCloud()
    let target = target.split(separator: "P", omittingEmptySubsequences: false).joined(separator: TestCloud.project)
    let reply = test.send(method, target, method == "PUT" ? "{\"cool_down_time\":1}" : "")
    #expect(reply.status == status)
    #expect(try reply.code() == code)
  }

  @Test func `a method that a path does not have is the gateway's refusal`() throws {
    let reply = try TestCloud().send("DELETE", TestCloud.path())
    #expect(reply.status == 404)
    #expect(try reply.json()["error_code"]?.stringValue == "APIGW.0101")
    #expect(try reply.json()["request_id"]?.stringValue == reply.answer.requestID)
  }

  @Test func `the same group id in another project is another group`() throws {
    let test = try TestCloud()
    let twin = GroupReference(projectID: "77b6a44cba5143ab91d13ab9a8ff44fd", groupID: TestCloud.group.groupID)
    test.addGroup(twin, [.coolDownTime: .integer(77)])
    #expect(test.put("{\"cool_down_time\":88}").status == 200)
    #expect(try test.shown("cool_down_time", twin).integerValue == 77)
    #expect(test.cloud.projects.contains(twin.projectID))
  }

  @Test func `a GET shows every documented key in the documented order`() throws {
    let members = try #require(try TestCloud().get().json()["scaling_group"]?.objectValue)
    #expect(
      members.map(\.name) == [
        "scaling_group_name", "scaling_group_id", "scaling_group_status", "scaling_configuration_id",
        "scaling_configuration_name", "current_instance_number", "desire_instance_number", "min_instance_number",
        "max_instance_number", "cool_down_time", "lb_listener_id", "lbaas_listeners", "available_zones", "networks",
        "security_groups", "create_time", "vpc_id", "detail", "is_scaling", "health_periodic_audit_method",
        "health_periodic_audit_time", "health_periodic_audit_grace_period", "instance_terminate_policy",
        "notifications", "delete_publicip", "delete_volume", "cloud_location_id", "enterprise_project_id",
        "activity_type", "multi_az_priority_policy", "description",
      ])
  }

  @Test func `somebody else can change, remove and add groups`() throws {
    let test = try TestCloud()
    #expect(test.cloud.setFields(GroupModification([.coolDownTime: .integer(9)]), of: TestCloud.group, now: .zero))
    #expect(try test.shown("cool_down_time").integerValue == 9)
    #expect(test.cloud.groupJSON(TestCloud.group, now: .zero) == test.get().text)
    test.cloud.removeGroup(TestCloud.group)
    #expect(try test.get().code() == "AS.2007")
    #expect(try test.list("").json()["total_number"]?.integerValue == 0)
    #expect(!test.cloud.setStatus("ERROR", of: TestCloud.group, now: .zero))
    test.addGroup()
    #expect(test.get().status == 200)
  }

  // MARK: Scaling

  @Test func `a changed number scales over time`() throws {
    var test = try TestCloud()
    #expect(test.put("{\"desire_instance_number\":5}").status == 200)
    #expect(try test.shown("is_scaling").boolValue == true)
    #expect(try test.shown("current_instance_number").integerValue == 3)
    test.now = .milliseconds(9_999)
    #expect(try test.shown("is_scaling").boolValue == true)
    #expect(try test.shown("activity_type").stringValue == "DIFF")
    test.now = .seconds(10)
    #expect(try test.shown("is_scaling").boolValue == false)
    #expect(try test.shown("current_instance_number").integerValue == 5)
    #expect(try test.shown("activity_type").isNull)
  }

  @Test func `without a scaling time the number is reached at once`() throws {
    let test = try TestCloud { $0.scalingTime = .zero ... .zero }
    #expect(test.put("{\"desire_instance_number\":1}").status == 200)
    #expect(try test.shown("is_scaling").boolValue == false)
    #expect(try test.shown("current_instance_number").integerValue == 1)
  }

  @Test func `a new number while scaling turns the action`() throws {
    var test = try TestCloud()
    #expect(test.put("{\"desire_instance_number\":5}").status == 200)
    test.now = .seconds(6)
    #expect(test.put("{\"desire_instance_number\":2}").status == 200)
    test.now = .seconds(15)
    #expect(try test.shown("is_scaling").boolValue == true)
    test.now = .seconds(16)
    #expect(try test.shown("current_instance_number").integerValue == 2)
  }

  @Test func `a paused group scales when it is resumed`() throws {
    var test = try TestCloud()
    #expect(test.act("pause").status == 204)
    #expect(try test.act("pause").code() == "AS.2033")
    #expect(test.put("{\"desire_instance_number\":5}").status == 200)
    #expect(try test.shown("is_scaling").boolValue == false)
    let reply = test.act("resume")
    #expect(reply.status == 204)
    #expect(reply.text.isEmpty)
    #expect(try test.shown("is_scaling").boolValue == true)
    test.now = .seconds(10)
    #expect(try test.shown("current_instance_number").integerValue == 5)
    #expect(try test.act("resume").code() == "AS.2033")
    #expect(try test.act("restart").code() == "AS.2008")
    #expect(try test.send("POST", TestCloud.path() + "/action").code() == "AS.0002")
  }

  @Test func `the activity log tells what happened`() throws {
    var test = try TestCloud()
    #expect(test.put("{\"desire_instance_number\":5}").status == 200)
    test.now = .seconds(12)
    #expect(test.put("{\"desire_instance_number\":4}").status == 200)
    let target = "/autoscaling-api/v1/\(TestCloud.project)/scaling_activity_log/\(TestCloud.group.groupID)"
    #expect(test.get().status == 200)
    let page = try test.send("GET", target).json()
    #expect(page["total_number"]?.integerValue == 2)
    let log = try #require(page["scaling_activity_log"]?.arrayValue)
    #expect(log.map { $0["status"]?.stringValue } == ["DOING", "SUCCESS"])
    #expect(log[1]["start_time"]?.stringValue == "2026-01-15T09:30:00Z")
    #expect(log[1]["end_time"]?.stringValue == "2026-01-15T09:30:10Z")
    #expect(log[1]["instance_value"]?.integerValue == 3)
    #expect(log[1]["desire_value"]?.integerValue == 5)
    #expect(log[1]["scaling_value"]?.integerValue == 2)
    #expect(log[1]["instance_added_list"]?.stringValue?.split(separator: ",").count == 2)
    let description = try JSONParser.parse(try #require(log[1]["description"]?.stringValue))
    #expect(description["reason"]?.arrayValue?.first?["new_value"]?.integerValue == 5)
    let late = try test.send("GET", target + "?start_time=2026-01-15T09:30:05Z&limit=1").json()
    #expect(late["total_number"]?.integerValue == 1)
    #expect(try test.send("GET", target + "?start_time=yesterday").code() == "AS.9001")
  }

  @Test func `quotas are told for the project and for a group`() throws {
    let test = try TestCloud()
    let all = try test.send("GET", "/autoscaling-api/v1/\(TestCloud.project)/quotas").json()
    let resources = try #require(all["quotas"]?["resources"]?.arrayValue)
    let types = resources.map { $0["type"]?.stringValue ?? "" }
    #expect(types.contains("scaling_Group"))
    let one = try test.send("GET", "/autoscaling-api/v1/\(TestCloud.project)/quotas/\(TestCloud.group.groupID)").json()
    let instances = one["quotas"]?["resources"]?.arrayValue?.first { $0["type"]?.stringValue == "scaling_Instance" }
    #expect(instances?["used"]?.integerValue == 3)
  }

  // MARK: Latency and throttling

  @Test func `latency stays within its range and repeats`() throws {
    func delays() throws -> [Duration] {
      let test = try TestCloud { $0.latency = .milliseconds(5) ... .milliseconds(40) }
      return (0..<200).map { _ in test.get().answer.delay }
    }
    let first = try delays()
    #expect(try first == delays())
    #expect(first.allSatisfy { (Duration.milliseconds(5)...Duration.milliseconds(40)).contains($0) })
    #expect(Set(first).count > 150)
  }

  @Test func `throttling lets the limit pass in every second`() throws {
    var test = try TestCloud("throttle=10:retry-after=1")
    var passed: [Duration] = []
    for tick in 0..<300 {
      test.now = .milliseconds(tick * 10)
      let reply = test.get()
      if reply.status == 200 {
        passed.append(test.now)
      } else {
        #expect(reply.status == 429)
        #expect(try reply.json()["error_code"]?.stringValue == "APIG.0308")
        #expect(reply.answer.response.headers.contains { $0.name == "Retry-After" && $0.value == "1" })
      }
    }
    #expect(passed.count == 30)
    #expect(zip(passed, passed.dropFirst(10)).allSatisfy { $1 - $0 >= .seconds(1) })
  }
}
