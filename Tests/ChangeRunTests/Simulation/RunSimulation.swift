import AutoScaling

@testable import ChangeRun

/// One run with its crashes, stops and resumptions, played in virtual time.
///
/// The next thing that happens is taken from a queue: answers, commits, timers. It is fed to the machine, whose
/// actions bring about the next things. Everything is chosen by the seed.
final class RunSimulation {
  enum Happening {
    case deliver(RunEvent, session: Int)
    case commit(session: Int)
    case wake(token: Int)
    case head(Int)
    case arrive(Int)
    case answer(Int)
    case tokenHead(session: Int)
    case tokenAnswer(session: Int)
    /// A PUT takes effect after its answer was lost.
    case effect(Int)
    case touch(Int)
    case deletion(group: Int)
    case resume
  }

  struct Request {
    var number: Int
    /// Index of the PUT in the service's journal, once it has left.
    var put: Int?
    var body: GroupModification?
    var fault: SimulatedService.Fault
    var latency: Int
    var session: Int
    var isPaced: Bool
    var leftAt = 0
    var sentAt = 0
    /// When the token that it carries ends.
    var tokenEnd = Int.max
    var getResult: ServiceResult<ScalingGroup>?
    var putResult: ServiceResult<Void>?
  }

  static let wallStart = 1_800_000_000_000
  static let longestTime = 200 * 3_600 * 1_000_000_000
  static let mostSteps = 40_000

  let scenario: SimulationScenario
  let bug: PlantedBug?
  let ledger: SimulatedLedger
  let service: SimulatedService
  var options: RunOptions
  var random: SplitMix64

  var machine: RunMachine?
  var isRunning = false
  var violations: [String] = []
  var matrix = TransitionMatrix()
  var steps = 0
  var session = 0
  var ending: RunEnding?
  var hasRetried = false
  var crashes = 0
  var stops = 0

  var now = 0
  var wallSkew = 0
  var queue = HappeningQueue()
  var requests: [Request] = []
  private var wakeToken = 0
  private var isCommitDue = false
  var credentialFailures = 0
  /// When the token of this session ends; `nil` without one.
  var tokenEnd: Int?
  var isTokenOnTheWay = false
  /// Groups with a request of this session on the way, and for which change.
  var inFlight: [Int: Int] = [:]
  /// What the last read of a change in this session has shown.
  var lastRead: [Int: ScalingGroup] = [:]
  var ended: Set<Int> = []
  /// When requests of this session have left.
  var leaves: [Int] = []
  var highestRate = 0.0
  var getsBefore = 0
  var putsBefore = 0
  var gets = 0
  var puts = 0

  /// Prints every event with what it brought about: for a seed that is played again.
  var isTraced = false

  init(_ scenario: SimulationScenario, bug: PlantedBug? = nil) {
    self.scenario = scenario
    self.bug = bug
    options = scenario.options
    ledger = SimulatedLedger(changes: scenario.changes)
    ledger.bug = bug
    service = SimulatedService(groups: scenario.groups, changes: scenario.changes, weather: scenario.weather)
    random = SplitMix64(seed: scenario.seed &+ 0xF1EE)
    for (index, touch) in scenario.weather.touches.enumerated() { queue.push(.touch(index), at: touch.at) }
    for deletion in scenario.weather.deletions { queue.push(.deletion(group: deletion.group), at: deletion.at) }
  }

  var isCompleted: Bool { ending == .completed }
  var wall: Int { Self.wallStart + wallSkew + now / 1_000_000 }
  private var moment: RunMoment {
    bug == .clockTooFast ? RunMoment(ticks: now * 5 / 4, wall: wall) : RunMoment(ticks: now, wall: wall)
  }

  func violate(_ text: String) { violations.append(text) }

  // MARK: The loop

  /// - Returns: what was not as it must be.
  func run() -> [String] {
    begin()
    while let (at, happening) = queue.pop() {
      now = at
      steps += 1
      if steps > Self.mostSteps || now > Self.longestTime {
        violate("the run does not end: \(steps) steps, \(now / 1_000_000_000) s, \(ledger.counts)")
        break
      }
      if isRunning { disturb() }
      happen(happening)
      if !violations.isEmpty { break }
    }
    if violations.isEmpty, !isCompleted { violate("nothing is to happen any more, and the run has not ended") }
    violations += ledger.violations + service.violations
    if violations.isEmpty { violations += finalViolations() }
    return violations
  }

  /// Between any two steps the process may die, or somebody may interfere.
  private func disturb() {
    let weather = scenario.weather
    if crashes < 6, random.chance(weather.crashes) { return crash() }
    if stops < 4, random.chance(weather.stops) {
      stops += 1
      noteForAll(.stop)
      feed(.stopRequested(.signal))
    } else if weather.stops > 0, random.chance(5) {
      noteForAll(.tuned)
      let rate = options.rate > 0 && random.chance(500) ? options.rate * (random.chance(500) ? 2 : 0.5) : nil
      highestRate = max(highestRate, rate ?? 0)
      feed(.tuned(rate: rate, concurrency: random.between(1, 8)))
    }
  }

  private func happen(_ happening: Happening) {
    switch happening {
    case .deliver(let event, let session): if session == self.session, isRunning { feed(event) }
    case .commit(let session): if session == self.session { commit() }
    case .wake(let token): if token == wakeToken, isRunning { feed(.timerFired) }
    case .head(let index): leave(index)
    case .arrive(let index): arrive(index)
    case .answer(let index): answer(index)
    case .tokenHead(let session): if session == self.session { leaveForToken() }
    case .tokenAnswer(let session): if session == self.session, isRunning { answerToken() }
    case .effect(let index): if let put = requests[index].put { _ = service.modify(put, now: now) }
    case .touch(let index):
      let touch = scenario.weather.touches[index]
      service.touch(touch.group, touch.field, touch.value, now: now)
    case .deletion(let group): service.delete(group, now: now)
    case .resume: begin()
    }
  }

  // MARK: Sessions

  private func begin() {
    session += 1
    ledger.beginSession(wall: wall, options: options)
    isCommitDue = false
    inFlight = [:]
    lastRead = [:]
    leaves = []
    tokenEnd = nil
    isTokenOnTheWay = false
    ended = Set(scenario.changes.map(\.number).filter { ledger.row($0)?.state.isTerminal == true })
    highestRate = options.rate
    gets = 0
    puts = 0
    getsBefore = ledger.totals.requests.gets
    putsBefore = ledger.totals.requests.puts
    machine = RunMachine(
      options: options, counts: ledger.counts, requests: ledger.totals.requests,
      instancesRemoved: ledger.totals.instancesRemoved,
      tokens: TokenBook(isRenewable: scenario.weather.tokenLife != nil), seed: scenario.seed &+ UInt64(session))
    isRunning = true
    feed(.started(waiting: ledger.waiting))
  }

  private func crash() {
    crashes += 1
    noteForAll(.crash)
    ledger.crash()
    endSession()
    // The clock may have been set back meanwhile.
    if random.chance(200) { wallSkew -= random.between(0, 120_000) }
    queue.push(.resume, at: now + random.pick([1, 500, 20_000, 100_000]) * 1_000_000)
  }

  private func endSession() {
    checkSession()
    machine = nil
    isRunning = false
    wakeToken += 1
    // What had not left when the process ended leaves no more, or just so.
    session += 1
  }

  private func finished(_ ending: RunEnding) {
    self.ending = ending
    if let machine, case .count(let limit) = options.maxFailures, machine.failures > limit + 1 {
      violate("\(machine.failures) failures with --max-failures \(limit)")
    }
    let counts = machine?.counts
    _ = ledger.commit()
    if counts != ledger.counts { violate("the run counts \(String(describing: counts)), the ledger \(ledger.counts)") }
    endSession()
    switch ending {
    case .completed:
      if scenario.retriesFailed, !hasRetried, ledger.takeUpAgain(wall: wall) {
        hasRetried = true
        self.ending = nil
        queue.push(.resume, at: now + 1_000_000)
      }
    case .stopped(let cause, _):
      if cause == .maxRemoved { options.maxRemoved = options.maxRemoved.map { $0 + 5 } }
      if cause == .stopAfter { options.stopAfter = nil }
      if cause == .neverConnected || cause == .endpointUnreachable { now += 60_000_000_000 }
      queue.push(.resume, at: now + random.pick([1, 5_000]) * 1_000_000)
    }
  }

  // MARK: The machine

  func feed(_ event: RunEvent) {
    let event = bug == nil ? event : spoilt(event)
    note(event)
    let moment = moment
    guard let actions = machine?.handle(event, at: moment) else { return }
    if isTraced { trace(event, actions) }
    for action in actions { perform(action) }
  }

  private func perform(_ action: RunAction) {
    switch action {
    case .claim(let kind, let limit): submit(.claim(kind, limit: limit, wall: wall))
    case .save(let fact):
      if fact.row.state.isTerminal { ended.insert(fact.number) }
      submit(.fact(fact))
      if bug == .sentBeforeDurable, fact.isIntent {
        queue.push(.deliver(.recordDurable(number: fact.number), session: session), at: now)
      }
    case .read(let number, let group): depart(number, group, body: nil)
    case .send(let number, let group, let body):
      depart(number, group, body: bug == .wholeBodySent ? scenario.changes[number - 1].planned : body)
    case .fetchToken(let project): departForToken(project)
    case .wake(let tick):
      wakeToken += 1
      guard bug != .neverWoken else { return }
      let late = random.chance(20) ? random.below(60_000_000) : random.below(1_000_000)
      queue.push(.wake(token: wakeToken), at: max(bug == .clockTooFast ? tick * 4 / 5 : tick, now) + late)
    case .finish(let ending): finished(ending)
    }
  }

  private func trace(_ event: RunEvent, _ actions: [RunAction]) {
    print("\(now / 1_000_000) ms, session \(session): \(event)")
    for action in actions { print("    → \(action)") }
  }

  // MARK: The ledger

  private func submit(_ message: SimulatedLedger.Message) {
    guard let requests = machine?.requests, let removed = machine?.instancesRemoved else { return }
    ledger.submit(message, totals: .init(requests: requests, instancesRemoved: removed))
    guard !isCommitDue else { return }
    isCommitDue = true
    let delay = random.chance(20) ? random.below(300_000_000) : random.below(3_000_000)
    queue.push(.commit(session: session), at: now + delay)
  }

  private func commit() {
    isCommitDue = false
    for event in ledger.commit() {
      if bug == .sentBeforeDurable, case .recordDurable = event { continue }
      queue.push(.deliver(event, session: session), at: now)
    }
  }

  // MARK: Requests

  private func depart(_ number: Int, _ group: GroupReference, body: GroupModification?) {
    let change = scenario.changes[number - 1]
    if group != change.group { violate("change \(number) goes to \(group)") }
    if let other = inFlight[change.groupIndex] {
      violate("requests of changes \(other) and \(number) to one group are on the way at once")
    }
    inFlight[change.groupIndex] = number
    checkDeparture(change, body: body)
    if body == nil { gets += 1 } else { puts += 1 }
    let fault = body.map { choosePutFault($0) } ?? chooseGetFault()
    if scenario.weather.tokenLife != nil, tokenEnd == nil { violate("change \(number) has no token") }
    let range = scenario.weather.latency
    let latency = random.between(range.lowerBound, range.upperBound) * 1_000_000
    requests.append(
      Request(
        number: number, body: body, fault: fault, latency: latency, session: session,
        isPaced: machine?.isPaced ?? false, tokenEnd: tokenEnd ?? .max))
    let delay = random.chance(20) ? random.below(400_000_000) : random.below(500_000)
    queue.push(.head(requests.count - 1), at: now + delay)
  }

  private func leave(_ index: Int) {
    let isPresent = requests[index].session == session
    // A process that is gone sends nothing more; but it may have been about to.
    if !isPresent, random.chance(500) { return }
    requests[index].leftAt = now
    requests[index].sentAt = wall
    if case .notSent = requests[index].fault {
      setFailure(index, .notSent)
      queue.push(.answer(index), at: now + 1_000)
    } else {
      if isPresent { leaves.append(now) }
      if let body = requests[index].body {
        requests[index].put = service.departed(requests[index].number, body: body)
      }
      queue.push(.arrive(index), at: now + requests[index].latency / 2)
    }
    if isPresent, requests[index].isPaced { feed(.headWritten) }
  }

  private func arrive(_ index: Int) {
    let request = requests[index]
    var answerAt = max(request.leftAt + request.latency, now)
    switch request.fault {
    case _ where request.tokenEnd <= now: setFailure(index, .answered(401, "APIGW.0301", "the token is expired"))
    case .none, .notSent: execute(index)
    case .overtaken:
      if let number = request.body?[.desireInstanceNumber] {
        service.touch(
          scenario.changes[request.number - 1].groupIndex, .desireInstanceNumber, number, now: now)
      }
      execute(index)
    case .stale: requests[index].getResult = service.read(request.number, isStale: true, now: now)
    case .refused(let status, let code, let retryAfter):
      setFailure(index, .answered(status, code, "refused", retryAfter: retryAfter))
    case .useless(let status, let effect, let retryAfter):
      if effect, request.put != nil { execute(index) }
      setFailure(index, .answered(status, nil, "useless", retryAfter: retryAfter))
    case .lost(let after, let effect, let late):
      if effect, request.put != nil {
        if late > 0 { queue.push(.effect(index), at: max(request.leftAt + late, now)) } else { execute(index) }
      }
      setFailure(index, .lostAnswer)
      answerAt = max(request.leftAt + after, now)
    }
    queue.push(.answer(index), at: answerAt)
  }

  private func execute(_ index: Int) {
    if let put = requests[index].put {
      let result = service.modify(put, now: now)
      requests[index].putResult = result
      if case .failure(let failure) = result, [.sameNumber, .busyIfScaling].contains(failure.disposition),
        random.chance(scenario.weather.deletionsAfterRefusals)
      {
        service.delete(service.puts[put].group, now: now)
      }
    } else {
      requests[index].getResult = service.read(requests[index].number, isStale: false, now: now)
    }
  }

  private func setFailure(_ index: Int, _ failure: ServiceFailure) {
    if requests[index].body == nil {
      requests[index].getResult = .failure(failure)
    } else {
      requests[index].putResult = .failure(failure)
    }
  }

  private func answer(_ index: Int) {
    let request = requests[index]
    guard request.session == session, isRunning else { return }
    inFlight[scenario.changes[request.number - 1].groupIndex] = nil
    let timing = RequestTiming(sentAt: request.sentAt, duration: (now - request.leftAt) / 1_000_000)
    if let result = request.getResult {
      if case .success(let success) = result { lastRead[request.number] = success.value }
      feed(.readReturned(number: request.number, result, timing))
    } else if let result = request.putResult {
      feed(.answerReceived(number: request.number, result, timing))
    }
  }
}
