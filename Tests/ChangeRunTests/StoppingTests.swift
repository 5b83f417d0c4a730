import AutoScaling
import Testing

@testable import ChangeRun

/// Signals, deadlines, refused credentials, and outages.
@Suite struct StoppingTests {
  private static func groups(_ count: Int) -> [(group: String, planned: GroupModification)] {
    (1...count).map { ("g\($0)", [.desireInstanceNumber: 2]) }
  }

  private static let expired = ServiceFailure.answered(401, "AS.0006", "expired")

  // MARK: A stop

  @Test func `a stop begins nothing, waits for what is in flight, and ends the session`() {
    let run = MachineDriver(Self.groups(9), options: .unpaced { $0.concurrency = 3 })
    run.read(1, shows: [.desireInstanceNumber: 1])
    #expect(run.reads == [2, 3])
    run.feed(.stopRequested(.signal))
    #expect(run.ending == nil)
    // A read that returns begins nothing.
    run.read(2, shows: [.desireInstanceNumber: 1])
    run.read(3, shows: [.desireInstanceNumber: 1])
    #expect(run.sends.map(\.number) == [1])
    run.putSucceeds(1)
    #expect(run.ending == .stopped(.signal, detail: ""))
    #expect(run.state(1) == .succeeded)
    #expect(run.row(2) == ChangeRow())
    run.resume()
    #expect(run.reads == [2])
  }

  @Test func `an intent that has not left is taken back`() {
    let run = MachineDriver()
    run.holdsCommits = true
    run.read(shows: [.desireInstanceNumber: 1])
    run.feed(.stopRequested(.signal))
    run.holdsCommits = false
    run.commit()
    #expect(run.ending == .stopped(.signal, detail: ""))
    #expect(run.state() == .waiting)
    #expect(run.row().attempts == 0)
    #expect(run.row().effectiveAttempt == nil)
    #expect(run.row().applied == .no)
    run.resume()
    run.carryOut()
    #expect(run.state() == .succeeded)
    // Numbers of records are not used twice.
    #expect(run.ledger.entries[1]?.records.count == 1)
  }

  @Test func `a stop waits 30 seconds at most`() {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.feed(.stopRequested(.signal))
    run.pass(.seconds(29))
    #expect(run.ending == nil)
    run.pass(.seconds(2))
    #expect(run.ending == .stopped(.signal, detail: ""))
    // In doubt, for the next session.
    #expect(run.state() == .sending)
  }

  @Test func `the last change ends the run also while it stops`() {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.feed(.stopRequested(.signal))
    run.putSucceeds()
    #expect(run.ending == .completed)
  }

  @Test func `--stop-after and --until stop by themselves`() {
    let after = MachineDriver(options: .unpaced { $0.stopAfter = .seconds(60) })
    after.read(shows: [.desireInstanceNumber: 1])
    after.put(fails: .answered(429, nil, "slower", retryAfter: 1_000))
    after.pass(.seconds(59))
    #expect(after.ending == nil)
    after.pass(.seconds(2))
    #expect(after.ending == .stopped(.stopAfter, detail: ""))

    let until = MachineDriver(options: .unpaced { $0.until = 1_800_000_090_000 })
    until.read(shows: [.desireInstanceNumber: 1])
    until.put(fails: .answered(429, nil, "slower", retryAfter: 1_000))
    until.pass(.seconds(89))
    #expect(until.ending == nil)
    until.pass(.seconds(2))
    #expect(until.ending == .stopped(.until, detail: ""))
  }

  @Test func `a recorded PUT that an outage has kept for too long is read again`() {
    let run = MachineDriver(Self.groups(5))
    run.carryOut(1)
    run.holdsCommits = true
    for number in 2...3 { run.read(number, shows: [.desireInstanceNumber: 1]) }
    for number in 4...5 { run.read(number, fails: .lostAnswer) }
    run.holdsCommits = false
    run.commit()
    // The first PUT is the probe, and hangs; the second one waits behind it.
    run.pass(.seconds(1))
    #expect(run.sends.map(\.number) == [2])
    run.pass(.seconds(30))
    run.put(2, fails: .notSent)
    #expect(run.state(3) == .waiting)
    #expect(run.row(3).attempts == 0)
    #expect(run.row(3).effectiveAttempt == nil)
    for _ in 1...10 where !run.reads.contains(3) {
      run.pass(.seconds(1))
      for number in run.reads where number != 3 { run.carryOut(number) }
    }
    run.read(3, shows: [.desireInstanceNumber: 4])
    #expect(run.record(3)?.prior == [.desireInstanceNumber: 4])
  }

  @Test func `at the slowest rates a recorded PUT still gets its turn`() {
    let run = MachineDriver(
      Self.groups(4),
      options: .unpaced {
        $0.rate = 0.05
        $0.concurrency = 4
      })
    for _ in 1...200 where run.ending == nil {
      for number in run.reads { run.read(number, shows: [.desireInstanceNumber: 1]) }
      for send in run.sends { run.putSucceeds(send.number) }
      run.pass(.seconds(5))
    }
    #expect(run.ending == .completed)
    #expect(run.machine.requests == RequestCounts(gets: 4, puts: 4))
  }

  // MARK: Credentials

  @Test func `the first request of a run goes alone`() {
    let run = MachineDriver(Self.groups(9))
    #expect(run.reads == [1])
    run.read(1, shows: [.desireInstanceNumber: 1])
    #expect(run.reads.count == 7)
  }

  @Test func `credentials refused at once change nothing`() {
    let run = MachineDriver(Self.groups(9))
    run.read(1, fails: Self.expired)
    #expect(run.ending == .stopped(.credentialsRefused, detail: "expired"))
    #expect(run.machine.requests == RequestCounts(gets: 1))
    #expect(StopCause.credentialsRefused.exitStatus == 77)
    #expect(run.row(1).tries == 0)
  }

  @Test func `a later 401 stops all further requests`() {
    let run = MachineDriver(Self.groups(9), options: .unpaced { $0.concurrency = 3 })
    run.read(1, shows: [.desireInstanceNumber: 1])
    run.read(2, shows: [.desireInstanceNumber: 1])
    run.put(1, fails: Self.expired)
    let requests = run.machine.requests
    // What is answered now would otherwise be read again at once.
    run.put(2, fails: .answered(400, "AS.2030", "scaling?"))
    for number in run.reads { run.read(number, shows: [.desireInstanceNumber: 1]) }
    #expect(run.ending == .stopped(.unauthorized, detail: "expired"))
    #expect(run.machine.requests == requests)
    #expect(StopCause.unauthorized.exitStatus == 75)
    #expect(run.row(1).tries == 0)
    #expect(run.row(1).applied == .no)
    #expect(run.state(2) == .waiting)
  }

  // MARK: Outages

  @Test func `an outage sends one probe at a time and uses no attempts`() {
    let run = MachineDriver(Self.groups(9), options: .unpaced { $0.maxAttempts = 1 })
    run.carryOut(1)
    var failures = 0
    for _ in 1...600 {
      #expect(failures < 8 || run.reads.count <= 1)
      for number in run.reads {
        run.read(number, fails: failures % 2 == 0 ? .notSent : .lostAnswer)
        failures += 1
      }
      run.pass(.milliseconds(500))
    }
    // Probes come up to 5 seconds apart.
    #expect((60...100).contains(failures))
    #expect(
      run.machine.progress(at: run.now).hold
        == .endpointUnreachable(seconds: 300, reason: ServiceFailure.notSent.message))
    while run.ending == nil {
      run.pass(.milliseconds(500))
      for number in run.reads { run.carryOut(number) }
    }
    #expect(run.states.allSatisfy { $0 == .succeeded })
  }

  @Test func `an outage that loses the answers to PUTs fails no change either`() {
    let run = MachineDriver(Self.groups(4), options: .unpaced { $0.maxAttempts = 1 })
    for number in 1...4 { run.read(number, shows: [.desireInstanceNumber: 1]) }
    for number in 1...4 { run.put(number, fails: .lostAnswer) }
    for _ in 1...100 {
      run.pass(.milliseconds(500))
      for number in run.reads { run.read(number, fails: .notSent) }
    }
    while run.ending == nil {
      run.pass(.milliseconds(500))
      for number in run.reads { run.read(number, shows: [.desireInstanceNumber: 1]) }
      for send in run.sends { run.putSucceeds(send.number) }
    }
    #expect(run.states.allSatisfy { $0 == .succeeded })
  }

  @Test func `a change whose requests alone get no answer uses its attempts`() {
    let run = MachineDriver(
      Self.groups(50),
      options: .unpaced {
        $0.maxAttempts = 3
        $0.concurrency = 2
      })
    run.carryOut(1)
    var failures = 0
    while run.state(2) != .failed, run.ending == nil {
      if run.reads.contains(2) {
        run.read(2, fails: .lostAnswer)
        failures += 1
      }
      // Somebody else is answered.
      if run.state(2) != .failed, let other = run.reads.first { run.carryOut(other) }
      run.pass(.seconds(1))
    }
    #expect(run.state(2) == .failed)
    #expect(failures == 4)
  }

  @Test func `after --wait-endpoint the run stops`() {
    let run = MachineDriver(Self.groups(9), options: .unpaced { $0.waitEndpoint = .seconds(60) })
    run.carryOut(1)
    var silence = 0
    while run.ending == nil, silence < 1_000 {
      for number in run.reads { run.read(number, fails: .notSent) }
      run.pass(.milliseconds(500))
      silence += 1
    }
    #expect(run.ending == .stopped(.endpointUnreachable, detail: ServiceFailure.notSent.message))
    #expect((119...122).contains(silence))
    #expect(run.machine.counts.failed == 0)
  }

  @Test func `an endpoint that never connects is given up after 10 seconds`() {
    let run = MachineDriver(Self.groups(9))
    var silence = 0
    while run.ending == nil, silence < 1_000 {
      for number in run.reads { run.read(number, fails: .notSent) }
      run.pass(.milliseconds(500))
      silence += 1
    }
    #expect(run.ending == .stopped(.neverConnected, detail: ServiceFailure.notSent.message))
    #expect((20...21).contains(silence))
    #expect(StopCause.neverConnected.exitStatus == 69)
  }

  @Test func `a stop for an outage does not wait for the probe that is out`() {
    let run = MachineDriver(Self.groups(2))
    run.read(1, fails: .notSent)
    run.passUntilRead(1)
    run.pass(.seconds(11))
    #expect(run.reads == [1])
    #expect(run.ending == .stopped(.neverConnected, detail: ServiceFailure.notSent.message))
  }
}
