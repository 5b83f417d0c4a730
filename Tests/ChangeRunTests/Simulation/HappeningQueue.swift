/// What is to happen, by time; what is due at the same time happens in the order in which it was put in.
struct HappeningQueue {
  private struct Item {
    var at: Int
    var happening: RunSimulation.Happening
  }

  /// The next one last. A few dozen at most, so a sorted array is fast enough.
  private var items: [Item] = []

  mutating func push(_ happening: RunSimulation.Happening, at: Int) {
    var index = items.count
    while index > 0, items[index - 1].at <= at { index -= 1 }
    items.insert(Item(at: at, happening: happening), at: index)
  }

  mutating func pop() -> (at: Int, happening: RunSimulation.Happening)? {
    items.popLast().map { ($0.at, $0.happening) }
  }
}
