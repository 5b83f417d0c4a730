/// What a preview writes to standard output: text for people, or a JSON document.
struct PreviewPage {
  private let source: PreviewSource
  private let presentation: PreviewSession.Presentation
  private let output: PreviewOutput
  private let people: PreviewText
  private var json: PreviewJSON
  private var hasBegun = false
  private var hasChanges = false

  init(_ context: CommandContext, _ source: PreviewSource, _ presentation: PreviewSession.Presentation) {
    self.source = source
    self.presentation = presentation
    output = PreviewOutput(context.output)
    people = PreviewText(
      usesColor: context.usesColor(on: context.output), namesProjects: source.projects.count > 1,
      columns: context.output.columns)
    json = PreviewJSON(source, withChanges: !presentation.isSummaryOnly)
  }

  /// There is something that `flush` would write.
  var hasText: Bool { !output.isEmpty }

  /// A change, for `write`; empty where only the sums are wanted.
  mutating func text(_ forecast: ChangeForecast) -> String {
    if presentation.isSummaryOnly { return "" }
    return presentation.isJSON ? json.change(forecast) : people.text(forecast)
  }

  /// Writes what `text` has made of a change.
  mutating func write(_ change: String) throws {
    if presentation.isSummaryOnly { return }
    try begin()
    hasChanges = true
    if presentation.isJSON { try output.write(json.separator()) }
    try output.write(change)
  }

  func flush() throws { try output.flush() }

  /// Writes what comes last.
  mutating func end(_ totals: PreviewTotals, rate: Double) throws {
    try begin()
    if presentation.isJSON {
      try output.write(json.closing(totals, rate: rate))
    } else {
      if hasChanges { try output.write("\n") }
      try output.write(
        people.summary(
          totals, title: source.title, projects: source.projects.count, rate: rate,
          hint: presentation.isSummaryOnly ? "without --summary each change is shown" : nil))
    }
    try output.flush()
  }

  /// Ends what has been begun where not everything could be seen. The error itself is told to standard error.
  mutating func end(_ error: CommandError) throws {
    if presentation.isJSON, hasBegun { try output.write(json.closing(error)) }
    try output.flush()
  }

  private mutating func begin() throws {
    if presentation.isJSON, !hasBegun { try output.write(json.opening()) }
    hasBegun = true
  }
}
