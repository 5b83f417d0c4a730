import Testing

@testable import ChangeRun

/// Contract, guarantee 5, in virtual time.
@Suite struct PacerTests {
  /// When requests leave, if the run is woken late and heads are written late, both by up to a share of the interval,
  /// and the machine stands still at some ticks for a while.
  private static func leaves(
    rate: Double, seconds: Int, jitter: Double, stalls: [(at: Int, duration: Int)] = []
  ) -> [Int] {
    var random = SplitMix64(seed: 7)
    var pacer = Pacer(rate: rate)
    var stalls = stalls[...]
    var leaves: [Int] = []
    // Grants whose heads are still to be written, earliest first.
    var heads: [Int] = []
    let late = Int(1_000_000_000 / rate * jitter)
    var now = 0
    func write() {
      now = max(now, heads.removeFirst())
      leaves.append(now)
      pacer.headWritten(now: now)
    }
    while now < seconds * 1_000_000_000 {
      if let stall = stalls.first, now >= stall.at {
        stalls.removeFirst()
        now += stall.duration
      }
      while let head = heads.first, head <= now { write() }
      switch pacer.take(now: now) {
      case .granted:
        heads.append(now + Int.random(in: 0...late / 2, using: &random))
        heads.sort()
      case .wait(let tick):
        #expect(tick > now)
        let wake = tick + Int.random(in: 0...late / 2, using: &random)
        if let head = heads.first, head < wake { write() } else { now = wake }
      case .outstanding:
        guard !heads.isEmpty else {
          Issue.record("nothing is outstanding")
          return leaves
        }
        write()
      }
    }
    return leaves
  }

  private static func mostInASecond(_ leaves: [Int]) -> Int {
    var most = 0
    var first = 0
    for (index, tick) in leaves.enumerated() {
      while tick - leaves[first] >= 1_000_000_000 { first += 1 }
      most = max(most, index - first + 1)
    }
    return most
  }

  @Test(arguments: [10.0, 100, 1_000, 3_000], [0.0, 0.5, 0.95])
  func `the mean is within 0.6 % and no window has more than rate + 1`(rate: Double, jitter: Double) {
    let seconds = rate >= 1_000 ? 20 : 100
    let leaves = Self.leaves(rate: rate, seconds: seconds, jitter: jitter)
    let mean = Double(leaves.count) / Double(seconds)
    #expect(abs(mean - rate) <= rate * 0.006)
    #expect(Self.mostInASecond(leaves) <= Int(rate) + 1)
  }

  @Test(arguments: [0.1, 0.5, 1, 1.5, 1.99, 2.5, 7.5, 10, 33.3, 199.5, 200, 999.9])
  func `the window holds for broken rates too, whatever the stalls`(rate: Double) {
    let stalls = (1...40).map { (at: $0 * 2_000_000_000, duration: $0 * 37_000_000) }
    for jitter in [0, 0.3, 0.9, 3] {
      let leaves = Self.leaves(rate: rate, seconds: 90, jitter: jitter, stalls: stalls)
      #expect(Double(Self.mostInASecond(leaves)) <= rate + 1)
    }
  }

  @Test func `a stall is never made up by a burst`() {
    let leaves = Self.leaves(rate: 100, seconds: 30, jitter: 0, stalls: [(at: 10_000_000_000, duration: 5_000_000_000)])
    #expect(leaves.count <= 100 * 25 + 1)
    let after = leaves.filter { $0 >= 15_000_000_000 }
    #expect(after.filter { $0 < 15_100_000_000 }.count <= 11)
  }

  @Test(arguments: [(100.0, 1), (399, 1), (400, 2), (1_000, 5), (3_000, 15)])
  func `as many grants are outstanding as keep the window`(rate: Double, limit: Int) {
    var pacer = Pacer(rate: rate)
    var now = 0
    for _ in 1...limit {
      while case .wait(let tick) = pacer.take(now: now) { now = tick }
    }
    now += 1_000_000_000
    #expect(pacer.take(now: now) == .outstanding)
    pacer.headWritten(now: now)
    #expect(pacer.take(now: now) != .outstanding)
  }

  @Test func `a head that is written late moves the next one`() {
    var pacer = Pacer(rate: 10)
    #expect(pacer.take(now: 0) == .granted)
    // A slow connect.
    pacer.headWritten(now: 1_000_000_000)
    #expect(pacer.take(now: 1_000_000_000) == .granted)
    pacer.headWritten(now: 1_000_000_000)
    // One interval of credit is all.
    guard case .wait(let tick) = pacer.take(now: 1_000_000_000) else {
      Issue.record("a burst")
      return
    }
    #expect(tick >= 1_100_000_000)
  }

  @Test func `it starts without credit`() {
    var pacer = Pacer(rate: 10)
    #expect(pacer.take(now: 5_000_000_000) == .granted)
    pacer.headWritten(now: 5_000_000_000)
    guard case .wait(let tick) = pacer.take(now: 5_000_000_000) else {
      Issue.record("credit at the start")
      return
    }
    #expect(tick >= 5_100_000_000)
  }

  @Test func `0 is unlimited`() {
    var pacer = Pacer(rate: 0)
    #expect(pacer.isUnlimited)
    for _ in 1...100 { #expect(pacer.take(now: 0) == .granted) }
  }

  @Test func `a new rate keeps the distance to the last request`() {
    var pacer = Pacer(rate: 1)
    #expect(pacer.take(now: 0) == .granted)
    pacer.headWritten(now: 0)
    pacer.setRate(100, now: 500)
    guard case .wait(let tick) = pacer.take(now: 500) else {
      Issue.record("granted")
      return
    }
    #expect((10_000_000...10_100_000).contains(tick))
  }
}
