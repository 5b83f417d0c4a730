import AutoScaling
import Testing

@testable import ChangeRun

/// Contract, guarantees 2 to 4 and section 4: lost answers and crashes.
@Suite struct DoubtTests {
  static let lost: [ServiceFailure] = [
    .lostAnswer, .answered(500, "AS.0001", "system error"), .answered(503, nil, "maintenance"),
    .answered(502, nil, "bad gateway"), .answered(504, nil, "timeout"), .answered(202, nil, "?"),
    .answered(501, nil, "?"),
  ]

  /// A run whose only PUT got no usable answer, and that reads again.
  private func doubtful(
    _ failure: ServiceFailure = .lostAnswer, plan: GroupModification = [.desireInstanceNumber: 2],
    from values: GroupModification = [.desireInstanceNumber: 1], options: RunOptions = .unpaced
  ) -> MachineDriver {
    let run = MachineDriver([("g", plan)], options: options)
    run.read(shows: values)
    run.put(fails: failure)
    #expect(run.state() == .waiting)
    #expect(run.row().applied == .unknown)
    #expect(run.row().lostAt == run.now.wall)
    run.passUntilRead()
    return run
  }

  @Test(arguments: lost)
  func `a lost answer is settled by reading: planned values mean success`(failure: ServiceFailure) {
    let run = doubtful(failure)
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.state() == .succeeded)
    #expect(run.row().applied == .yes)
    #expect(run.machine.requests.puts == 1)
  }

  @Test func `prior values mean sending again, one request timeout after the loss`() {
    let run = doubtful()
    let lostAt = run.row().lostAt ?? 0
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.row().wait == ChangeWait(cause: .settle, dueAt: lostAt + 30_000, delay: lostAt + 30_000 - run.now.wall))
    run.passUntilRead()
    #expect(run.now.wall >= lostAt + 30_000)
    // Until then it may have taken effect after all.
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.sends.map(\.body) == [[.desireInstanceNumber: 2]])
    run.putSucceeds()
    #expect(run.state() == .succeeded)
    #expect(run.row().attempts == 2)
  }

  @Test func `only a read that was sent after the timeout tells that nothing has come of it`() {
    let run = doubtful()
    run.pass(.seconds(31))
    // Sent before, answered after.
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.sends.isEmpty)
    #expect(run.row().wait?.cause == .settle)
  }

  @Test func `a late effect is seen by that read`() {
    let run = doubtful()
    run.read(shows: [.desireInstanceNumber: 1])
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.state() == .succeeded)
    #expect(run.machine.requests.puts == 1)
  }

  @Test func `any other value is a conflict, with what was found`() {
    let run = doubtful()
    run.read(shows: [.desireInstanceNumber: 7])
    #expect(run.state() == .conflicted)
    #expect(run.row().applied == .unknown)
    #expect(run.row().found == [.desireInstanceNumber: 7])
    #expect(run.record()?.prior == [.desireInstanceNumber: 1])
  }

  @Test func `what has arrived of a change is kept in applied`() {
    let run = doubtful(
      plan: [.desireInstanceNumber: 2, .coolDownTime: 9], from: [.desireInstanceNumber: 1, .coolDownTime: 0])
    run.read(shows: [.desireInstanceNumber: 2, .coolDownTime: 5])
    #expect(run.state() == .conflicted)
    #expect(run.row().applied == .yes)
    #expect(run.row().found == [.coolDownTime: 5])
  }

  @Test func `after a lost answer the first record stays`() {
    let run = doubtful(
      plan: [.desireInstanceNumber: 2, .coolDownTime: 9], from: [.desireInstanceNumber: 1, .coolDownTime: 0])
    run.pass(.seconds(31))
    run.read(shows: [.desireInstanceNumber: 2, .coolDownTime: 0])
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 2, .coolDownTime: 0])
    // Only the rest is sent.
    #expect(run.sends.map(\.body) == [[.coolDownTime: 9]])
    run.putSucceeds()
    #expect(run.ledger.entries[1]?.records.count == 1)
    #expect(run.record()?.prior == [.desireInstanceNumber: 1, .coolDownTime: 0])
    #expect(run.row().effectiveAttempt == 1)
  }

  /// A rollback of what was set to 2 at the very moment.
  private func rollback() -> MachineDriver {
    MachineDriver([("g", [.desireInstanceNumber: 1])], undoneAt: 1_800_000_000_000)
  }

  @Test func `a rollback does not trust a read from before the change that it takes back`() {
    let run = rollback()
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.row().wait?.cause == .settle)
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 2])
    run.putSucceeds()
    #expect(run.state() == .succeeded)
    #expect(run.record()?.prior == [.desireInstanceNumber: 2])
  }

  @Test func `after ten seconds a rollback believes that somebody was faster`() {
    let run = rollback()
    while run.state() != .unchanged, run.now.wall < 1_800_000_020_000 {
      run.read(shows: [.desireInstanceNumber: 1])
      if run.state() == .waiting { run.passUntilRead() }
    }
    #expect(run.state() == .unchanged)
    #expect((1_800_000_010_000...1_800_000_011_000).contains(run.now.wall))
    #expect(run.machine.requests.puts == 0)
  }

  @Test func `a rollback in doubt does not take such a read for its own success`() {
    let run = rollback()
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.sends.count == 1)
    // The PUT has never arrived.
    run.crash()
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.row().wait?.cause == .settle)
    // The next one is up to date, and the last one comes when the PUT can no longer arrive.
    for _ in 0..<2 {
      run.passUntilRead()
      run.read(shows: [.desireInstanceNumber: 2])
    }
    run.putSucceeds()
    #expect(run.state() == .succeeded)
    #expect(run.row().attempts == 2)
  }

  @Test func `a failure before the head was written is no lost answer`() {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .notSent)
    #expect(run.row().applied == .no)
    #expect(run.row().attempts == 0)
    #expect(run.row().lostAt == nil)
    #expect(run.row().effectiveAttempt == nil)
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.sends.count == 1)
  }

  @Test func `after the last attempt is lost the group is still read`() {
    let run = doubtful(options: .unpaced { $0.maxAttempts = 1 })
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.state() == .succeeded)
  }

  @Test func `and if nothing has come of it, the change has failed`() {
    let run = doubtful(.answered(500, nil, "?"), options: .unpaced { $0.maxAttempts = 1 })
    run.read(shows: [.desireInstanceNumber: 1])
    for _ in 1...3 where run.state() == .waiting {
      run.passUntilRead()
      run.read(shows: [.desireInstanceNumber: 1])
    }
    #expect(run.state() == .failed)
    #expect(run.row().applied == .no)
    #expect(run.row().httpStatus == 500)
    #expect(run.machine.requests.puts == 1)
  }

  @Test func `reads that fail do not end a doubt with --max-attempts`() {
    let run = doubtful(.answered(500, nil, "?"), options: .unpaced { $0.maxAttempts = 1 })
    for _ in 1...7 {
      run.read(fails: .answered(503, nil, "maintenance"))
      #expect(run.state() == .waiting)
      // What the PUT ended with decides later whether it is sent again.
      #expect(run.row().httpStatus == 500)
      run.passUntilRead()
    }
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.state() == .succeeded)
  }

  @Test(arguments: [("503", 500), ("409,connection", 503)])
  func `a lost answer that --retry-on leaves out is settled and not sent again`(causes: String, status: Int) throws {
    let causes = try #require(RetryCauses(text: causes))
    let run = doubtful(.answered(status, nil, "?"), options: .unpaced { $0.retryOn = causes })
    for _ in 1...3 where run.state() == .waiting {
      run.read(shows: [.desireInstanceNumber: 1])
      if run.state() == .waiting { run.passUntilRead() }
    }
    #expect(run.state() == .failed)
    #expect(run.row().applied == .no)
    #expect(run.machine.requests.puts == 1)
  }

  @Test func `after a lost answer a busy group is waited for as ever`() {
    let run = doubtful()
    run.pass(.seconds(45))
    run.read(shows: [.desireInstanceNumber: 1])
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(400, "AS.0003", "lock conflict"))
    #expect(run.row().wait?.cause == .busy)
    run.passUntilRead()
    run.carryOut()
    #expect(run.state() == .succeeded)
    #expect(run.record()?.attempt == 1)
  }

  // MARK: The next change of the group

  @Test func `the next PUT of the group waits one request timeout`() {
    let run = MachineDriver([("g", [.coolDownTime: 1]), ("g", [.coolDownTime: 2])])
    run.read(1, shows: [.coolDownTime: 0])
    run.put(1, fails: .lostAnswer)
    let lostAt = run.row(1).lostAt ?? 0
    run.passUntilRead(1)
    run.read(1, shows: [.coolDownTime: 1])
    #expect(run.state(1) == .succeeded)
    run.read(2, shows: [.coolDownTime: 1])
    #expect(run.row(2).wait?.dueAt == lostAt + 30_000)
    run.passUntilRead(2)
    run.read(2, shows: [.coolDownTime: 1])
    #expect(run.sends.map(\.number) == [2])
  }

  @Test func `also where a change without a PUT lies between`() {
    let run = MachineDriver([("g", [.coolDownTime: 1]), ("g", [.coolDownTime: 1]), ("g", [.coolDownTime: 2])])
    run.read(1, shows: [.coolDownTime: 0])
    run.put(1, fails: .lostAnswer)
    let lostAt = run.row(1).lostAt ?? 0
    run.passUntilRead(1)
    run.read(1, shows: [.coolDownTime: 1])
    // Whether it holds is certain only when the lost PUT can no longer land.
    run.read(2, shows: [.coolDownTime: 1])
    #expect(run.state(2) == .waiting)
    run.passUntilRead(2)
    run.read(2, shows: [.coolDownTime: 1])
    #expect(run.state(2) == .unchanged)
    #expect(run.row(2).lostAt == lostAt)
  }

  @Test func `a read that does not show what the change before has set is made again`() {
    let run = MachineDriver([("g", [.coolDownTime: 1]), ("g", [.coolDownTime: 0])])
    run.carryOut(1, from: [.coolDownTime: 0])
    // A replica that lags behind: the group seems to hold the planned 0 already.
    run.read(2, shows: [.coolDownTime: 0])
    #expect(run.row(2).wait?.cause == .settle)
    run.passUntilRead(2)
    run.read(2, shows: [.coolDownTime: 1])
    #expect(run.record(2)?.prior == [.coolDownTime: 1])
  }

  @Test func `but not for ever: somebody may have changed it`() {
    let run = MachineDriver([("g", [.coolDownTime: 1]), ("g", [.coolDownTime: 5])])
    run.carryOut(1, from: [.coolDownTime: 0])
    let start = run.now.wall
    while run.sends.isEmpty, run.now.wall < start + 60_000 {
      run.read(2, shows: [.coolDownTime: 3])
      if run.sends.isEmpty { run.passUntilRead(2) }
    }
    #expect(run.now.wall - start >= 10_000)
    #expect(run.record(2)?.prior == [.coolDownTime: 3])
  }

  // MARK: Crashes

  @Test func `after a crash what was being sent is settled by reading`() {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.state() == .sending)
    run.crash()
    #expect(run.row().applied == .unknown)
    #expect(run.reads == [1])
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.state() == .succeeded)
    #expect(run.row().applied == .yes)
  }

  @Test func `a crash before the commit leaves no trace`() {
    let run = MachineDriver()
    run.holdsCommits = true
    run.read(shows: [.desireInstanceNumber: 1])
    run.crash()
    #expect(run.row() == ChangeRow())
    run.carryOut()
    #expect(run.state() == .succeeded)
  }

  @Test func `an interrupted PUT is sent again whatever --max-attempts and --retry-on say`() throws {
    let causes = try #require(RetryCauses(text: "409"))
    let run = MachineDriver(
      options: .unpaced {
        $0.retryOn = causes
        $0.maxAttempts = 2
      })
    for _ in 1...5 {
      run.passUntilRead()
      run.read(shows: [.desireInstanceNumber: 1])
      if run.sends.isEmpty {
        run.passUntilRead()
        run.read(shows: [.desireInstanceNumber: 1])
      }
      #expect(run.sends.count == 1)
      run.crash()
    }
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.state() == .succeeded)
  }

  @Test func `due times survive a crash`() {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(429, nil, "slower", retryAfter: 20))
    run.crash()
    #expect(run.reads.isEmpty)
    run.pass(.seconds(19))
    #expect(run.reads.isEmpty)
    run.pass(.seconds(4))
    #expect(run.reads == [1])
  }
}
