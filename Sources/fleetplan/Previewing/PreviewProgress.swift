/// Shows on a terminal how far a look at the cloud is whose findings are not shown there.
final class PreviewProgress {
  private let context: CommandContext
  private let total: Int?
  private let noun: String
  private let isShown: Bool
  private var next = ContinuousClock.now + .milliseconds(500)
  private var isDrawn = false

  /// - Parameters:
  ///   - context: has standard error.
  ///   - total: how many there are; `nil` where that is not known.
  ///   - noun: what is counted, in the singular.
  ///   - isShown: whether to show anything at all.
  init(_ context: CommandContext, total: Int?, noun: String = "change", isShown: Bool = true) {
    self.context = context
    self.total = total
    self.noun = noun
    self.isShown = isShown && context.errors.isTerminal && !context.isQuiet && context.environment["TERM"] != "dumb"
  }

  func update(_ count: Int) {
    guard isShown, ContinuousClock.now >= next else { return }
    next = .now + .milliseconds(100)
    let text =
      total.map { "\(PlanWords.grouped(count)) of \(PlanWords.count($0, noun))" } ?? PlanWords.count(count, noun)
    context.errors.write("\rlooking: \(text)\u{1B}[K")
    isDrawn = true
  }

  /// Makes room for other lines.
  func clear() {
    if isDrawn { context.errors.write("\r\u{1B}[K") }
    isDrawn = false
  }
}
