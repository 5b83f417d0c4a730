import AutoScaling

/// Lists the groups of projects and writes those that are wanted as a plan.
struct GroupPlanSession {
  /// What was found.
  struct Totals: Hashable {
    /// Groups that the list has shown, and those of them that were wanted.
    var listed = 0
    var wanted = 0
    /// Wanted groups that hold everything already that is to be set.
    var holding = 0
    /// Wanted groups without any value of the fields asked for.
    var withoutValues = 0
    /// Values that the plan cannot hold.
    var unheld = 0
    /// Texts that a spreadsheet takes for formulas.
    var formulas = 0
  }

  /// Values that the plan cannot hold beyond these are counted only.
  private static let listedWarnings = 100

  let context: CommandContext
  let inventory: GroupInventory
  let selection: GroupSelection
  let maker: GroupPlanRowMaker
  let output: GroupPlanOutput
  private(set) var totals = Totals()

  init(
    _ context: CommandContext, inventory: GroupInventory, selection: GroupSelection, maker: GroupPlanRowMaker,
    output: GroupPlanOutput
  ) {
    self.context = context
    self.inventory = inventory
    self.selection = selection
    self.maker = maker
    self.output = output
  }

  /// Goes through the projects, one after the other, and writes the plan as the answers come.
  ///
  /// - Throws: `CommandError`: 77 where the credentials are refused, 69 where a list cannot be had;
  ///   `PreviewOutput.ReaderGone`.
  mutating func run(projects: [String]) async throws {
    let progress = PreviewProgress(context, total: nil, noun: "group", isShown: !context.output.isTerminal)
    do {
      for projectID in projects {
        let before = totals.listed
        let outcome = try await inventory.list(projectID) {
          progress.update(before + $0)
        } visit: { group in
          totals.listed += 1
          if selection.includes(group) { try add(group, projectID) }
        }
        progress.clear()
        switch outcome.notice {
        case .movedOnce(let text): context.note("project \(projectID): \(text)")
        case .incomplete(let text): context.warn("project \(projectID): \(text)")
        case nil: break
        }
      }
      try output.finish()
    } catch var error as CommandError {
      progress.clear()
      if output.hasWrittenPart { error.message += ". What was written to standard output is not the whole list" }
      throw error
    }
  }

  private mutating func add(_ group: ScalingGroup, _ projectID: String) throws {
    totals.wanted += 1
    let row = maker.row(group)
    if row.holdsAssignments { totals.holding += 1 }
    for field in row.unheld {
      totals.unheld += 1
      guard totals.unheld <= Self.listedWarnings else { continue }
      let reason = maker.expectsLiveValues ? "a cell of a plan cannot hold it" : "it cannot be written back"
      context.warn("group \(group.id): the live value of \(field.rawValue) is left out: \(reason)")
    }
    if maker.isCSV { totals.formulas += row.formulaCount }
    // A plan with a row that says nothing would be refused.
    if row.planned.isEmpty {
      totals.withoutValues += 1
    } else {
      try output.add(row, of: GroupReference(projectID: projectID, groupID: group.id))
    }
  }

  // MARK: Words

  /// Says what was found, on standard error.
  func tellTotals(projects: Int, requests: Int, path: String?) {
    if totals.unheld > Self.listedWarnings {
      context.warn("\(PlanWords.grouped(totals.unheld - Self.listedWarnings)) more of these")
    }
    if totals.formulas > 0 {
      context.warn(
        "\(PlanWords.count(totals.formulas, "text")) beginning with =, +, - or @: a spreadsheet takes that for a "
          + "formula; import these columns as text")
    }
    var text = "\(PlanWords.count(totals.listed, "group")) in \(PlanWords.count(projects, "project"))"
    text += ", \(PlanWords.count(requests, "request"))"
    if totals.wanted != totals.listed {
      text += "; \(totals.wanted == 0 ? "none" : PlanWords.grouped(totals.wanted)) of them chosen"
    }
    if totals.withoutValues > 0 {
      text += "; \(PlanWords.grouped(totals.withoutValues)) left out, which have no value for any of the columns"
    }
    if !maker.assignments.isEmpty, totals.wanted > 0 {
      switch totals.holding {
      case 0: text += "; none holds what is to be set already"
      case 1: text += "; 1 holds what is to be set already"
      default: text += "; \(PlanWords.grouped(totals.holding)) hold what is to be set already"
      }
    }
    context.note((path.map { "\($0): " } ?? "") + text)
  }
}

extension GroupPlanRow {
  /// Live texts that a spreadsheet takes for formulas (OWASP, "CSV Injection").
  fileprivate var formulaCount: Int {
    planned.entries.count { entry in
      guard case .string(let text) = entry.value, let first = text.utf8.first else { return false }
      return "=+-@".utf8.contains(first)
    }
  }
}
