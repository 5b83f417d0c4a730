/// Finds the name that somebody probably meant.
enum NameSuggestion {
  /// ` (did you mean …?)`, or nothing where no candidate is near.
  static func text(for name: String, among candidates: [String]) -> String {
    nearest(to: name, among: candidates).map { " (did you mean \($0)?)" } ?? ""
  }

  /// The nearest of the candidates: at most a third of the letters differ, or the name is a part of it.
  static func nearest(to name: String, among candidates: [String]) -> String? {
    let letters = Array(normalized(name).unicodeScalars)
    // Longer than any candidate can be near to; also bounds the work for a hostile header.
    guard letters.count >= 2, letters.count <= 64 else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let distance = editDistance(letters, Array(candidate.unicodeScalars))
      if distance <= max(2, letters.count / 3), distance < best?.distance ?? .max, distance < letters.count {
        best = (candidate, distance)
      }
    }
    if let best { return best.candidate }
    guard letters.count >= 3 else { return nil }
    return candidates.filter { $0.contains(normalized(name)) }.min { ($0.count, $0) < ($1.count, $1) }
  }

  /// Lowercase, with `_` for what people write between words.
  private static func normalized(_ name: String) -> String {
    String(name.lowercased().map { $0 == " " || $0 == "-" || $0 == "." ? "_" : $0 })
  }

  /// Levenshtein distance with transpositions of neighbours as one step ("optimal string alignment").
  private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(previous[column + 1] + 1, current[column] + 1, previous[column] + (letter == other ? 0 : 1))
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforePrevious[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
