import Testing

@testable import fleetplan

struct ProgressScheduleTests {
  @Test func `lines come after a second, then every five, then every thirty`() {
    var schedule = ProgressSchedule()
    let due = (0...1_500).map { Double($0) / 10 }.filter { schedule.isDue($0) }
    #expect(due == [1, 5, 10, 15, 20, 25, 30, 60, 90, 120, 150])
  }

  @Test func `what was missed is not made up for`() {
    var schedule = ProgressSchedule()
    #expect([0.5, 1.7, 17, 18, 19.9, 20, 400, 401, 420].filter { schedule.isDue($0) } == [1.7, 17, 20, 400, 420])
  }
}
