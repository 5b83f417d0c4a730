import Testing

@testable import fleetplan

struct GroupListingTests {
  @Test(arguments: [
    (3, 40_000, false), (398, 40_000, false), (399, 40_000, true), (40_000, 40_000, true), (1, 150, false),
    (2, 350, false), (2, 300, true),
  ])
  func `pages are gone through where that is cheaper than single reads`(groups: Int, total: Int, isWorthwhile: Bool) {
    var listing = GroupListing(pageSize: 100)
    #expect(listing.isWorthwhile(for: groups) == (groups > 1))
    #expect(listing.next() == 0..<100)
    listing.received(100, of: 0..<100, total: total)
    // The first page has shown none of them.
    #expect(listing.isWorthwhile(for: groups) == isWorthwhile)
  }

  @Test func `a list in full pages is asked for once`() {
    var listing = GroupListing(pageSize: 100)
    #expect(listing.next() == 0..<100)
    #expect(listing.next() == nil)
    listing.received(100, of: 0..<100, total: 250)
    #expect(listing.pagesLeft == 2)
    #expect(listing.next() == 100..<200)
    #expect(listing.next() == 200..<300)
    #expect(listing.next() == nil)
    listing.received(100, of: 100..<200, total: 250)
    listing.received(50, of: 200..<300, total: 250)
    #expect(listing.next() == nil)
    #expect(listing.pagesLeft == 0)
  }

  @Test func `shorter pages than asked for leave no gap`() {
    var listing = GroupListing(pageSize: 100)
    var received: [Int] = []
    var requests = 0
    // A service that gives at most 40 rows, whatever is asked for.
    while let rows = listing.next() {
      let rowsGiven = rows.lowerBound..<min(rows.lowerBound + 40, rows.upperBound, 250)
      received += rowsGiven
      requests += 1
      listing.received(rowsGiven.count, of: rows, total: 250)
    }
    #expect(received.sorted() == Array(0..<250))
    #expect(requests == 8)
  }

  @Test func `a list that becomes longer is gone through to its new end`() {
    var listing = GroupListing(pageSize: 100)
    #expect(listing.next() == 0..<100)
    listing.received(100, of: 0..<100, total: 100)
    #expect(listing.next() == nil)
    var longer = GroupListing(pageSize: 100)
    #expect(longer.next() == 0..<100)
    longer.received(100, of: 0..<100, total: 150)
    #expect(longer.next() == 100..<200)
    longer.received(100, of: 100..<200, total: 230)
    #expect(longer.next() == 200..<300)
  }

  @Test func `an empty page ends a list whose total is wrong`() {
    var listing = GroupListing(pageSize: 100)
    #expect(listing.next() == 0..<100)
    listing.received(30, of: 0..<100, total: 60)
    #expect(listing.next() == 30..<60)
    listing.received(0, of: 30..<60, total: 60)
    #expect(listing.next() == nil)
    var endless = GroupListing(pageSize: 100)
    #expect(endless.next() == 0..<100)
    endless.received(100, of: 0..<100, total: 1_000_000)
    #expect(endless.next() == 100..<200)
    endless.received(0, of: 100..<200, total: 1_000_000)
    #expect(endless.next() == nil)
    #expect(endless.pagesLeft == 0)
  }

  @Test func `pages that share a row leave no row out, however short they come`() {
    for most in [1, 2, 3, 7, 10] {
      for total in [0, 1, 2, 9, 10, 11, 28, 29, 100] {
        var listing = GroupListing(pageSize: 10, overlap: 1)
        var seen: Set<Int> = []
        var requests = 0
        while let rows = listing.next(), requests < 500 {
          requests += 1
          let given =
            min(rows.lowerBound, total)..<min(rows.lowerBound + most, rows.upperBound, max(total, rows.lowerBound))
          seen.formUnion(given)
          listing.received(given.count, of: rows, total: total)
        }
        #expect(seen == Set(0..<total), "at most \(most) of \(total)")
        #expect(listing.pagesLeft == 0)
      }
    }
  }
}
