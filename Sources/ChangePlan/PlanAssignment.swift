package import AutoScaling

/// A field with its new value as the command line gives it, `cool_down_time=300`: read and checked as a cell of a CSV
/// plan is (contract, section 2).
package struct PlanAssignment: Sendable, Hashable {
  package var field: GroupField
  package var value: FieldValue

  /// Reads `FIELD=VALUE`.
  ///
  /// - Throws: `PlanArgumentProblem` in the words that a plan's diagnostics have.
  package init(argument: String) throws(PlanArgumentProblem) {
    guard let equals = argument.firstIndex(of: "=") else {
      throw PlanArgumentProblem("\(argument.quotedForMessage) is no assignment: write FIELD=VALUE")
    }
    let field = try GroupField(planName: String(argument[..<equals]))
    self.field = field
    var text = String(argument[argument.index(after: equals)...])
    if text.isEmpty {
      throw PlanArgumentProblem(
        "\(field.rawValue): there is no value; for fields that can be empty, \"\" is the empty string and [] the empty list"
      )
    }
    var strings = StringCache()
    // `withUTF8` rethrows only untyped errors.
    let result: Result<FieldValue, ValueProblem> = text.withUTF8 { utf8 in
      do throws(ValueProblem) {
        return .success(try FieldValue(field: field, cell: UnsafeRawBufferPointer(utf8), strings: &strings))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let value): self.value = value
    case .failure(let problem): throw PlanArgumentProblem("\(field.rawValue): \(problem.message)")
    }
    if let problem = field.problem(with: value) { throw PlanArgumentProblem("\(field.rawValue): \(problem)") }
  }
}

extension GroupModification {
  /// What several assignments set together.
  ///
  /// - Throws: `PlanArgumentProblem`, also where a field is set twice or where two of them contradict each other.
  package init(assignments arguments: [String]) throws(PlanArgumentProblem) {
    self.init()
    for argument in arguments {
      let assignment = try PlanAssignment(argument: argument)
      if self[assignment.field] != nil { throw PlanArgumentProblem("\(assignment.field.rawValue) is set twice") }
      self[assignment.field] = assignment.value
    }
    if let problem = crossFieldProblems().first {
      throw PlanArgumentProblem("\(problem.field.rawValue): \(problem.message)")
    }
  }
}

extension GroupField {
  /// The field that a plan calls so.
  ///
  /// - Throws: `PlanArgumentProblem` for other names, with the one that was probably meant.
  package init(planName name: String) throws(PlanArgumentProblem) {
    if let field = GroupField(rawValue: name) {
      self = field
      return
    }
    if let column = PlanColumn(name: name) {
      throw PlanArgumentProblem("\(column.name) is not a field that can be changed")
    }
    throw PlanArgumentProblem(
      "unknown field \(name.quotedForMessage)\(NameSuggestion.text(for: name, among: PlanColumn.fieldNames))")
  }
}

/// Why a part of the command line is no field, or no value of its field: what is wrong and what would be right.
package struct PlanArgumentProblem: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
