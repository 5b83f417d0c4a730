import AutoScaling
import JSONText

/// All groups of the simulated service, and what is under way with them.
///
/// Nothing here knows a clock: the time comes in with every call, and what is due by then happens first.
struct CloudState {
  /// A PUT whose effect comes later than its answer should have.
  struct LateEffect {
    var at: Duration
    var sequence: Int
    var group: Int
    var body: [UInt8]
  }

  let options: SimulatorOptions
  let faults: FaultPlan
  let generator: GroupGenerator
  private(set) var projects: [Project] = []
  private(set) var groups: [SimulatedGroup] = []
  private var groupIndex: [GroupReference: Int] = [:]
  private(set) var projectIndex: [String: Int] = [:]
  private(set) var vpcOfNetwork: [String: String] = [:]
  /// Before its last PUT, and when that came, for `stale-read`.
  var formerGroups: [Int: (group: SimulatedGroup, until: Duration)] = [:]
  var activities = ActivityLog()
  var lateEffects: [LateEffect] = []
  var throttleWindow = ThrottleWindow()
  var tokens: TokenStore
  var keyLock = FailureLock.accessKey
  var userLock = FailureLock.user
  var journal: Journal

  struct Project {
    var plan: GroupGenerator.Project
    /// Indices into `groups`, oldest first: the order of lists.
    var groups: [Int] = []
    var requestCounts = RequestCounts()
    var id: String { plan.id }
  }

  /// - Throws: `JournalError` where the journal's file cannot be made.
  init(options: SimulatorOptions, startedAt: Double) throws(JournalError) {
    self.options = options
    faults = FaultPlan(options.faults, seed: options.seed)
    generator = GroupGenerator(seed: options.seed, startedAt: Int(startedAt))
    tokens = TokenStore(seed: options.seed)
    journal = try Journal(limit: options.journalLimit, path: options.journalPath, startedAt: startedAt)
    groups.reserveCapacity(options.groups)
    for number in 0..<max(options.projects, 1) { add(generator.project(number)) }
    for number in 0..<max(options.groups, 0) {
      add(generator.group(number, in: projects[number % projects.count].plan))
    }
  }

  // MARK: Groups

  mutating func add(_ project: GroupGenerator.Project) {
    projectIndex[project.id] = projects.count
    projects.append(Project(plan: project))
    vpcOfNetwork.merge(project.vpcOfNetwork) { known, _ in known }
  }

  /// Adds a group, or puts it in the place of the one with its id.
  mutating func add(_ group: SimulatedGroup) {
    let reference = GroupReference(projectID: group.projectID, groupID: group.id)
    if let index = groupIndex[reference] {
      groups[index] = group
      formerGroups[index] = nil
      return
    }
    if projectIndex[group.projectID] == nil { add(generator.project(id: group.projectID)) }
    guard let project = projectIndex[group.projectID] else { return }
    groupIndex[reference] = groups.count
    projects[project].groups.append(groups.count)
    groups.append(group)
  }

  /// Forgets a group: requests about it get AS.2007, lists do not show it.
  mutating func remove(_ reference: GroupReference) {
    guard let index = groupIndex.removeValue(forKey: reference), let project = projectIndex[reference.projectID]
    else { return }
    // Its place in `groups` stays, so that the other indices keep their meaning.
    projects[project].groups.removeAll { $0 == index }
  }

  func index(of reference: GroupReference) -> Int? { groupIndex[reference] }

  /// Changes a group in place.
  mutating func update(_ index: Int, _ body: (inout SimulatedGroup) -> Void) { body(&groups[index]) }

  mutating func countRequest(_ method: FaultSpec.Method, project: Int) -> Int {
    projects[project].requestCounts.next(method)
  }

  // MARK: Time

  /// Carries out the late effects that are due.
  mutating func advance(to now: Duration) {
    guard let first = lateEffects.first, first.at <= now else { return }
    let due = lateEffects.prefix { $0.at <= now }
    lateEffects.removeFirst(due.count)
    for late in due {
      settle(late.group, at: late.at)
      let isRefused: Bool
      do throws(ServiceError) {
        try modify(late.group, body: late.body, at: late.at)
        isRefused = false
      } catch {
        isRefused = true
      }
      journal.lateEffect(late.sequence, isRefused ? .refusedLate : .appliedLate, at: late.at)
    }
  }

  mutating func schedule(_ late: LateEffect) {
    let place = lateEffects.firstIndex { $0.at > late.at } ?? lateEffects.endIndex
    lateEffects.insert(late, at: place)
  }

  /// Ends a group's scaling action if its time is over.
  mutating func settle(_ index: Int, at now: Duration) {
    guard let scaling = groups[index].scaling, scaling.endsAt <= now else { return }
    groups[index].scaling = nil
    groups[index].currentInstanceNumber = Int32(clamping: groups[index].desired)
    activities.finish(group: index, activity: scaling.activity, at: wallTime(scaling.endsAt))
  }

  /// Starts a scaling action towards the desired number, or turns the one in progress towards it; it lasts as the
  /// options and the seed have it, unless a duration is given.
  mutating func startScaling(_ index: Int, at now: Duration, lasting duration: Duration? = nil, reason: String) {
    let group = groups[index]
    if let scaling = group.scaling {
      activities.finish(group: index, activity: scaling.activity, at: wallTime(now))
    }
    groups[index].scalingCount += 1
    var hash = SeededHash(seed: options.seed, "scaling")
    hash.combine(group.id)
    hash.combine(Int(groups[index].scalingCount))
    let activity = activities.start(
      group: index, id: hash, from: Int(group.currentInstanceNumber), to: group.desired, reason: reason,
      at: wallTime(now))
    groups[index].scaling = SimulatedGroup.Scaling(
      endsAt: now + (duration ?? hash.duration(in: options.scalingTime)), activity: activity)
    settle(index, at: now)
  }

  /// Seconds since 1970.
  func wallTime(_ now: Duration) -> Int { generator.startedAt + Int(now.components.seconds) }

  // MARK: Modifying

  /// Carries out a PUT.
  ///
  /// - Throws: what the service refuses.
  mutating func modify(_ index: Int, body: [UInt8], at now: Duration) throws(ServiceError) {
    let modification = try ModificationBody.read(body)
    try FieldChecks.check(modification)
    try GroupChecks(
      group: groups[index], modification: modification, vpcOfNetwork: vpcOfNetwork, faults: faults
    ).run()
    apply(modification, to: index, at: now)
  }

  /// Sets the fields, without a check; a changed desired number starts a scaling action where the group is in service.
  mutating func apply(_ modification: GroupModification, to index: Int, at now: Duration) {
    if faults.hasStaleReads { formerGroups[index] = (groups[index], until: now) }
    let before = groups[index].desired
    groups[index].apply(modification)
    // A paused group takes the number and acts on it when it is resumed (the reference, section 4).
    if groups[index].status == "INSERVICE", groups[index].desired != before {
      startScaling(index, at: now, reason: "MANNUAL")
    }
  }
}

/// When the latest requests came, for `throttle`.
struct ThrottleWindow {
  private var times: [Duration] = []
  private var next = 0

  /// Whether one more request stays within the limit in every window of one second; it counts only if so.
  mutating func admits(at now: Duration, limit: Int) -> Bool {
    if times.count < limit {
      times.append(now)
      return true
    }
    // The oldest of the last `limit` admitted requests.
    if now - times[next] < .seconds(1) { return false }
    times[next] = now
    next = (next + 1) % limit
    return true
  }
}
