/// Which rows of a list are still to be asked for, by what the answers say.
struct GroupListing {
  private let pageSize: Int
  private let overlap: Int
  private var total: Int?
  /// Behind the last row that was asked for.
  private var end = 0
  private var isEnded = false
  /// What pages shorter than asked for have left out.
  private var gaps: [Range<Int>] = []

  /// - Parameters:
  ///   - pageSize: rows of a page, at most.
  ///   - overlap: rows at the end of a page that the next one has too, fewer than a page.
  init(pageSize: Int, overlap: Int = 0) {
    precondition(overlap >= 0 && overlap < pageSize, "a page must bring something new")
    self.pageSize = pageSize
    self.overlap = overlap
  }

  /// How many pages are left, as far as is known.
  var pagesLeft: Int {
    guard let total else { return end == 0 ? 1 : 0 }
    if isEnded { return gaps.count }
    let step = pageSize - overlap
    return gaps.count + (max(total - end, 0) + step - 1) / step
  }

  /// Whether going on is cheaper than asking for so many groups one by one.
  ///
  /// As many pages as groups are worth it, since the groups may be on the first of them. One group is asked for by its
  /// id, which is sure to settle it.
  func isWorthwhile(for groups: Int) -> Bool { groups > 1 && groups >= pagesLeft }

  /// The rows of the next page; `nil` where there is none, or where the first answer has to come before.
  mutating func next() -> Range<Int>? {
    if !gaps.isEmpty { return gaps.removeFirst() }
    guard !isEnded, end < total ?? 1 else { return nil }
    let start = max(end - overlap, 0)
    end = start + pageSize
    return start..<end
  }

  /// Takes note of a page: the next row is the one after those that have really come (the reference, section 3).
  mutating func received(_ count: Int, of rows: Range<Int>, total: Int) {
    self.total = total
    let next = rows.lowerBound + count
    let end = min(rows.upperBound, total)
    if count > 0, next < end { gaps.append(max(next - overlap, rows.lowerBound + 1)..<end) }
    // A whole page that is empty is the end, whatever the total says.
    if count == 0, rows.count == pageSize { isEnded = true }
  }
}
