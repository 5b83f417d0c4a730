import AutoScaling
import Testing

@testable import ChangeRun

@Suite struct TokenTests {
  private static let renewable = TokenBook(isRenewable: true)
  private static let expired = ServiceFailure.answered(401, "APIGW.0301", "the token is expired")

  private static func driver(_ groups: [String] = ["g"], rate: Double = 0) -> MachineDriver {
    MachineDriver(
      groups.map { ($0, [.desireInstanceNumber: 2]) }, options: .unpaced { $0.rate = rate }, tokens: renewable)
  }

  @Test func `a token is fetched before the first request of its project, and alone`() {
    let driver = Self.driver(["g", "h"])
    #expect(driver.tokenRequests == ["p"])
    #expect(driver.reads.isEmpty)
    driver.token()
    #expect(driver.reads == [1])
    driver.carryOut(1)
    driver.carryOut(2)
    #expect(driver.ending == .completed)
    #expect(driver.tokenRequests.isEmpty)
  }

  @Test func `each project gets a token of its own when its first request comes`() {
    let driver = Self.driver(["g", "q/h"])
    driver.token("p")
    driver.read(1, shows: [.desireInstanceNumber: 1])
    #expect(driver.tokenRequests == ["q"])
    driver.token("q")
    driver.putSucceeds(1)
    driver.carryOut(2)
    #expect(driver.ending == .completed)
  }

  @Test func `a token request takes a grant of the pacer like any other request`() {
    let driver = Self.driver(rate: 1)
    #expect(driver.tokenRequests == ["p"])
    driver.token()
    #expect(driver.reads.isEmpty)
    driver.pass(.milliseconds(900))
    #expect(driver.reads.isEmpty)
    driver.pass(.milliseconds(100))
    #expect(driver.reads == [1])
  }

  @Test func `refused by IAM, nothing is changed and nothing more is asked`() {
    let driver = Self.driver()
    driver.token("p", .failure(.answered(401, nil, "The username or password is wrong.")))
    #expect(driver.ending == .stopped(.credentialsRefused, detail: "The username or password is wrong."))
    #expect(driver.state() == .pending)
    #expect(driver.tokenRequests.isEmpty)
  }

  @Test func `a token that has served and is refused is renewed once for all, and costs no attempt`() {
    let driver = Self.driver(["g", "h", "i"])
    driver.token()
    driver.read(1, shows: [.desireInstanceNumber: 1])
    #expect(driver.reads == [2, 3])
    driver.read(2, fails: Self.expired)
    driver.read(3, fails: Self.expired)
    #expect(driver.tokenRequests == ["p"])
    driver.put(1, fails: Self.expired)
    #expect(driver.tokenRequests == ["p"])
    driver.token()
    #expect(driver.tokenRequests.isEmpty)
    for number in [1, 2, 3] {
      driver.passUntilRead(number)
      driver.carryOut(number)
    }
    #expect(driver.ending == .completed)
    #expect(driver.states == [.succeeded, .succeeded, .succeeded])
    #expect((1...3).map { driver.row($0).tries } == [0, 0, 0])
    #expect(driver.machine.requests.retries == 0)
  }

  @Test func `a token that IAM has just issued and the service refuses ends the run`() {
    let driver = Self.driver()
    driver.token()
    driver.read(1, fails: Self.expired)
    #expect(driver.ending == .stopped(.credentialsRefused, detail: "the token is expired"))
    #expect(driver.tokenRequests.isEmpty)
  }

  @Test func `a renewed token that is refused as well ends the run, after PUTs with another cause`() {
    let driver = Self.driver(["g", "h"])
    driver.token()
    driver.carryOut(1)
    driver.read(2, fails: Self.expired)
    driver.token()
    driver.passUntilRead(2)
    driver.read(2, fails: Self.expired)
    #expect(driver.ending == .stopped(.unauthorized, detail: "the token is expired"))
  }

  @Test func `a token is renewed before it expires, while the old one still serves`() {
    let driver = Self.driver(["g", "h", "i"], rate: 1)
    driver.token("p", .success(TokenLease(issuedAt: driver.now.ticks, expiresAt: driver.now.ticks + 100_000_000_000)))
    driver.pass(.seconds(1))
    driver.read(1, shows: [.desireInstanceNumber: 1])
    driver.pass(.seconds(1))
    driver.putSucceeds(1)
    driver.pass(.seconds(1))
    #expect(driver.reads == [2])
    driver.pass(.seconds(80))
    driver.read(2, shows: [.desireInstanceNumber: 1])
    driver.pass(.seconds(1))
    #expect(driver.tokenRequests == ["p"], "a fifth of its life is left")
    driver.pass(.seconds(1))
    #expect(driver.sends.map(\.number) == [2], "the old token serves meanwhile")
  }

  @Test func `after its end nothing is sent with a token, however late the next one comes`() {
    let driver = Self.driver(["g", "h"])
    driver.token(lasts: .seconds(10))
    driver.carryOut(1, from: [.desireInstanceNumber: 1])
    #expect(driver.reads == [2])
    driver.pass(.seconds(11))
    driver.read(2, shows: [.desireInstanceNumber: 1])
    #expect(driver.sends.isEmpty)
    #expect(driver.tokenRequests == ["p"])
    driver.token()
    #expect(driver.sends.map(\.number) == [2])
  }

  @Test func `IAM that cannot answer is asked again, and the wait is told`() {
    let driver = Self.driver()
    driver.token("p", .failure(.answered(503, nil, "busy")))
    #expect(driver.ending == nil)
    #expect(driver.machine.progress(at: driver.now).hold == .token)
    driver.token()
    driver.carryOut()
    #expect(driver.ending == .completed)
  }

  @Test func `IAM that stays silent ends a run that has sent nothing after ten seconds`() {
    let driver = Self.driver()
    for _ in 0..<100 where driver.ending == nil {
      driver.token("p", .failure(.notSent))
      driver.pass(.seconds(1))
    }
    guard case .stopped(.neverConnected, _) = driver.ending else {
      Issue.record("ended as \(String(describing: driver.ending))")
      return
    }
  }

  @Test func `IAM may be silent for as long as the old token serves`() {
    var book = TokenBook(isRenewable: true, leases: ["p": TokenLease(issuedAt: 0, expiresAt: 100)])
    #expect(book.need(of: "p", at: 90_000_000_000) == .token)
    var renewing = TokenBook(isRenewable: true)
    renewing.issued("p", TokenLease(issuedAt: 0, expiresAt: 100_000_000_000))
    #expect(renewing.need(of: "p", at: 85_000_000_000) == .token)
    renewing.begin("p")
    renewing.failed(at: 86_000_000_000, longestGap: .max) { _ in 1_000_000_000 }
    #expect(renewing.need(of: "p", at: 86_500_000_000) == .nothing)
    #expect(renewing.waitingSince("p", at: 86_500_000_000) == nil)
    #expect(renewing.need(of: "p", at: 100_000_000_000) == .token)
    #expect(renewing.waitingSince("p", at: 110_000_000_000) == 100_000_000_000)
    book.begin("p")
    #expect(book.need(of: "p", at: 90_000_000_001) == .patience(untilTick: nil))
  }

  @Test func `IAM that is busy is waited for as long as the endpoint would be`() {
    let driver = Self.driver()
    for _ in 0..<60 {
      driver.token("p", .failure(.answered(503, nil, "busy")))
      driver.pass(.seconds(1))
    }
    #expect(driver.ending == nil)
    for _ in 0..<900 where driver.ending == nil {
      driver.token("p", .failure(.answered(503, nil, "busy")))
      driver.pass(.seconds(1))
    }
    #expect(driver.ending == .stopped(.endpointUnreachable, detail: "busy"))
  }

  @Test func `hours of sleep do not count into how long IAM is waited for`() {
    let driver = Self.driver(["g", "h"])
    driver.token(lasts: .seconds(10))
    driver.carryOut(1)
    driver.pass(.seconds(11))
    driver.read(2, shows: [.desireInstanceNumber: 1])
    driver.token("p", .failure(.notSent))
    driver.pass(.seconds(7_200))
    driver.token("p", .failure(.notSent))
    #expect(driver.ending == nil)
    driver.pass(.seconds(60))
    driver.token()
    driver.passUntilRead(2)
    driver.carryOut(2)
    #expect(driver.ending == .completed)
  }

  @Test func `a token that is already there is used, and one that comes expired is not asked for without end`() {
    let now = 1_000_000_000
    var book = TokenBook(isRenewable: true, leases: ["p": TokenLease(issuedAt: now, expiresAt: now + 5_000_000_000)])
    #expect(book.need(of: "p", at: now) == .nothing)
    #expect(book.need(of: "q", at: now) == .token)
    #expect(book.need(of: "p", at: now + 5_000_000_000) == .token)
    book.issued("q", TokenLease(issuedAt: now, expiresAt: now - 60_000_000_000))
    #expect(book.need(of: "q", at: now + 500_000_000) == .nothing, "it is used for a second at least")
  }

  @Test func `a 401 stops reads also where the run is stopping already`() {
    let driver = MachineDriver(
      [("g", [.desireInstanceNumber: 2]), ("h", [.desireInstanceNumber: 2])], options: .unpaced { $0.rate = 1 })
    driver.read(1, shows: [.desireInstanceNumber: 1])
    driver.pass(.seconds(1))
    driver.pass(.seconds(1))
    driver.read(2, shows: [.desireInstanceNumber: 1])
    driver.pass(.seconds(1))
    #expect(driver.sends.map(\.number) == [1, 2])
    driver.feed(.stopRequested(.signal))
    // Both are to be settled by a read, one a second.
    for number in [1, 2] { driver.put(number, fails: .answered(400, "AS.2033", "scaling")) }
    driver.pass(.seconds(1))
    #expect(driver.reads == [1])
    driver.read(1, fails: .answered(401, "APIGW.0301", "bad signature"))
    driver.pass(.seconds(2))
    #expect(driver.reads.isEmpty)
    #expect(driver.ending == .stopped(.signal, detail: ""))
  }

  @Test func `without renewable tokens a 401 is final`() {
    var book = TokenBook()
    #expect(book.need(of: "p", at: 0) == .nothing)
    #expect(book.refused("p", generation: 0, at: 0) == .final)
  }

  @Test func `a 401 right after a renewal for a 401 is final even if another request was served in between`() {
    var book = TokenBook(isRenewable: true)
    func issue(at tick: Int) { book.issued("p", TokenLease(issuedAt: tick, expiresAt: tick + 86_400_000_000_000)) }
    issue(at: 0)
    book.served("p", generation: 1)
    #expect(book.refused("p", generation: 1, at: 10) == .renewing)
    issue(at: 20)
    book.served("p", generation: 2)
    #expect(book.refused("p", generation: 1, at: 30) == .renewing, "it carried the old one")
    #expect(book.refused("p", generation: 2, at: 40_000_000_000) == .final)
    #expect(book.refused("p", generation: 2, at: 90_000_000_000) == .renewing)
  }
}
