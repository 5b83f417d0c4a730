import AutoScaling
import Testing

@testable import ChangeRun

/// Plays a run by hand: the ledger commits at once, the test answers the requests and moves the time.
final class MachineDriver {
  let ledger: SimulatedLedger
  private(set) var machine: RunMachine
  private(set) var now = RunMoment(ticks: 1_000_000_000, wall: 1_800_000_000_000)
  /// Requests that are on the way, in the order in which they left.
  private(set) var reads: [Int] = []
  private(set) var sends: [(number: Int, body: GroupModification)] = []
  /// Projects whose token is on the way.
  private(set) var tokenRequests: [String] = []
  private(set) var ending: RunEnding?
  /// Commits wait for `commit()`.
  var holdsCommits = false
  private var wakeTick: Int?
  private var departures: [Int: Int] = [:]

  /// `plans` has what is planned for each change in order, with the name of its group; `undoneAt` is when what they
  /// take back had ended, in a rollback.
  init(
    _ plans: [(group: String, planned: GroupModification)], options: RunOptions = .unpaced, undoneAt: Int? = nil,
    tokens: TokenBook = TokenBook()
  ) {
    var changes = Self.changes(plans)
    for index in changes.indices { changes[index].undoneAt = undoneAt }
    ledger = SimulatedLedger(changes: changes)
    machine = RunMachine(options: options, counts: ledger.counts, tokens: tokens, seed: 1)
    feed(.started(waiting: [:]))
  }

  /// One change of `desire_instance_number` from 1 to 2.
  convenience init(options: RunOptions = .unpaced) {
    self.init([("g", [.desireInstanceNumber: 2])], options: options)
  }

  /// A group `g` is of project `p`, a group `q/g` of project `q`.
  private static func changes(_ plans: [(group: String, planned: GroupModification)]) -> [PlannedChange] {
    var changes: [PlannedChange] = []
    for (index, plan) in plans.enumerated() {
      var change = PlannedChange(
        number: index + 1, groupIndex: 0, group: reference(plan.group),
        planned: plan.planned)
      if let before = changes.last(where: { $0.group == change.group }) {
        change.predecessor = before.number
        changes[before.number - 1].successor = change.number
      }
      changes.append(change)
    }
    for index in changes.indices {
      changes[index].groupIndex = changes.firstIndex { $0.group == changes[index].group } ?? index
    }
    return changes
  }

  private static func reference(_ text: String) -> GroupReference {
    let parts = text.split(separator: "/").map(String.init)
    return GroupReference(projectID: parts.count > 1 ? parts[0] : "p", groupID: parts[parts.count - 1])
  }

  // MARK: Events

  func feed(_ event: RunEvent) {
    for action in machine.handle(event, at: now) {
      switch action {
      case .claim(let kind, let limit): submit(.claim(kind, limit: limit, wall: now.wall))
      case .save(let fact): submit(.fact(fact))
      case .read(let number, _):
        reads.append(number)
        departures[number] = now.wall
        if machine.isPaced { feed(.headWritten) }
      case .send(let number, _, let body):
        sends.append((number, body))
        departures[number] = now.wall
        if machine.isPaced { feed(.headWritten) }
      case .fetchToken(let project):
        tokenRequests.append(project)
        if machine.isPaced { feed(.headWritten) }
      case .wake(let tick): wakeTick = tick
      case .finish(let ending): self.ending = ending
      }
    }
    if !holdsCommits { commit() }
  }

  private func submit(_ message: SimulatedLedger.Message) {
    ledger.submit(message, totals: .init(requests: machine.requests, instancesRemoved: machine.instancesRemoved))
  }

  func commit() {
    while !ledger.mailbox.isEmpty {
      for event in ledger.commit() { feed(event) }
    }
    #expect(ledger.violations == [])
  }

  /// Lets the time pass; timers go off on their way.
  func pass(_ duration: Duration) {
    let end = now.ticks + duration.nanoseconds
    while let tick = wakeTick, tick <= end {
      wakeTick = nil
      move(to: max(tick, now.ticks))
      feed(.timerFired)
    }
    move(to: end)
  }

  private func move(to tick: Int) {
    now = RunMoment(ticks: tick, wall: 1_800_000_000_000 + (tick - 1_000_000_000) / 1_000_000)
  }

  private func timing(_ number: Int) -> RequestTiming {
    let sentAt = departures[number] ?? now.wall
    return RequestTiming(sentAt: sentAt, duration: now.wall - sentAt)
  }

  /// The read of a change that is on the way ends.
  func read(_ number: Int = 1, _ result: ServiceResult<ScalingGroup>) {
    guard let index = reads.firstIndex(of: number) else {
      Issue.record("no read of change \(number) is on the way")
      return
    }
    reads.remove(at: index)
    feed(.readReturned(number: number, result, timing(number)))
  }

  func read(_ number: Int = 1, shows values: GroupModification, isScaling: Bool = false, current: Int? = nil) {
    read(number, .success(ServiceSuccess(value: .with(values, isScaling: isScaling, current: current))))
  }

  func read(_ number: Int = 1, fails failure: ServiceFailure) { read(number, .failure(failure)) }

  func put(_ number: Int = 1, _ result: ServiceResult<Void>) {
    // The run may have been slowed down.
    passUntil { sends.contains { $0.number == number } }
    guard let index = sends.firstIndex(where: { $0.number == number }) else {
      Issue.record("no PUT of change \(number) is on the way")
      return
    }
    sends.remove(at: index)
    feed(.answerReceived(number: number, result, timing(number)))
  }

  func putSucceeds(_ number: Int = 1) { put(number, .success(ServiceSuccess(value: ()))) }

  func put(_ number: Int = 1, fails failure: ServiceFailure) { put(number, .failure(failure)) }

  /// A token that is on the way comes, and lasts for so long.
  func token(_ project: String = "p", lasts life: Duration = .seconds(86_400)) {
    token(project, .success(TokenLease(issuedAt: now.ticks, expiresAt: now.ticks + life.nanoseconds)))
  }

  func token(_ project: String = "p", _ result: Result<TokenLease, ServiceFailure>) {
    passUntil { tokenRequests.contains(project) }
    guard let index = tokenRequests.firstIndex(of: project) else {
      Issue.record("no token for \(project) is on the way")
      return
    }
    tokenRequests.remove(at: index)
    feed(.tokenReturned(projectID: project, result))
  }

  /// Reads and sends one change without any trouble.
  func carryOut(_ number: Int = 1, from values: GroupModification = [.desireInstanceNumber: 1]) {
    read(number, shows: values)
    putSucceeds(number)
  }

  /// The process dies, and another one resumes the run at once.
  func crash(options: RunOptions? = nil, isAbandoning: Bool = false) {
    ledger.crash()
    resume(options: options, isAbandoning: isAbandoning)
  }

  /// `isAbandoning` is for a run of which every change is in doubt.
  func resume(options: RunOptions? = nil, isAbandoning: Bool = false, isWaveConfirmed: Bool = true) {
    let options = options ?? machine.options
    reads = []
    sends = []
    ending = nil
    wakeTick = nil
    holdsCommits = false
    ledger.beginSession(wall: now.wall, options: options)
    machine = RunMachine(
      options: options, counts: ledger.counts, requests: ledger.totals.requests,
      instancesRemoved: ledger.totals.instancesRemoved, isAbandoning: isAbandoning, isWaveConfirmed: isWaveConfirmed,
      seed: 2)
    feed(.started(waiting: ledger.waiting))
  }

  // MARK: What has come of it

  func row(_ number: Int = 1) -> ChangeRow { ledger.row(number) ?? ChangeRow() }
  func state(_ number: Int = 1) -> ChangeState { row(number).state }
  var states: [ChangeState] { ledger.changes.map { state($0.number) } }

  /// The record in force.
  func record(_ number: Int = 1) -> PriorRecord? {
    row(number).recordAttempt.flatMap { ledger.entries[number]?.records[$0] }
  }

  /// Milliseconds until a change is due again; `nil` where it does not wait.
  func wait(_ number: Int = 1) -> Int? { row(number).wait.map { $0.dueAt - now.wall } }

  /// Lets the time pass until a change that waits is being read.
  func passUntilRead(_ number: Int = 1) {
    if let wait = wait(number), wait > 0 { pass(.milliseconds(wait)) }
    // Probes of an endpoint that is silent have a time of their own.
    passUntil { reads.contains(number) }
  }

  private func passUntil(_ isDone: () -> Bool) {
    var patience = 100
    while !isDone(), patience > 0 {
      pass(.milliseconds(100))
      patience -= 1
    }
  }
}

extension RunOptions {
  /// Without a rate, so that only the rule under test decides when something leaves.
  static var unpaced: RunOptions {
    var options = RunOptions()
    options.rate = 0
    options.concurrency = 8
    options.maxFailures = .count(1_000)
    return options
  }

  static func unpaced(_ change: (inout RunOptions) -> Void) -> RunOptions {
    var options = unpaced
    change(&options)
    return options
  }
}

extension ScalingGroup {
  /// A group in service between 0 and 20 instances.
  static func with(_ values: GroupModification, isScaling: Bool = false, current: Int? = nil) -> ScalingGroup {
    ScalingGroup(
      id: "g", values: values.merging(defaults: [.minInstanceNumber: 0, .maxInstanceNumber: 20]), status: "INSERVICE",
      isScaling: isScaling, currentInstanceNumber: current ?? values[.desireInstanceNumber]?.integerValue)
  }
}

extension GroupModification: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral elements: (GroupField, FieldValue)...) {
    self.init()
    for (field, value) in elements { self[field] = value }
  }
}

extension FieldValue: ExpressibleByIntegerLiteral {
  init(integerLiteral value: Int) { self = .integer(value) }
}

extension FieldValue: ExpressibleByStringLiteral {
  init(stringLiteral value: String) { self = .string(value) }
}

extension FieldValue: ExpressibleByBooleanLiteral {
  init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension FieldValue: ExpressibleByArrayLiteral {
  init(arrayLiteral elements: String...) { self = .strings(elements) }
}
