import Testing

@testable import Ledger

@Suite struct PairSorterTests {
  @Test(arguments: [0, 1, 7, 8, 9, 64, 1_000, 20_000])
  func `pairs come back sorted, whether they fit into memory or not`(count: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var state = seed
    var pairs: [PairSorter.Pair] = []
    let sorter = PairSorter(runLength: 8 + count / 5)
    for value in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // A few keys come again; some are negative.
      let pair = PairSorter.Pair(key: Int64(bitPattern: state) >> 50, value: Int64(value))
      pairs.append(pair)
      try sorter.add(key: pair.key, value: pair.value)
    }
    var sorted: [PairSorter.Pair] = []
    while let pair = try sorter.next() { sorted.append(pair) }
    #expect(sorter.count == count)
    #expect(sorted == pairs.sorted(), "seed \(seed)")
  }
}
