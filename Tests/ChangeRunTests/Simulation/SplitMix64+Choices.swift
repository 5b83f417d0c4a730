import ChangeRun

/// Choices of a simulation. Plain remainders: the bias is of no interest here, the speed of 10,000 seeds is.
extension SplitMix64 {
  mutating func below(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(next() >> 11) % limit }

  mutating func between(_ low: Int, _ high: Int) -> Int { low + below(high - low + 1) }

  /// True `share` times in a thousand.
  mutating func chance(_ share: Int) -> Bool { share > 0 && below(1_000) < share }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
