import AutoScaling
import Testing

@testable import ChangeRun

/// Contract, section 4: refusals that are tried again.
@Suite struct RetryTests {
  static let retryable: [(Int, String?)] = [
    (409, nil), (429, "APIGW.0308"), (408, nil), (400, "AS.7078"), (409, "AS.2007"),
  ]

  @Test(arguments: retryable)
  func `a retryable refusal is tried again after a read`(status: Int, code: String?) {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(status, code, "later"))
    #expect(run.state() == .waiting)
    #expect(run.row().wait?.cause == .retry)
    #expect(run.machine.progress(at: run.now).inFlight == 0)
    run.passUntilRead()
    run.carryOut()
    #expect(run.state() == .succeeded)
    #expect(run.row().attempts == 2)
    #expect(run.row().errorCode == nil)
    #expect(run.machine.requests == RequestCounts(gets: 2, puts: 2, retries: 1))
  }

  @Test func `a change has no more than --max-attempts`() {
    let run = MachineDriver(options: .unpaced { $0.maxAttempts = 3 })
    for _ in 1...3 {
      run.passUntilRead()
      run.read(shows: [.desireInstanceNumber: 1])
      run.put(fails: .answered(409, nil, "conflict"))
    }
    #expect(run.state() == .failed)
    #expect(run.row().attempts == 3)
    #expect(run.row().httpStatus == 409)
    #expect(run.ending == .completed)
  }

  @Test func `failed reads use attempts too`() {
    let run = MachineDriver(options: .unpaced { $0.maxAttempts = 2 })
    run.read(fails: .answered(500, "AS.0001", "system error"))
    run.passUntilRead()
    run.read(fails: .answered(500, "AS.0001", "system error"))
    #expect(run.state() == .failed)
    #expect(run.row().attempts == 0)
  }

  @Test func `what --retry-on leaves out is not tried again`() throws {
    let causes = try #require(RetryCauses(text: "503"))
    let run = MachineDriver(options: .unpaced { $0.retryOn = causes })
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(409, nil, "conflict"))
    #expect(run.state() == .failed)
  }

  @Test func `the class T is tried again whatever its status`() throws {
    let causes = try #require(RetryCauses(text: "503"))
    let run = MachineDriver(options: .unpaced { $0.retryOn = causes })
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(400, "AS.7078", "try again later"))
    #expect(run.state() == .waiting)
  }

  @Test func `the wait is never shorter than Retry-After`() throws {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(429, nil, "slower", retryAfter: 7))
    let wait = try #require(run.wait())
    #expect((7_000...7_700).contains(wait))
  }

  @Test func `an absurd Retry-After is bounded by a day`() throws {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(429, nil, "slower", retryAfter: .infinity))
    #expect(try #require(run.wait()) <= 26 * 3_600_000)
  }

  @Test func `backoff grows with the attempts`() throws {
    let run = MachineDriver(options: .unpaced { $0.maxAttempts = 100 })
    var waits: [Int] = []
    for _ in 1...20 {
      run.passUntilRead()
      run.read(shows: [.desireInstanceNumber: 1])
      run.put(fails: .answered(409, nil, "conflict"))
      waits.append(try #require(run.wait()))
    }
    for (index, wait) in waits.enumerated() {
      #expect((0...min(500 << index, 60_000)).contains(wait))
    }
    #expect(waits.suffix(12).max() ?? 0 > 20_000)
  }

  @Test func `after a refusal the record is made again if the values have moved`() {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(409, nil, "conflict"))
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 3])
    #expect(run.record()?.prior == [.desireInstanceNumber: 3])
    #expect(run.ledger.entries[1]?.records.count == 2)
    run.putSucceeds()
    #expect(run.row().effectiveAttempt == 2)
  }

  @Test func `after a refusal the record stays if they have not`() {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(409, nil, "conflict"))
    run.passUntilRead()
    run.carryOut()
    #expect(run.ledger.entries[1]?.records.count == 1)
    #expect(run.record()?.attempt == 1)
  }

  @Test func `every PUT and every failed GET leaves an entry`() throws {
    let run = MachineDriver()
    run.read(fails: .answered(503, nil, "maintenance"))
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: .answered(409, nil, "conflict"))
    run.passUntilRead()
    run.carryOut()
    let entries = try #require(run.ledger.entries[1]?.attempts)
    #expect(entries.map(\.method) == [.get, .put, .put])
    #expect(entries.map(\.outcome) == [.lost, .refused, .succeeded])
    #expect(entries.map(\.attempt) == [1, 1, 2])
  }

  // MARK: AS.2028

  static let sameNumber = ServiceFailure.answered(400, "AS.2028", "the number is the original number")

  @Test func `on AS.2028 a group that holds everything is unchanged`() {
    let run = MachineDriver()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: Self.sameNumber)
    #expect(run.reads == [1])
    run.read(shows: [.desireInstanceNumber: 2])
    #expect(run.state() == .unchanged)
    #expect(run.row().applied == .no)
  }

  @Test func `on AS.2028 the rest is sent without the number`() {
    let run = MachineDriver([("g", [.desireInstanceNumber: 2, .coolDownTime: 9])])
    run.read(shows: [.desireInstanceNumber: 1, .coolDownTime: 0])
    run.put(fails: Self.sameNumber)
    run.read(shows: [.desireInstanceNumber: 1, .coolDownTime: 0])
    #expect(run.sends.map(\.body) == [[.coolDownTime: 9]])
    #expect(run.record()?.prior == [.coolDownTime: 0])
    run.putSucceeds()
    #expect(run.state() == .succeeded)
  }

  @Test func `where the read contradicts AS.2028 and nothing else is to send, nothing is guessed`() {
    let run = MachineDriver(options: .unpaced { $0.maxAttempts = 2 })
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: Self.sameNumber)
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.state() == .waiting)
    run.passUntilRead()
    run.read(shows: [.desireInstanceNumber: 1])
    run.put(fails: Self.sameNumber)
    run.read(shows: [.desireInstanceNumber: 1])
    #expect(run.state() == .failed)
    #expect(run.row().errorCode == "AS.2028")
  }

  @Test func `AS.2028 for a body without the number is a refusal like others`() {
    let run = MachineDriver([("g", [.coolDownTime: 9])])
    run.read(shows: [.coolDownTime: 0])
    run.put(fails: Self.sameNumber)
    #expect(run.state() == .failed)
  }
}
