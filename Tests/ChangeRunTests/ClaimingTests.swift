import AutoScaling
import Testing

@testable import ChangeRun

/// Claims, wake-ups and counts: that something always goes on, and nothing is held twice.
@Suite struct ClaimingTests {
  private static let now = RunMoment(ticks: 0, wall: 1_000)

  private static func change(_ number: Int, wait: ChangeWait? = nil) -> ClaimedChange {
    var row = ChangeRow()
    row.wait = wait
    if wait != nil { row.state = .waiting }
    return ClaimedChange(
      number: number, group: GroupReference(projectID: "p", groupID: "\(number)"), planned: [.desireInstanceNumber: 2],
      row: row)
  }

  private static func claims(_ actions: [RunAction]) -> [ClaimKind] {
    actions.compactMap { if case .claim(let kind, _) = $0 { kind } else { nil } }
  }

  private static func wakes(_ actions: [RunAction]) -> [Int] {
    actions.compactMap { if case .wake(let tick) = $0 { tick } else { nil } }
  }

  @Test func `what begins to wait while a claim is on its way is not forgotten`() {
    var machine = RunMachine(options: .unpaced, counts: RunCounts(total: 1), seed: 1)
    var now = Self.now
    _ = machine.handle(.started(waiting: [:]), at: now)
    let fresh = ClaimAnswer(kind: .fresh(through: 1), changes: [Self.change(1)], isExhausted: true)
    _ = machine.handle(.claimed(fresh), at: now)
    // The claim for due changes is still on its way when the change is put off.
    _ = machine.handle(
      .readReturned(
        number: 1, .failure(.answered(429, nil, "slower", retryAfter: 5)), RequestTiming(sentAt: 1_000, duration: 1)),
      at: now)
    let actions = machine.handle(.claimed(ClaimAnswer(kind: .due, changes: [], isExhausted: true)), at: now)
    #expect(Self.wakes(actions).first.map { (5_000_000_000...5_600_000_000).contains($0) } == true)
    now = now.advanced(byMilliseconds: 5_600)
    #expect(Self.claims(machine.handle(.timerFired, at: now)) == [.due])
  }

  @Test func `a released change is claimed at once`() {
    var machine = RunMachine(options: .unpaced, counts: RunCounts(total: 5), seed: 1)
    _ = machine.handle(.started(waiting: [:]), at: Self.now)
    for kind in [ClaimKind.due, .busy] {
      _ = machine.handle(.claimed(ClaimAnswer(kind: kind, changes: [], isExhausted: true)), at: Self.now)
    }
    let actions = machine.handle(.released, at: Self.now)
    #expect(Self.claims(actions) == [.due])
    #expect(machine.progress(at: Self.now).waiting == [.prompt: 1])
    let wait = ChangeWait(cause: .prompt, dueAt: 1_000, delay: 0)
    _ = machine.handle(
      .claimed(ClaimAnswer(kind: .due, changes: [Self.change(3, wait: wait)], isExhausted: true)), at: Self.now)
    #expect(machine.progress(at: Self.now).waiting == [.prompt: 0])
  }

  @Test func `the look-ahead is bounded`() {
    var machine = RunMachine(options: .unpaced, counts: RunCounts(total: 1_000_000), seed: 1)
    var pending = machine.handle(.started(waiting: [.retry: 100_000]), at: Self.now)
    var next = 1
    while let action = pending.popLast() {
      guard case .claim(let kind, let limit) = action else { continue }
      let wait: ChangeWait? = kind == .due ? ChangeWait(cause: .retry, dueAt: 0, delay: 0) : nil
      let changes = kind == .busy ? [] : (next..<next + limit).map { Self.change($0, wait: wait) }
      next += limit
      pending += machine.handle(
        .claimed(ClaimAnswer(kind: kind, changes: changes, isExhausted: kind == .busy)), at: Self.now)
    }
    #expect(machine.freshQueue.count <= RunMachine.lookahead)
    #expect(machine.dueQueue.count <= RunMachine.lookahead)
    #expect(next <= 2 * RunMachine.lookahead + 1)
  }

  @Test func `after a stop, claimed changes are as they were in the ledger`() {
    var machine = RunMachine(options: .unpaced, counts: RunCounts(total: 5), seed: 1)
    _ = machine.handle(.started(waiting: [.retry: 2]), at: Self.now)
    let wait = ChangeWait(cause: .retry, dueAt: 0, delay: 0)
    let due = ClaimAnswer(
      kind: .due, changes: [Self.change(1, wait: wait), Self.change(2, wait: wait)], isExhausted: true)
    _ = machine.handle(.claimed(due), at: Self.now)
    // The first is being read, the second is in the look-ahead.
    let actions = machine.handle(.stopRequested(.signal), at: Self.now)
    #expect(actions.allSatisfy { if case .save = $0 { false } else { true } })
    let read = machine.handle(
      .readReturned(
        number: 1, .success(ServiceSuccess(value: .with([.desireInstanceNumber: 1]))),
        RequestTiming(sentAt: 1_000, duration: 1)),
      at: Self.now)
    #expect(read.allSatisfy { if case .save = $0 { false } else { true } })
    #expect(machine.progress(at: Self.now).waiting == [.retry: 2])
  }

  @Test func `a stop that is waiting for an answer asks for one timer only`() {
    let run = MachineDriver(options: .unpaced { $0.waitEndpoint = .seconds(1) })
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .lostAnswer)
    run.passUntilRead()
    run.read(fails: .lostAnswer)
    run.passUntilRead()
    var machine = run.machine
    var now = run.now.advanced(byMilliseconds: 2_000)
    var timers = 0
    for _ in 1...100 {
      let actions = machine.handle(.timerFired, at: now)
      guard let tick = Self.wakes(actions).last else { break }
      timers += 1
      now = RunMoment(ticks: max(tick, now.ticks), wall: now.wall)
    }
    #expect(timers < 5)
  }

  @Test func `events after the end change nothing`() {
    let run = MachineDriver()
    run.carryOut()
    var machine = run.machine
    #expect(machine.handle(.timerFired, at: run.now).isEmpty)
    #expect(machine.handle(.stopRequested(.signal), at: run.now).isEmpty)
    #expect(machine.counts.isCleanSuccess)
  }

  @Test func `a hundred changes at a rate leave as the rate says`() {
    let plans = (1...100).map { ("g\($0)", [.desireInstanceNumber: 2] as GroupModification) }
    let run = MachineDriver(plans, options: .unpaced { $0.rate = 20 })
    let start = run.now.wall
    while run.ending == nil {
      for number in run.reads { run.read(number, shows: [.desireInstanceNumber: 1]) }
      for send in run.sends { run.putSucceeds(send.number) }
      run.pass(.milliseconds(1))
    }
    // 200 requests, 199 intervals.
    #expect((9_900...10_100).contains(run.now.wall - start))
  }
}
