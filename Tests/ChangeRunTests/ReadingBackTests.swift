import AutoScaling
import Testing

@testable import ChangeRun

/// `--verify` and `--wait-stable`.
@Suite struct ReadingBackTests {
  private func verifying(_ options: RunOptions = .unpaced { $0.verify = true }) -> MachineDriver {
    let run = MachineDriver(options: options)
    run.carryOut()
    #expect(run.state() == .verifying)
    #expect(run.row().applied == .yes)
    run.passUntilRead()
    return run
  }

  @Test func `a change has succeeded when the group shows it`() {
    let run = verifying()
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.state() == .succeeded)
    #expect(run.ending == .completed)
  }

  @Test func `after 30 seconds without it the change has failed, with what was found`() {
    let run = verifying()
    let start = run.row().waitSince ?? 0
    while run.state() == .verifying {
      run.read(shows: [.desireInstanceNumber: 1])
      if run.state() == .verifying { run.passUntilRead() }
    }
    #expect(run.state() == .failed)
    #expect(run.row().errorCode == FleetplanCode.notVerified)
    #expect(run.row().found == [.desireInstanceNumber: 1])
    #expect(run.row().applied == .yes)
    #expect((30_000...36_000).contains(run.now.wall - start))
  }

  @Test(arguments: [
    ServiceFailure.lostAnswer, .notSent, .answered(503, nil, "maintenance"), .answered(429, nil, "slower"),
  ])
  func `a failed read does not make it send again`(failure: ServiceFailure) {
    let run = verifying()
    for _ in 1...4 {
      run.read(fails: failure)
      #expect(run.state() == .verifying)
      run.passUntilRead()
    }
    // Even where the group shows the prior value.
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.state() == .verifying)
    #expect(run.machine.requests.puts == 1)
  }

  @Test func `nor does a crash`() {
    let run = verifying()
    run.crash()
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.state() == .verifying)
    #expect(run.machine.requests.puts == 1)
  }

  @Test func `nor a stop for refused credentials`() {
    let run = verifying()
    run.read(fails: .answered(401, "AS.0006", "expired"))
    #expect(run.state() == .verifying)
    #expect(run.ending == .stopped(.unauthorized, detail: "expired"))
  }

  @Test func `the next change of the group waits until it is through`() {
    let run = MachineDriver(
      [("g", [.desireInstanceNumber: 2]), ("g", [.desireInstanceNumber: 3])], options: .unpaced { $0.verify = true })
    run.carryOut(1)
    run.passUntilRead(1)
    #expect(run.reads == [1])
    run.read(1, shows: [.desireInstanceNumber: 2])
    #expect(run.reads == [2])
  }

  @Test func `--wait-stable waits until the instances are there`() {
    let run = verifying(.unpaced { $0.waitStable = .seconds(300) })
    run.read(shows: [.desireInstanceNumber: 2], isScaling: true, current: 1)
    #expect(run.state() == .verifying)
    #expect(run.row().wait?.cause == .stable)
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 2], current: 2)
    #expect(run.state() == .succeeded)
  }

  @Test func `and fails the change when they do not come`() {
    let run = verifying(.unpaced { $0.waitStable = .seconds(100) })
    let start = run.row().waitSince ?? 0
    while run.state() == .verifying {
      run.read(shows: [.desireInstanceNumber: 2], current: 1)
      if run.state() == .verifying { run.passUntilRead() }
    }
    #expect(run.row().errorCode == FleetplanCode.notStable)
    #expect((100_000...101_000).contains(run.now.wall - start))
  }

  @Test func `both: first the values, then the instances`() {
    let run = verifying(
      .unpaced {
        $0.verify = true
        $0.waitStable = .seconds(100)
      })
    run.read(shows: [.desireInstanceNumber: 2], isScaling: true, current: 1)
    #expect(run.row().wait?.cause == .stable)
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 2], current: 2)
    #expect(run.state() == .succeeded)
  }
}
