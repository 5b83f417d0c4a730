import Testing

@testable import AutoScalingSimulator

struct FaultSpecTests {
  @Test(arguments: [
    ("409=2%", FaultSpec.Kind.status(409), 0.02), ("503=0.5%", .status(503), 0.005), ("500=100%", .status(500), 1),
    ("lost-503=1%", .lostStatus(503), 0.01), ("lock=1%", .lock, 0.01), ("reset=1%", .reset, 0.01),
    ("lost-answer=0%", .lostAnswer, 0), ("late-effect=1%:delay=2s", .lateEffect, 0.01),
    ("stale-read=1%", .staleRead, 0.01), ("truncated=1%", .truncated, 0.01), ("garbage=1%", .garbage, 0.01),
    ("wrong-id=1%", .wrongID, 0.01), ("slow=1%:delay=5s", .slow, 0.01), ("throttle=100", .throttle(perSecond: 100), 1),
    ("outage=5s..20s", .outage(.seconds(5)..<(.seconds(20))), 1), ("same-number", .sameNumber, 1),
    ("same-publicip", .samePublicIP, 1), ("busy-scaling=AS.2033", .busyScaling(code: "AS.2033"), 1),
  ])
  func `reads every fault`(text: String, kind: FaultSpec.Kind, share: Double) throws {
    let spec = try FaultSpec(text)
    #expect(spec.kind == kind)
    #expect(spec.share == share)
    #expect(text.hasPrefix(spec.name))
  }

  @Test func `reads the options of a fault`() throws {
    let spec = try FaultSpec("503=1%:retry-after-date:only=put:nth=1..3:retry-after=2")
    #expect(spec.retryAfter == FaultSpec.RetryAfter(seconds: 2, asDate: true))
    #expect(spec.methods == [.put])
    #expect(spec.nth == 1...3)
    #expect(try FaultSpec("slow=1%:delay=250ms").delay == .milliseconds(250))
    #expect(try FaultSpec("late-effect=1%").delay == .seconds(2))
    #expect(try FaultSpec("throttle=5:retry-after=1").retryAfter?.seconds == 1)
  }

  @Test(arguments: [
    ("", "no fault is named \"\""), ("418=1%", "no fault is named 418"), ("reset", "such as reset=1%"),
    ("reset=1", "0 to 100 percent"), ("reset=101%", "0 to 100 percent"), ("reset=-1%", "0 to 100 percent"),
    ("reset=nan%", "0 to 100 percent"), ("throttle=0", "1 to 1000000"), ("throttle=1%", "1 to 1000000"),
    ("outage=20s..5s", "the first duration is longer"), ("outage=5..20", "no unit"), ("outage=5s", "from when to when"),
    ("reset=1%:only=patch", "get, put, post"), ("lost-answer=1%:only=get", "cannot hit a GET"),
    ("stale-read=1%:only=put", "cannot hit a PUT"), ("reset=1%:delay=2s", "has no option delay=2s"),
    ("reset=1%:retry-after=2", "has no option"), ("503=1%:retry-after=x", "whole seconds"),
    ("503=1%:retry-after-date", "also needs retry-after"), ("503=1%:nth=0", "a request's number from 1"),
    ("503=1%:nth=3..1", "a request's number from 1"), ("503=1%:", "has no option"),
    ("same-number=1%", "takes no value"),
    ("busy-scaling=AS.2047", "busy-scaling=AS.0003"), ("slow=1%:delay=5x", "unknown unit x"),
  ])
  func `says what is wrong with a fault`(text: String, problem: String) {
    let error = #expect(throws: SimulatorOptionError.self) { try FaultSpec(text) }
    #expect(error?.problem.contains(problem) == true, "\(error.map(String.init(describing:)) ?? "no error")")
  }
}

struct FaultPlanTests {
  @Test func `a fault hits its share of the requests`() throws {
    let plan = FaultPlan([try FaultSpec("reset=5%")], seed: 7)
    let hits = (1...20_000).count { plan.fault(key: "group \($0 % 100)", method: .put, number: $0) != nil }
    #expect((900...1100).contains(hits), "seed 7: \(hits)")
  }

  @Test func `the same request is hit whatever other faults there are`() throws {
    let alone = FaultPlan([try FaultSpec("lost-answer=20%")], seed: 3)
    let among = FaultPlan([try FaultSpec("lost-answer=20%"), try FaultSpec("503=20%")], seed: 3)
    for number in 1...200 where alone.fault(key: "g", method: .put, number: number) != nil {
      #expect(among.fault(key: "g", method: .put, number: number)?.kind == .lostAnswer)
    }
  }

  @Test func `nth limits a fault to those requests`() throws {
    let plan = FaultPlan([try FaultSpec("503=100%:nth=2..3:only=get")], seed: 1)
    let hit = (1...5).filter { plan.fault(key: "g", method: .get, number: $0) != nil }
    #expect(hit == [2, 3])
    #expect(plan.fault(key: "g", method: .put, number: 2) == nil)
  }

  @Test func `arrival order does not change which requests of a group are hit`() throws {
    func statuses(order: (Int) -> [Int]) throws -> [[Int]] {
      let cloud = try TestCloud("503=30%", "409=10%") {
        $0.groups = 8
        $0.seed = 42
      }
      let references = cloud.cloud.references.filter { $0 != TestCloud.group }
      var result = Array(repeating: [Int](), count: 8)
      for round in 0..<30 {
        for group in order(round) { result[group].append(cloud.get(references[group]).status) }
      }
      return result
    }
    let forwards = try statuses { _ in Array(0..<8) }
    let turned = try statuses { round in Array((0..<8).map { (round * 3 + 7 * $0) % 8 }.reversed()) }
    #expect(forwards == turned, "seed 42")
    #expect(Set(forwards.joined()) == [200, 503, 409])
  }
}
