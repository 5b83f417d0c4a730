import AutoScaling
import Testing

@testable import ChangeRun

/// Contract, section 4: groups that are scaling or locked.
@Suite struct BusyTests {
  static let locked = ServiceFailure.answered(400, "AS.0003", "lock conflict")

  @Test(arguments: ["AS.0003", "AS.2047", "AS.2054", "AS.0026"])
  func `a busy group is parked and uses no attempt`(code: String) throws {
    let run = MachineDriver(options: .unpaced { $0.maxAttempts = 1 })
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(400, code, "busy"))
    #expect(run.row().wait?.cause == .busy)
    #expect(run.row().tries == 0)
    #expect((10_000...11_000).contains(try #require(run.wait())))
    run.passUntilRead()
    run.carryOut()
    #expect(run.state() == .succeeded)
  }

  @Test func `a group that is scaling is parked without a PUT where a field needs it still`() {
    let run = MachineDriver([("g", [.availableZones: ["a"]])])
    run.read(shows: [.availableZones: ["b"]], isScaling: true)
    #expect(run.row().wait?.cause == .busy)
    #expect(run.row().errorCode == FleetplanCode.busy)
    #expect(run.machine.requests.puts == 0)
    run.passUntilRead()
    run.carryOut(from: [.availableZones: ["b"]])
    #expect(run.state() == .succeeded)
    #expect(run.row().errorCode == nil)
  }

  @Test func `polls come 10 to 60 seconds apart`() throws {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    var waits: [Int] = []
    while run.state() == .sending {
      run.put(fails: Self.locked)
      guard let wait = run.wait() else { break }
      waits.append(wait)
      run.passUntilRead()
      run.read(shows: [.desireInstanceNumber: 1])
    }
    #expect(waits.allSatisfy { (10_000...60_000).contains($0) })
    #expect(waits.first ?? 0 < 12_000)
    #expect(waits.max() ?? 0 > 50_000)
    #expect((14...40).contains(waits.count))
  }

  @Test func `a change still busy after --wait-scaling is blocked, though its PUTs were tried in between`() {
    let run = MachineDriver(options: .unpaced { $0.waitScaling = .seconds(120) })
    let start = run.now.wall
    run.read(shows: [.desireInstanceNumber: 1])
    while run.state() == .sending, run.now.wall < start + 3_600_000 {
      run.put(fails: Self.locked)
      guard run.state() == .waiting else { break }
      run.passUntilRead()
      run.read(shows: [.desireInstanceNumber: 1])
    }
    #expect(run.state() == .blocked)
    #expect(run.row().errorCode == "AS.0003")
    #expect((120_000...135_000).contains(run.now.wall - start))
  }

  @Test func `the deadline has passed only if a request made after it says so`() {
    let run = MachineDriver([("g", [.availableZones: ["a"]])], options: .unpaced { $0.waitScaling = .seconds(15) })
    run.read(shows: [.availableZones: ["b"]], isScaling: true)
    run.passUntilRead()
    // Sent after 10 s, answered after 20.
    run.pass(.seconds(10))
    run.read(shows: [.availableZones: ["b"]], isScaling: true)
    #expect(run.state() == .waiting)
    run.passUntilRead()
    run.read(shows: [.availableZones: ["b"]], isScaling: true)
    #expect(run.state() == .blocked)
  }

  @Test func `a group that is ready when it is read long after the deadline is changed`() {
    let run = MachineDriver([("g", [.availableZones: ["a"]])])
    run.read(shows: [.availableZones: ["b"]], isScaling: true)
    run.crash()
    run.pass(.seconds(3_600))
    run.carryOut(from: [.availableZones: ["b"]])
    #expect(run.state() == .succeeded)
  }

  @Test(arguments: ["AS.2030", "AS.2033"])
  func `AS.2030 and AS.2033 are settled by a read`(code: String) {
    for isScaling in [true, false] {
      let run = MachineDriver()
      run.read(shows: [.desireInstanceNumber: 1])
      run.put(fails: .answered(400, code, "not now"))
      #expect(run.reads == [1])
      run.read(shows: [.desireInstanceNumber: 1], isScaling: isScaling)
      #expect(run.state() == (isScaling ? .waiting : .failed))
      #expect(run.row().wait?.cause == (isScaling ? .busy : nil))
      #expect(run.row().errorCode == code)
      #expect(run.row().applied == .no)
    }
  }

  // MARK: Beside other work

  @Test func `fresh work comes first`() {
    let plans =
      [("b", [.availableZones: ["a"]] as GroupModification)]
      + (1...4).map { ("g\($0)", [.desireInstanceNumber: 2] as GroupModification) }
    let run = MachineDriver(plans, options: .unpaced { $0.concurrency = 1 })
    run.read(1, shows: [.availableZones: ["b"]], isScaling: true)
    run.pass(.seconds(30))
    for number in 2...5 {
      #expect(run.reads == [number])
      run.carryOut(number)
    }
    #expect(run.reads == [1])
  }

  @Test func `busy groups get at most a fifth of the rate`() {
    let plans = (1...200).map { ("g\($0)", [.availableZones: ["a"]] as GroupModification) }
    let run = MachineDriver(
      plans,
      options: .unpaced {
        $0.rate = 50
        $0.concurrency = 100
      })
    var polls: [Int] = []
    for _ in 0..<6_000 {
      run.pass(.milliseconds(10))
      for number in run.reads {
        if run.row(number).wait != nil { polls.append(run.now.wall) }
        run.read(number, shows: [.availableZones: ["b"]], isScaling: true)
      }
    }
    #expect(polls.count > 300)
    for (first, later) in zip(polls, polls.dropFirst(11)) { #expect(later - first >= 990) }
  }

  @Test func `a hundred thousand parked changes stay in the ledger`() {
    var machine = RunMachine(options: .unpaced, counts: RunCounts(total: 100_000), seed: 1)
    let now = RunMoment(ticks: 0, wall: 0)
    func parked(_ numbers: Range<Int>) -> [ClaimedChange] {
      numbers.map { number in
        var row = ChangeRow()
        row.state = .waiting
        row.wait = ChangeWait(cause: .busy, dueAt: 0, delay: 0)
        return ClaimedChange(
          number: number, group: GroupReference(projectID: "p", groupID: "\(number)"),
          planned: [.desireInstanceNumber: 2], row: row)
      }
    }
    var claims = 0
    var pending = machine.handle(.started(waiting: [.busy: 100_000]), at: now)
    while let action = pending.popLast() {
      guard case .claim(let kind, let limit) = action else { continue }
      claims += 1
      let changes = kind == .busy ? parked(claims * 1_000..<claims * 1_000 + limit) : []
      pending += machine.handle(
        .claimed(ClaimAnswer(kind: kind, changes: changes, isExhausted: kind != .busy)), at: now)
    }
    #expect(claims == 3)
    #expect(machine.busyQueue.count + machine.slots.count <= RunMachine.claimSize)
  }
}
