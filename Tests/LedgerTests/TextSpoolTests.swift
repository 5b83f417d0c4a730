import Ledger
import Testing

struct TextSpoolTests {
  @Test func `a text is given once, by its number`() throws {
    let spool = try TextSpool()
    #expect(try spool.take(1) == nil)
    try spool.put("seven", at: 7)
    try spool.put("", at: 3)
    #expect(spool.count == 2)
    #expect(try spool.take(5) == nil)
    #expect(try spool.take(7) == "seven")
    #expect(try spool.take(7) == nil)
    #expect(try spool.take(3)?.isEmpty == true)
    #expect(spool.count == 0)
    try spool.put("again", at: 7)
    #expect(try spool.take(7) == "again")
  }
}
