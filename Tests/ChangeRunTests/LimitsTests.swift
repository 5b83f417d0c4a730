import AutoScaling
import Testing

@testable import ChangeRun

/// `--max-failures`, `--max-removed`, `--waves`.
@Suite struct LimitsTests {
  private static func groups(_ count: Int, desired: Int = 2) -> [(group: String, planned: GroupModification)] {
    (1...count).map { ("g\($0)", [.desireInstanceNumber: .integer(desired)]) }
  }

  private static let gone = ServiceFailure.answered(404, "AS.2007", "no such group")

  // MARK: Failures

  @Test(arguments: 0...4, [1, 3, 8, 64])
  func `there are never more than N + 1 failures`(limit: Int, concurrency: Int) {
    let run = MachineDriver(
      Self.groups(100),
      options: .unpaced {
        $0.maxFailures = .count(limit)
        $0.concurrency = concurrency
      })
    while run.ending == nil, let number = run.reads.first { run.read(number, fails: Self.gone) }
    #expect(run.machine.counts.failed == limit + 1)
    guard case .stopped(.maxFailures, let detail) = run.ending else {
      Issue.record("ended \(String(describing: run.ending))")
      return
    }
    #expect(detail.contains("--max-failures \(limit)"))
    #expect(StopCause.maxFailures.exitStatus == 76)
  }

  @Test func `never more changes are in flight than may still fail`() {
    let run = MachineDriver(Self.groups(50), options: .unpaced { $0.maxFailures = .count(2) })
    run.carryOut(1)
    #expect(run.reads.count == 3)
    run.read(run.reads[0], fails: Self.gone)
    #expect(run.reads.count == 2)
    run.read(run.reads[0], fails: Self.gone)
    #expect(run.reads.count == 1)
  }

  @Test func `the count starts anew with each session`() {
    let run = MachineDriver(Self.groups(10), options: .unpaced { $0.maxFailures = .count(0) })
    run.read(1, fails: Self.gone)
    run.resume()
    run.read(2, fails: Self.gone)
    #expect(run.machine.counts.failed == 2)
    #expect(run.machine.failures == 1)
  }

  @Test func `a share is judged once 20 changes have finished`() {
    let run = MachineDriver(
      Self.groups(40),
      options: .unpaced {
        $0.maxFailures = .share(percent: 10)
        $0.concurrency = 1
      })
    for number in 1...3 { run.read(number, fails: Self.gone) }
    for number in 4...19 { run.carryOut(number) }
    #expect(run.ending == nil)
    run.carryOut(20)
    guard case .stopped(.maxFailures, _) = run.ending else {
      Issue.record("3 of 20 are more than 10 %")
      return
    }
  }

  @Test func `a tenth is not more than 10 %`() {
    let run = MachineDriver(
      Self.groups(40),
      options: .unpaced {
        $0.maxFailures = .share(percent: 10)
        $0.concurrency = 1
      })
    for number in 1...2 { run.read(number, fails: Self.gone) }
    for number in 3...40 { run.carryOut(number) }
    #expect(run.ending == .completed)
  }

  // MARK: Instances

  private static let removing: [(String, GroupModification)] = (1...4).map { ("g\($0)", [.desireInstanceNumber: 2]) }

  @Test func `a change that would exceed --max-removed is not sent and stays pending`() {
    let run = MachineDriver(
      Self.removing,
      options: .unpaced {
        $0.maxRemoved = 5
        $0.concurrency = 1
      })
    run.carryOut(1, from: [.desireInstanceNumber: 5])
    #expect(run.machine.instancesRemoved == 3)
    run.read(2, shows: [.desireInstanceNumber: 5])
    #expect(run.row(2) == ChangeRow())
    guard case .stopped(.maxRemoved, let detail) = run.ending else {
      Issue.record("ended \(String(describing: run.ending))")
      return
    }
    #expect(detail == "change 2 would remove 3 instances; 3 of 5 are used up")
  }

  @Test func `what is in flight counts, and what was refused does not`() {
    let run = MachineDriver(Self.removing, options: .unpaced { $0.maxRemoved = 3 })
    run.read(1, shows: [.desireInstanceNumber: 5])
    #expect(run.machine.instancesRemoved == 3)
    run.put(1, fails: .answered(400, "AS.2010", "protected"))
    #expect(run.machine.instancesRemoved == 0)
    run.carryOut(2, from: [.desireInstanceNumber: 5])
    #expect(run.state(2) == .succeeded)
  }

  @Test func `a lost answer counts until it is settled, also after a crash`() {
    let run = MachineDriver(
      Self.removing,
      options: .unpaced {
        $0.maxRemoved = 3
        $0.concurrency = 1
      })
    run.read(1, shows: [.desireInstanceNumber: 5])
    run.put(1, fails: .lostAnswer)
    #expect(run.machine.instancesRemoved == 3)
    run.crash()
    #expect(run.machine.instancesRemoved == 3)
    run.read(run.reads[0], shows: [.desireInstanceNumber: 5])
    #expect(run.machine.requests.puts == 1)
  }

  @Test func `added instances do not make up for removed ones`() {
    let run = MachineDriver(
      Self.removing,
      options: .unpaced {
        $0.maxRemoved = 3
        $0.concurrency = 1
      })
    run.carryOut(1, from: [.desireInstanceNumber: 0])
    run.carryOut(2, from: [.desireInstanceNumber: 5])
    run.read(3, shows: [.desireInstanceNumber: 3])
    #expect(run.ending != nil)
  }

  // MARK: Waves

  @Test func `a wave begins when every change of the former one has ended`() throws {
    let waves = try #require(Waves(text: "1,50%"))
    let run = MachineDriver(Self.groups(6), options: .unpaced { $0.waves = waves })
    #expect(run.reads == [1])
    run.read(1, shows: [.desireInstanceNumber: 1])
    // Not even a read of the next one.
    #expect(run.reads.isEmpty)
    run.putSucceeds(1)
    #expect(run.reads == [2, 3])
    run.carryOut(2)
    run.read(3, shows: [.desireInstanceNumber: 1])
    run.put(3, fails: .answered(409, nil, "conflict"))
    #expect(run.reads.isEmpty)
    run.passUntilRead(3)
    run.carryOut(3)
    #expect(run.reads == [4, 5, 6])
  }

  @Test func `--wave-pause waits between waves`() throws {
    let waves = try #require(Waves(text: "1"))
    let run = MachineDriver(
      Self.groups(3),
      options: .unpaced {
        $0.waves = waves
        $0.wavePause = .seconds(60)
      })
    #expect(run.machine.progress(at: run.now).pauseAhead == 60)
    run.carryOut(1)
    run.pass(.seconds(59))
    #expect(run.reads.isEmpty)
    #expect(run.machine.progress(at: run.now).hold == .wavePause(seconds: 1))
    #expect(run.machine.progress(at: run.now).pauseAhead == 0)
    run.pass(.seconds(1))
    #expect(run.reads == [2, 3])
  }

  @Test func `--confirm-waves stops after each wave, and resume is the confirmation`() throws {
    let waves = try #require(Waves(text: "1,2"))
    let run = MachineDriver(
      Self.groups(3),
      options: .unpaced {
        $0.waves = waves
        $0.confirmWaves = true
      })
    run.carryOut(1)
    #expect(run.ending == .stopped(.waveConfirmation, detail: "wave 1 of 3 has ended: 1 change"))
    run.resume()
    run.carryOut(2)
    #expect(run.ending == .stopped(.waveConfirmation, detail: "wave 2 of 3 has ended: 2 changes"))
    run.resume()
    run.carryOut(3)
    #expect(run.ending == .completed)
  }

  @Test func `a wave does not begin after too many failures`() throws {
    let waves = try #require(Waves(text: "1"))
    let run = MachineDriver(
      Self.groups(3),
      options: .unpaced {
        $0.waves = waves
        $0.maxFailures = .count(0)
      })
    run.read(1, fails: Self.gone)
    #expect(run.reads.isEmpty)
    #expect(run.ending != nil)
  }
}
