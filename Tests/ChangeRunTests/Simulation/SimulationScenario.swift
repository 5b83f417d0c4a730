import AutoScaling

@testable import ChangeRun

/// What a seed stands for: groups, a plan, options and weather.
struct SimulationScenario {
  /// Shares are of a thousand.
  struct Weather {
    /// Of requests that go wrong somehow.
    var faults = 0
    var staleReads = 0
    var crashes = 0
    /// Of steps at which a signal comes.
    var stops = 0
    var credentialsFail = false
    /// How long tokens last, in nanoseconds; `nil` where none are needed.
    var tokenLife: Int?
    /// The service's idea of their end is earlier by so much than what IAM has said.
    var tokenSkew = 0
    var latency = 1...20
    /// How long a changed desired number keeps the group scaling, in nanoseconds.
    var scalingTime = 0
    /// When nothing answers, in ticks.
    var outages: [Range<Int>] = []
    /// In an outage requests get through to somebody who does not answer.
    var outageLosesAnswers = false
    var touches: [(at: Int, group: Int, field: GroupField, value: FieldValue)] = []
    var deletions: [(at: Int, group: Int)] = []
    /// Of PUTs with a number: somebody else sets the same number just before.
    var overtakings = 0
    /// Of AS.2028, AS.2030 and AS.2033: somebody deletes the group then.
    var deletionsAfterRefusals = 0
  }

  let seed: UInt64
  var options = RunOptions()
  var weather = Weather()
  var groups: [SimulatedService.Group] = []
  var changes: [PlannedChange] = []
  /// The expectations are those that hold when the plan is made.
  var expectationsHold = true
  var retriesFailed = false

  private static let fields: [GroupField] = [
    .desireInstanceNumber, .coolDownTime, .availableZones, .deleteVolume, .scalingGroupName,
  ]

  init(seed: UInt64) {
    self.seed = seed
    // Another stream than the run's own.
    var random = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 77)
    makeGroups(&random)
    makeChanges(&random)
    makeOptions(&random)
    makeWeather(&random)
  }

  private mutating func makeGroups(_ random: inout SplitMix64) {
    for index in 0..<random.between(1, random.pick([2, 6])) {
      var values = GroupModification([.minInstanceNumber: .integer(0), .maxInstanceNumber: .integer(20)])
      for field in Self.fields { values[field] = Self.value(of: field, &random) }
      // A field that the group does not show.
      if random.chance(100) { values[.deleteVolume] = nil }
      var group = SimulatedService.Group(
        reference: GroupReference(projectID: "p", groupID: "g\(index)"), values: values, initial: values)
      group.isMissing = random.chance(15)
      groups.append(group)
    }
  }

  private static func value(of field: GroupField, _ random: inout SplitMix64) -> FieldValue {
    switch field {
    case .desireInstanceNumber: .integer(random.between(0, 4))
    case .coolDownTime: .integer(random.pick([0, 60, 300]))
    case .availableZones: .strings(random.pick([["a"], ["a", "b"], ["b", "a"], ["c"]]))
    case .deleteVolume: .boolean(random.chance(500))
    default: .string(random.pick(["one", "two", "three"]))
    }
  }

  private mutating func makeChanges(_ random: inout SplitMix64) {
    var last: [Int: Int] = [:]
    let wrongExpectations = random.chance(100)
    for number in 1...random.between(1, random.pick([2, 5, 12])) {
      let groupIndex = random.below(groups.count)
      var planned = GroupModification()
      repeat {
        for field in Self.fields where random.chance(350) { planned[field] = Self.value(of: field, &random) }
      } while planned.isEmpty
      var change = PlannedChange(
        number: number, groupIndex: groupIndex, group: groups[groupIndex].reference, planned: planned)
      change.predecessor = last[groupIndex]
      if let before = last[groupIndex] { changes[before - 1].successor = number }
      last[groupIndex] = number
      if let field = planned.fields.first, change.predecessor == nil, random.chance(200) {
        if wrongExpectations {
          change.expected[field] = Self.value(of: field, &random)
          expectationsHold = false
        } else if let value = groups[groupIndex].values[field] {
          change.expected[field] = value
        }
      }
      changes.append(change)
    }
  }

  private mutating func makeOptions(_ random: inout SplitMix64) {
    options.rate = random.pick([0, 0, 0, 100, 20, 7.5, 2])
    options.concurrency = random.between(1, 8)
    options.maxAttempts = random.pick([1, 2, 3, 8])
    options.requestTimeout = .seconds(random.pick([2, 30]))
    options.waitScaling = .seconds(random.pick([20, 120, 900]))
    options.waitEndpoint = .seconds(random.pick([30, 900]))
    options.maxFailures = random.pick([.count(0), .count(1), .count(100), .share(percent: 10)])
    options.keepGoing = random.chance(300)
    if random.chance(150) { options.verify = true }
    if random.chance(100) { options.waitStable = .seconds(60) }
    if random.chance(150) { options.waves = Waves(text: random.pick(["1,50%", "2", "10%,50%,100%"])) }
    if options.waves != nil {
      options.confirmWaves = random.chance(300)
      if random.chance(300) { options.wavePause = .seconds(5) }
    }
    if random.chance(100) { options.maxRemoved = random.between(0, 4) }
    if random.chance(50) { options.stopAfter = .seconds(random.between(1, 40)) }
    retriesFailed = random.chance(200)
  }

  private mutating func makeWeather(_ random: inout SplitMix64) {
    weather.faults = random.pick([0, 0, 30, 100, 300, 500])
    weather.staleReads = random.pick([0, 0, 100, 300])
    weather.crashes = random.pick([0, 0, 5, 15, 40])
    weather.stops = random.pick([0, 0, 0, 10])
    weather.credentialsFail = random.chance(50)
    if random.chance(200) { weather.latency = 1...3_000 }
    if random.chance(300) { weather.scalingTime = random.between(1, 60) * 1_000_000_000 }
    if random.chance(150) {
      let start = random.below(3_000) * 1_000_000
      weather.outages.append(start..<start + random.between(1, 100) * 1_000_000_000)
      weather.outageLosesAnswers = random.chance(500)
    }
    if random.chance(200) {
      for _ in 0...random.below(3) {
        let field = random.pick(Self.fields)
        weather.touches.append(
          (random.below(60_000) * 1_000_000, random.below(groups.count), field, Self.value(of: field, &random)))
      }
    }
    if random.chance(60) { weather.deletions.append((random.below(40_000) * 1_000_000, random.below(groups.count))) }
    if random.chance(100) { weather.overtakings = 400 }
    if random.chance(100) { weather.deletionsAfterRefusals = 100 }
    for index in groups.indices where random.chance(50) {
      groups[index].scalingUntil = random.between(1, 1_500) * 1_000_000_000
    }
    if random.chance(250) {
      weather.tokenLife = random.pick([10, 30, 86_400]) * 1_000_000_000
      if random.chance(300) { weather.tokenSkew = random.between(0, 3_000) * 1_000_000 }
    }
  }
}
