import GRDB
import Ledger
import Testing

@Suite struct LedgerTimeTests {
  @Test func `times are written as SQLite writes them in the views`() throws {
    let database = try DatabaseQueue()
    let seed = UInt64.random(in: 0 ... .max)
    var state = seed
    var times = [0, 1, 999, -1, -86_400_001, 951_782_399_999, 951_782_400_000, 4_107_542_399_999]
    for _ in 0..<500 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      times.append(Int(state >> 20) % 4_102_444_800_000)
    }
    try database.read { database in
      for time in times {
        let text = try String.fetchOne(
          database, sql: "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ? / 1000.0, 'unixepoch')", arguments: [time])
        #expect(LedgerTime.iso8601(time) == text, "\(time), seed \(seed)")
      }
    }
  }
}
