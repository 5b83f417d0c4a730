import AutoScaling
import Testing

@testable import ChangeRun

/// What holds across the sessions of a run, and over the sleep of the machine.
@Suite struct SessionBoundaryTests {
  private static func groups(_ count: Int) -> [(group: String, planned: GroupModification)] {
    (1...count).map { ("g\($0)", [.desireInstanceNumber: 2]) }
  }

  private static let gone = ServiceFailure.answered(404, "AS.2007", "no such group")

  // MARK: Waves

  @Test func `a wave that ended without being asked about is asked about by the next session`() throws {
    let waves = try #require(Waves(text: "1,2"))
    let run = MachineDriver(
      Self.groups(3),
      options: .unpaced {
        $0.waves = waves
        $0.confirmWaves = true
      })
    run.read(1, shows: [.desireInstanceNumber: 1])
    // The last change of the wave ends while the run stops for another reason.
    run.feed(.stopRequested(.signal))
    run.putSucceeds(1)
    #expect(run.ending == .stopped(.signal, detail: ""))
    run.resume(isWaveConfirmed: false)
    #expect(run.reads.isEmpty)
    #expect(run.ending == .stopped(.waveConfirmation, detail: "wave 1 of 3 has ended: 1 change"))
    run.resume()
    #expect(run.reads == [2])
  }

  @Test func `in the middle of a wave nothing is asked`() throws {
    let waves = try #require(Waves(text: "2"))
    let run = MachineDriver(
      Self.groups(4),
      options: .unpaced {
        $0.waves = waves
        $0.confirmWaves = true
        $0.concurrency = 1
      })
    run.carryOut(1)
    run.crash()
    run.resume(isWaveConfirmed: false)
    #expect(run.reads == [2])
  }

  @Test func `the pause between waves begins anew with the next session`() throws {
    let waves = try #require(Waves(text: "1"))
    let run = MachineDriver(
      Self.groups(3),
      options: .unpaced {
        $0.waves = waves
        $0.wavePause = .seconds(60)
      })
    run.carryOut(1)
    run.pass(.seconds(30))
    run.crash()
    run.resume(isWaveConfirmed: false)
    run.pass(.seconds(59))
    #expect(run.reads.isEmpty)
    run.pass(.seconds(1))
    #expect(run.reads == [2])
  }

  // MARK: Abandoning

  @Test func `abandoning knows no waves, and what is settled is not read back`() throws {
    let waves = try #require(Waves(text: "1,2"))
    let run = MachineDriver(Self.groups(3), options: .unpaced { $0.requestTimeout = .seconds(1) })
    for number in 1...3 { run.read(number, shows: [.desireInstanceNumber: 1]) }
    run.crash(
      options: .unpaced {
        $0.waves = waves
        $0.confirmWaves = true
        $0.verify = true
        $0.waitStable = .seconds(600)
      }, isAbandoning: true)
    for _ in 1...3 { run.read(run.reads[0], shows: [.desireInstanceNumber: 2], isScaling: true) }
    #expect(run.ending == .completed)
    #expect(run.states.allSatisfy { $0 == .succeeded })
    #expect(run.sends.isEmpty)
  }

  // MARK: Limits

  @Test func `a share is also judged when the twentieth change is a blocked one`() {
    let plans = Self.groups(19) + [("g1", [.coolDownTime: 5] as GroupModification)] + Self.groups(30).suffix(10)
    let run = MachineDriver(
      plans,
      options: .unpaced {
        $0.maxFailures = .share(percent: 10)
        $0.concurrency = 1
      })
    for number in 1...3 { run.read(number, fails: Self.gone) }
    for number in 4...19 where run.ending == nil { run.carryOut(number) }
    #expect(run.state(20) == .blocked)
    guard case .stopped(.maxFailures, _) = run.ending else {
      Issue.record("3 of 20 are more than 10 %: \(String(describing: run.ending))")
      return
    }
    #expect(run.machine.requests.puts == 16)
  }

  @Test func `--wait-scaling of nothing blocks a busy group at once`() {
    let scaling = MachineDriver([("g", [.availableZones: ["a"]])], options: .unpaced { $0.waitScaling = .zero })
    scaling.read(shows: [.availableZones: ["b"]], isScaling: true)
    #expect(scaling.state() == .blocked)
    let refused = MachineDriver(options: .unpaced { $0.waitScaling = .zero })
    refused.read(shows: [.desireInstanceNumber: 1])
    refused.put(fails: .answered(400, "AS.0003", "locked"))
    #expect(refused.state() == .blocked)
    #expect(refused.row().applied == .no)
  }

  // MARK: The machine sleeps

  @Test func `a machine that sleeps two hours in an outage wakes up and goes on`() {
    let run = MachineDriver(Self.groups(5), options: .unpaced { $0.waitEndpoint = .seconds(15 * 60) })
    run.carryOut(1)
    // The network goes first, with a probe on its way.
    while !run.machine.health.isUnreachable {
      for number in run.reads { run.read(number, fails: .notSent) }
      run.pass(.milliseconds(500))
    }
    run.pass(.seconds(5))
    let probe = run.reads
    #expect(probe.count == 1)
    run.pass(.seconds(2 * 3_600))
    #expect(run.ending == nil)
    for number in probe { run.read(number, fails: .lostAnswer) }
    #expect(run.ending == nil)
    for _ in 1...40 where run.ending == nil {
      run.pass(.milliseconds(500))
      for number in run.reads { run.carryOut(number) }
    }
    #expect(run.ending == .completed)
    #expect(run.states.allSatisfy { $0 == .succeeded })
  }

  @Test func `one that is still cut off after it waits --wait-endpoint from then on`() {
    let run = MachineDriver(Self.groups(5), options: .unpaced { $0.waitEndpoint = .seconds(15 * 60) })
    run.carryOut(1)
    while !run.machine.health.isUnreachable {
      for number in run.reads { run.read(number, fails: .notSent) }
      run.pass(.milliseconds(500))
    }
    run.pass(.seconds(2 * 3_600))
    let awake = run.now.ticks
    while run.ending == nil, run.now.ticks < awake + 3_600_000_000_000 {
      for number in run.reads { run.read(number, fails: .notSent) }
      run.pass(.milliseconds(500))
    }
    #expect(run.ending == .stopped(.endpointUnreachable, detail: ServiceFailure.notSent.message))
    #expect((900...902).contains((run.now.ticks - awake) / 1_000_000_000))
    #expect(run.machine.counts.failed == 0)
  }
}
