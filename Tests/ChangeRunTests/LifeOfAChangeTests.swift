import AutoScaling
import Testing

@testable import ChangeRun

/// Contract, section 4: the way of a change without lost answers.
@Suite struct LifeOfAChangeTests {
  @Test func `one change costs one GET and one PUT`() {
    let run = MachineDriver()
    run.carryOut()
    #expect(run.state() == .succeeded)
    #expect(run.row().applied == .yes)
    #expect(run.machine.requests == RequestCounts(gets: 1, puts: 1))
    #expect(run.ending == .completed)
  }

  @Test func `a plan without changes is completed at once`() {
    #expect(MachineDriver([]).ending == .completed)
  }

  @Test func `the PUT leaves only when its record is durable`() {
    let run = MachineDriver()
    run.holdsCommits = true
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.sends.isEmpty)
    run.commit()
    #expect(run.sends.map(\.body) == [[.desireInstanceNumber: 2]])
    #expect(run.record()?.prior == [.desireInstanceNumber: 1])
    #expect(run.record()?.planned == [.desireInstanceNumber: 2])
  }

  @Test func `a group that holds the planned values already is unchanged and has no record`() {
    let run = MachineDriver([("g", [.availableZones: ["a", "b"]])])
    run.read(shows: [.availableZones: ["b", "a"]])
    #expect(run.state() == .unchanged)
    #expect(run.row().applied == .no)
    #expect(run.record() == nil)
    #expect(run.machine.requests.puts == 0)
  }

  @Test func `only the planned fields that differ are sent and recorded`() {
    let run = MachineDriver([("g", [.desireInstanceNumber: 2, .coolDownTime: 0])])
    run.read(shows: [.desireInstanceNumber: 2, .coolDownTime: 60, .scalingGroupName: "x"])
    #expect(run.sends.map(\.body) == [[.coolDownTime: 0]])
    #expect(run.record()?.prior == [.coolDownTime: 60])
  }

  @Test func `a field that the group does not show has the prior null and no way back`() {
    let run = MachineDriver([("g", [.deleteVolume: true])])
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.record()?.prior == [.deleteVolume: .null])
    #expect(run.record()?.unrestorable == [.deleteVolume])
  }

  @Test func `live values that forbid the change block it`() {
    let run = MachineDriver([("g", [.desireInstanceNumber: 30])])
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.state() == .blocked)
    #expect(run.row().errorCode == FleetplanCode.instanceRange)
  }

  @Test func `with --skip-preconditions the judgement is the service's`() {
    let run = MachineDriver(
      [("g", [.desireInstanceNumber: 30])], options: .unpaced { $0.skipPreconditions = true })
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(400, "AS.2005", "out of range"))
    #expect(run.state() == .failed)
    #expect(run.row().errorCode == "AS.2005")
    #expect(run.row().httpStatus == 400)
  }

  @Test(arguments: [(404, "AS.2007"), (400, "AS.2007"), (403, "AS.0011"), (302, "FP.REDIRECT")])
  func `a read that is refused for good fails the change`(status: Int, code: String) {
    let run = MachineDriver()
    run.read(fails: .answered(status, code, "no"))
    #expect(run.state() == .failed)
    #expect(run.row().errorCode == code)
    #expect(run.ledger.entries[1]?.attempts.map(\.method) == [.get])
  }

  @Test(arguments: [(400, "AS.2013"), (403, "AS.0011"), (400, "AS.9999"), (418, nil)] as [(Int, String?)])
  func `a permanent refusal fails the change at the first attempt`(status: Int, code: String?) {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(status, code, "no"))
    #expect(run.state() == .failed)
    #expect(run.row().attempts == 1)
    #expect(run.row().applied == .no)
    #expect(run.row().effectiveAttempt == nil)
  }

  // MARK: Order

  @Test func `changes of one group go one after the other in plan order`() {
    let run = MachineDriver([
      ("g", [.desireInstanceNumber: 2]), ("g", [.desireInstanceNumber: 3]), ("h", [.desireInstanceNumber: 2]),
    ])
    #expect(run.reads == [1])
    run.read(1, shows: [.desireInstanceNumber: 1])
    #expect(run.reads == [3])
    run.putSucceeds(1)
    #expect(run.reads == [3, 2])
    run.carryOut(2, from: [.desireInstanceNumber: 2])
    run.carryOut(3)
    #expect(run.states == [.succeeded, .succeeded, .succeeded])
  }

  @Test func `a failed change blocks the later ones of its group`() {
    let plans: [(String, GroupModification)] = [
      ("g", [.coolDownTime: 1]), ("g", [.coolDownTime: 2]), ("g", [.coolDownTime: 3]),
    ]
    let run = MachineDriver(plans)
    run.read(1, fails: .answered(404, "AS.2007", "no"))
    #expect(run.states == [.failed, .blocked, .blocked])
    #expect(run.row(3).errorCode == FleetplanCode.predecessor)
    #expect(run.machine.requests.gets == 1)
    #expect(run.ending == .completed)
  }

  @Test func `with --keep-going they go on`() {
    let run = MachineDriver(
      [("g", [.coolDownTime: 1]), ("g", [.coolDownTime: 2])], options: .unpaced { $0.keepGoing = true })
    run.read(1, fails: .answered(404, "AS.2007", "no"))
    #expect(run.reads == [2])
  }

  // MARK: Concurrency

  @Test func `no more changes are in hand than the concurrency allows`() {
    let plans = (1...20).map { ("g\($0)", [.desireInstanceNumber: 2] as GroupModification) }
    let run = MachineDriver(plans, options: .unpaced { $0.concurrency = 3 })
    run.carryOut(1)
    #expect(run.reads == [2, 3, 4])
    run.feed(.tuned(rate: nil, concurrency: 5))
    #expect(run.reads.count == 5)
    #expect(run.machine.progress(at: run.now).inFlight == 5)
  }

  @Test func `automatic concurrency follows rate and latency from 8 to 256`() {
    var options = RunOptions()
    options.rate = 1
    #expect(RunMachine(options: options, counts: RunCounts(total: 1), seed: 1).concurrency == 8)
    options.rate = 1_000
    #expect(RunMachine(options: options, counts: RunCounts(total: 1), seed: 1).concurrency == 135)
    options.rate = 100_000
    #expect(RunMachine(options: options, counts: RunCounts(total: 1), seed: 1).concurrency == 256)
  }
}
