import AutoScaling
import JSONText
import Testing

@testable import AutoScalingSimulator

struct GroupListTests {
  private func cloud(_ count: Int = 45) throws -> TestCloud {
    let test = try TestCloud()
    test.cloud.removeGroup(TestCloud.group)
    for number in 0..<count {
      let reference = GroupReference(projectID: TestCloud.project, groupID: "group-\(number)")
      test.addGroup(
        reference,
        [
          .scalingGroupName: .string(number % 3 == 0 ? "Web-\(number)" : "api-\(number)"),
          .enterpriseProjectID: number % 5 == 0 ? .string("c92b1a5d-6f20-43f2-b1b7-7ce35e58e413") : .string("0"),
        ], status: number % 9 == 0 ? "PAUSED" : "INSERVICE")
    }
    return test
  }

  private func page(_ reply: TestCloud.Reply) throws -> GroupPage {
    let json = try reply.json()
    let groups = try #require(json["scaling_groups"]?.arrayValue)
    return GroupPage(
      groups: try groups.map { try #require(ScalingGroup(json: $0)) },
      totalNumber: try #require(json["total_number"]?.integerValue),
      startNumber: try #require(json["start_number"]?.integerValue))
  }

  @Test func `pages cover all groups once`() throws {
    let test = try cloud()
    var ids: [String] = []
    while true {
      let page = try page(test.list("start_number=\(ids.count)&limit=7"))
      #expect(page.totalNumber == 45)
      #expect(page.startNumber == ids.count)
      if page.groups.isEmpty { break }
      ids += page.groups.map(\.id)
    }
    #expect(ids == (0..<45).map { "group-\($0)" })
  }

  @Test func `a page has 20 groups unless it is told otherwise`() throws {
    let test = try cloud()
    #expect(try page(test.list("")).groups.count == 20)
    #expect(try page(test.list("limit=100")).groups.count == 45)
    #expect(try page(test.list("limit=0")).groups.isEmpty)
    #expect(try test.list("").json()["limit"]?.integerValue == 20)
    #expect(try page(test.list("start_number=45")).groups.isEmpty)
  }

  @Test func `a listed group is what a GET shows`() throws {
    let test = try cloud(3)
    let listed = try #require(try test.list("start_number=1&limit=1").json()["scaling_groups"]?.arrayValue?.first)
    let single = try test.get(GroupReference(projectID: TestCloud.project, groupID: "group-1")).json()
    #expect(ScalingGroup(json: listed) == single["scaling_group"].flatMap { ScalingGroup(json: $0) })
  }

  @Test func `filters narrow the list`() throws {
    let test = try cloud()
    #expect(try page(test.list("scaling_group_name=web-&limit=100")).totalNumber == 15)
    #expect(try page(test.list("scaling_group_name=eb%2D4")).groups.map(\.name) == ["Web-42"])
    #expect(try page(test.list("scaling_group_status=PAUSED")).totalNumber == 5)
    #expect(try page(test.list("scaling_group_status=ERROR")).groups.isEmpty)
    #expect(try page(test.list("enterprise_project_id=all_granted_eps")).totalNumber == 45)
    #expect(try page(test.list("enterprise_project_id=0")).totalNumber == 36)
    #expect(try page(test.list("enterprise_project_id=c92b1a5d-6f20-43f2-b1b7-7ce35e58e413")).totalNumber == 9)
    #expect(try page(test.list("scaling_configuration_id=none")).totalNumber == 0)
  }

  @Test(arguments: [
    ("start_number=-1", "AS.1001"), ("start_number=x", "AS.1001"), ("limit=101", "AS.1002"), ("limit=-1", "AS.1002"),
    ("limit=many", "AS.1002"), ("scaling_group_status=HAPPY", "AS.2020"), ("enterprise_project_id=blue", "AS.7065"),
  ])
  func `wrong parameters are refused`(query: String, code: String) throws {
    let reply = try cloud(1).list(query)
    #expect(reply.status == 400)
    #expect(try reply.code() == code)
  }
}
