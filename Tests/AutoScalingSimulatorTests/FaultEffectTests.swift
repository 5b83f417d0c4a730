import AutoScaling
import JSONText
import Testing

@testable import AutoScalingSimulator

/// What each fault does to the answer, the state and the journal.
struct FaultEffectTests {
  private func coolDown(_ test: TestCloud) throws -> Int? {
    test.cloud.group(TestCloud.group, now: test.now)?.values[.coolDownTime]?.integerValue
  }

  @Test(arguments: [401, 403, 408, 409, 429, 500, 502, 503, 504])
  func `a status comes without an effect`(status: Int) throws {
    let test = try TestCloud("\(status)=100%:only=put")
    let reply = test.put("{\"cool_down_time\":9}")
    #expect(reply.status == status)
    #expect(reply.answer.delivery == .whole)
    #expect(try coolDown(test) == 300)
    let entry = try #require(test.cloud.journal.last)
    #expect(entry.effect == .none)
    #expect(entry.faults == ["\(status)"])
    #expect(test.get().status == 200)
  }

  @Test(arguments: [500, 502, 503, 504])
  func `a lost status comes after the effect`(status: Int) throws {
    let test = try TestCloud("lost-\(status)=100%")
    #expect(test.put("{\"cool_down_time\":9}").status == status)
    #expect(try coolDown(test) == 9)
    #expect(test.cloud.journal.last?.effect == .applied)
  }

  @Test func `a wait is asked for in seconds or as a date`() throws {
    let seconds = try TestCloud("503=100%:retry-after=2").get()
    #expect(seconds.answer.response.headers.first { $0.name == "Retry-After" }?.value == "2")
    let date = try TestCloud("429=100%:retry-after=90:retry-after-date").get()
    #expect(
      date.answer.response.headers.first { $0.name == "Retry-After" }?.value == "Thu, 15 Jan 2026 09:31:30 GMT")
  }

  @Test func `a lock conflict is the service's refusal`() throws {
    let test = try TestCloud("lock=100%")
    let reply = test.put("{\"cool_down_time\":9}")
    #expect(reply.status == 400)
    #expect(try reply.code() == "AS.0003")
    #expect(try coolDown(test) == 300)
  }

  @Test func `a reset comes before the effect and a lost answer after it`() throws {
    let reset = try TestCloud("reset=100%")
    #expect(reset.put("{\"cool_down_time\":9}").answer.delivery == .reset)
    #expect(try coolDown(reset) == 300)
    #expect(reset.cloud.journal.last?.status == nil)
    let lost = try TestCloud("lost-answer=100%")
    #expect(lost.put("{\"cool_down_time\":9}").answer.delivery == .closed)
    #expect(try coolDown(lost) == 9)
    #expect(lost.cloud.journal.last?.status == nil)
    #expect(lost.cloud.journal.last?.effect == .applied)
  }

  @Test func `a late effect comes after its delay and overwrites what came in between`() throws {
    var test = try TestCloud("late-effect=100%:delay=2s:nth=1")
    #expect(test.put("{\"cool_down_time\":9}").answer.delivery == .closed)
    #expect(test.cloud.journal.last?.effect == .pending)
    test.now = .milliseconds(1500)
    #expect(try coolDown(test) == 300)
    #expect(test.put("{\"cool_down_time\":10}").status == 200)
    test.now = .seconds(2)
    #expect(try coolDown(test) == 9)
    #expect(test.cloud.journal.first?.effect == .appliedLate)
    #expect(test.cloud.journal.first?.effectAt == .seconds(2))
  }

  @Test func `a late effect is checked when it comes`() throws {
    var test = try TestCloud("late-effect=100%:delay=2s")
    #expect(test.put("{\"desire_instance_number\":5}").answer.delivery == .closed)
    test.cloud.setFields(GroupModification([.maxInstanceNumber: .integer(4)]), of: TestCloud.group, now: .seconds(1))
    test.now = .seconds(3)
    #expect(try test.shown("desire_instance_number").integerValue == 3)
    #expect(test.cloud.journal.first?.effect == .refusedLate)
  }

  @Test func `a stale read shows the state before the last PUT`() throws {
    let test = try TestCloud("stale-read=100%")
    #expect(try test.shown("cool_down_time").integerValue == 300)
    #expect(test.put("{\"cool_down_time\":9}").status == 200)
    #expect(test.put("{\"cool_down_time\":10}").status == 200)
    #expect(try test.shown("cool_down_time").integerValue == 9)
    #expect(try coolDown(test) == 10)
  }

  @Test func `a stale read can have a limit`() throws {
    var test = try TestCloud("stale-read=100%:delay=5s")
    #expect(test.put("{\"cool_down_time\":9}").status == 200)
    test.now = .milliseconds(4_999)
    #expect(try test.shown("cool_down_time").integerValue == 300)
    test.now = .seconds(5)
    #expect(try test.shown("cool_down_time").integerValue == 9)
  }

  @Test func `spoilt answers come after the effect`() throws {
    let garbage = try TestCloud("garbage=100%:only=put")
    let page = garbage.put("{\"cool_down_time\":9}")
    #expect(page.status == 200)
    #expect(page.answer.response.contentType == "text/html")
    #expect(throws: JSONSyntaxError.self) { try page.json() }
    #expect(try coolDown(garbage) == 9)
    let truncated = try TestCloud("truncated=100%")
    #expect(truncated.put("{\"cool_down_time\":9}").answer.delivery == .truncated)
    #expect(try coolDown(truncated) == 9)
    let wrong = try TestCloud("wrong-id=100%")
    let id = try wrong.put("{\"cool_down_time\":9}").json()["scaling_group_id"]?.stringValue
    #expect(id?.count == 36)
    #expect(id != TestCloud.group.groupID)
    #expect(try coolDown(wrong) == 9)
    #expect(try wrong.put("{\"cool_down_time\":-1}").code() == "AS.2006")
  }

  @Test func `a slow answer is late and otherwise as ever`() throws {
    let test = try TestCloud("slow=100%:delay=5s", "503=100%:nth=2") {
      $0.latency = .milliseconds(1) ... .milliseconds(1)
    }
    let reply = test.put("{\"cool_down_time\":9}")
    #expect(reply.status == 200)
    #expect(reply.answer.delay == .milliseconds(5001))
    #expect(test.put("{\"cool_down_time\":9}").status == 503)
    #expect(test.cloud.journal.last?.faults == ["slow", "503"])
  }
}
